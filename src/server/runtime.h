#pragma once

#include <memory>
#include <string>

#include "engine/engine.h"
#include "net/http_client.h"
#include "server/world.h"
#include "store/store.h"
#include "tasks/registry.h"

namespace harmonia::server {

// The folder's SQLite store, or one in memory when `directory` is empty.
Result<std::unique_ptr<store::Store>> open_store(const std::string& directory);

// What the built-in components take and give, without a server.
workflow::ActionTypes built_in_actions();

struct RuntimeOptions {
  engine::EngineOptions engine;
  tasks::RegistryOptions registry;
};

// What every form of Harmonia is made of: store, runners and engine, wired to each other, started
// and stopped in the right order.
class Runtime {
 public:
  // `announcer` must outlive the runtime.
  Runtime(const RuntimeOptions& options, std::unique_ptr<store::Store> store,
          engine::Announcer& announcer);
  ~Runtime();  // stops
  Runtime(const Runtime&) = delete;
  Runtime& operator=(const Runtime&) = delete;

  // Runs that were in flight go on.
  Result<void> start();
  // Work in progress is given up without a report: it stays owed and begins again at the next
  // start. Outcomes that were reported before are made durable. Safe to call twice.
  void stop();

  store::Store& store() { return *store_; }
  engine::Engine& engine() { return *engine_; }
  tasks::Registry& registry() { return *registry_; }
  SystemClock& clock() { return clock_; }
  RandomIdSource& ids() { return ids_; }
  net::HttpClient& http_client() { return *http_client_; }

 private:
  void drain_reports();

  // Destroyed in the reverse order: who uses stands behind what it uses.
  SystemClock clock_;
  RandomIdSource ids_;
  std::unique_ptr<store::Store> store_;
  std::unique_ptr<net::HttpClient> http_client_;
  std::unique_ptr<tasks::Registry> registry_;
  std::unique_ptr<engine::Engine> engine_;
};

}  // namespace harmonia::server
