#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "engine/ports.h"
#include "net/http_client.h"
#include "tasks/runner.h"

namespace harmonia::tasks {

struct HttpOptions {
  bool allow_private_addresses = false;
  std::size_t response_size_max = 16u << 20;
};

struct ScriptOptions {
  bool enabled = false;
  Duration time_max = std::chrono::minutes(10);
  std::size_t memory_max = 1u << 30;  // bytes of address space of the child
  std::size_t output_max = 4u << 20;  // bytes of stdout, and of stderr
  unsigned parallel_max = 16;         // children at once; more wait
  std::string directory = {};         // where children run; empty: a fresh temporary folder each
};

struct RegistryOptions {
  HttpOptions http;
  ScriptOptions script;
  JsonObject secrets;  // NAME -> text, for ${secret.NAME}
};

// Hands assignments to the runner of their component and its outcomes back to the engine.
// Thread-safe.
class Registry final : public engine::Dispatcher {
 public:
  // With all built-in runners: http, script, transform, log, noop.
  Registry(const RegistryOptions& options, net::HttpClient& http_client);
  ~Registry() override;

  // Before the engine starts; once.
  void connect(engine::Engine& engine);
  // Cancels all work without reporting it (it stays owed) and waits for it. Safe to call twice.
  void stop();

  void dispatch(engine::Assignment assignment) override;
  void cancel(const engine::AttemptKey& key) override;

  struct ComponentInfo {
    std::string name;
    std::vector<ActionInfo> actions;
  };
  std::vector<ComponentInfo> components() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace harmonia::tasks
