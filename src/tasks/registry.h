#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/engine.h"
#include "engine/ports.h"
#include "net/http_client.h"
#include "tasks/http/circuit_breaker.h"
#include "tasks/runner.h"
#include "workflow/action_types.h"

namespace harmonia::tasks {

struct HttpOptions {
  bool allow_private_addresses = false;
  std::size_t response_size_max = 16u << 20;
  CircuitOptions circuit = {};
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
//
// What is wrong before a runner starts is reported as an error of the attempt that no repeat mends:
// `unknown_component`, `invalid_argument` (action, input), `secret_not_found`. Values of secrets
// are replaced by `[secret NAME]` in errors, and in outputs, which histories keep.
class Registry final : public engine::Dispatcher {
 public:
  // With all built-in runners: http, script, transform, log, noop. The client must outlive it.
  Registry(const RegistryOptions& options, net::HttpClient& http_client);
  ~Registry() override;  // stops

  // One more runner. Before `connect`; its component must be new.
  void add(std::unique_ptr<Runner> runner);
  // Before the engine starts; once. The engine must not be destroyed before `stop`.
  void connect(engine::Engine& engine);
  // Cancels all work without reporting it (it stays owed) and waits for it. Safe to call twice, not
  // from a runner's thread.
  void stop();

  void dispatch(engine::Assignment assignment) override;
  void cancel(const engine::AttemptKey& key) override;

  struct ComponentInfo {
    std::string name;
    std::vector<ActionInfo> actions;
    bool takes_secrets = true;
  };
  // By name.
  std::vector<ComponentInfo> components() const;
  // The same for the checks of definitions.
  workflow::ActionTypes action_types() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace harmonia::tasks
