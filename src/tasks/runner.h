#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/result.h"
#include "engine/ports.h"

// The interface every task runner keeps. A runner is a folder of tasks/ and one line in
// registry.cc; docs/how_to/add_a_task_runner.md shows the steps.
namespace harmonia::tasks {

// How an attempt ended.
struct Outcome {
  Result<Json> result;
  bool retryable = true;  // of an error: whether another attempt could help

  static Outcome success(Json output) { return {.result = std::move(output)}; }
  static Outcome failure(Error error, bool retryable = true) {
    return {.result = std::move(error), .retryable = retryable};
  }
};

// Call exactly once, from any thread. Calls after a cancel are ignored.
using Finish = std::function<void(Outcome)>;

// One attempt, with its secrets resolved.
struct Work {
  engine::AttemptKey key;
  std::string task_path;
  std::string workflow_name;
  std::string action;
  Json input;  // an object
  SharedJson context;
  std::optional<Timestamp> deadline;
  std::function<void()> heartbeat;  // tells the engine that the work is alive; thread-safe
};

// The action of a runner that takes any, see ActionInfo::name.
inline constexpr std::string_view any_action = "*";

// Description of one action, for GET /api/components and for the checker.
struct ActionInfo {
  std::string name;  // any_action: whatever is not listed, also none
  std::string description;
  Json input_schema;  // JSON Schema of the input; the registry starts no work that fails it
  Json output_schema = nullptr;  // JSON Schema of every output; null: not known beforehand
  bool is_default = false;       // what a task gets that names no action; an only action always is
};

// Does the work of one component. Thread-safe.
class Runner {
 public:
  virtual ~Runner() = default;  // cancels what runs and waits for it
  virtual std::string_view component() const = 0;
  // The same for the life of the runner.
  virtual std::vector<ActionInfo> actions() const = 0;
  // Must not block: long work goes to a thread, a child process or another loop of the runner's
  // own.
  virtual void start(Work work, Finish finish) = 0;
  // Best effort, soon: stop working on this attempt. `finish` may or may not be called.
  virtual void cancel(const engine::AttemptKey& key) = 0;

  // False: ${secret.NAME} stays text in the input, for runners whose output repeats it.
  virtual bool takes_secrets() const { return true; }
  // True: the runner calls Work::heartbeat whenever it sees its work alive. False: an attempt is
  // alive while the runner has it, and the registry says so for it.
  virtual bool reports_liveness() const { return false; }
};

}  // namespace harmonia::tasks
