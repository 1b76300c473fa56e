#include "server/runtime.h"

#include <chrono>
#include <thread>

#include "store/memory/memory_store.h"
#include "store/sqlite/sqlite_store.h"

namespace harmonia::server {

Result<std::unique_ptr<store::Store>> open_store(const std::string& directory) {
  if (directory.empty()) return store::make_memory_store();
  return store::open_sqlite_store({.directory = directory});
}

workflow::ActionTypes built_in_actions() {
  auto client = net::HttpClient::create({});
  return tasks::Registry({}, *client).action_types();
}

Runtime::Runtime(const RuntimeOptions& options, std::unique_ptr<store::Store> store,
                 engine::Announcer& announcer)
    : store_(std::move(store)), http_client_(net::HttpClient::create({})) {
  registry_ = std::make_unique<tasks::Registry>(options.registry, *http_client_);
  engine_ = engine::Engine::create(options.engine, {.store = *store_,
                                                    .clock = clock_,
                                                    .ids = ids_,
                                                    .dispatcher = *registry_,
                                                    .announcer = announcer});
  registry_->connect(*engine_);
}

Runtime::~Runtime() { stop(); }

Result<void> Runtime::start() { return engine_->start(); }

void Runtime::stop() {
  registry_->stop();
  drain_reports();
  engine_->stop();
}

// The engine stops after the batch in hand; a report that still waits behind it would be lost, and
// its task done again.
void Runtime::drain_reports() {
  constexpr std::chrono::milliseconds step(2);
  constexpr int steps_max = 500;
  for (int i = 0; i < steps_max && engine_->status().mailbox_depth > 0; ++i) {
    std::this_thread::sleep_for(step);
  }
}

}  // namespace harmonia::server
