#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/shard.h"
#include "scenario/script.h"
#include "workflow/action_types.h"

namespace harmonia::scenario {

// How a scenario is run. Every mode must print the same.
enum class Mode {
  plain,       // memory store
  sqlite,      // a database in a temporary folder
  crash_each,  // the process dies after every commit; sqlite
  reload,      // no run stays in memory: each command starts from history
  twice,       // every command is submitted twice
};
std::string_view to_string(Mode mode);

// Where the process dies when something is decided.
enum class CrashPoint {
  before_commit,  // nothing of it is on disk; a runner that reported had done its work all the same
  after_commit,   // it is on disk, and nobody was told: no answer, no attempt handed out
  after_effect,   // attempts were handed out and their work is done, but their reports are lost
};

// An event for whoever correlates with it.
struct SentEvent {
  std::string id;  // empty: one of its own
  std::string name;
  std::string correlation;
  Json payload = nullptr;
  Duration retention = std::chrono::hours(24);  // for runs that come to wait for it later
};

// The engine with a simulated clock, scripted tasks and a store that survives crashes of the rest.
// Single-threaded.
class World {
 public:
  // Makes its stores by `open_store`, again after every crash; the same data must be there.
  using OpenStore = std::function<Result<std::unique_ptr<store::Store>>()>;

  // With `actions` definitions are checked as a server would do that has these components.
  static Result<std::unique_ptr<World>> create(Mode mode, OpenStore open_store,
                                               const workflow::ActionTypes* actions = nullptr);
  ~World();

  Result<std::string> put_workflow(const std::string& name, std::string_view text);
  // The roots `env` and `context` of the runs started from now on.
  void set_env(JsonObject env);
  void set_context(JsonObject context);
  void script(const std::string& task_path, std::vector<ScriptedOutcome> outcomes);

  Result<void> start(const std::string& label, const std::string& workflow, Json input);
  Result<void> submit(const std::string& label, const execution::CommandBody& command);
  Result<void> report(const std::string& label, const std::string& task_path, std::uint32_t attempt,
                      const ScriptedOutcome& outcome);
  // To every run that waits for it, now or within its retention. False: it was sent before.
  Result<bool> send_event(const SentEvent& event);

  // The task at a path in the run as it is now, and what it asks; not_found when there is none.
  struct Asked {
    execution::TaskRef task;
    std::uint64_t seq = 0;
  };
  Result<Asked> find_task(const std::string& label, const std::string& task_path);

  // Handles everything that can happen now.
  Result<void> run();
  // Handles the next thing that changes a run. What is due at the same moment by a timer and by a
  // message may come together.
  Result<void> step();
  // Lets time pass, stopping at whatever happens on the way.
  Result<void> advance(Duration duration);
  // The process dies and starts again. Returns what was owed: one line an execution.
  Result<std::vector<std::string>> crash();
  // Arms a crash at the next commit. From there on nothing happens until `crash`.
  void die_at_next_commit(CrashPoint point);
  // Whether an armed crash took place; disarms it.
  bool has_died();

  // Events since the last call, as lines.
  Result<std::vector<std::string>> take_new_events();
  Result<std::vector<std::string>> history(const std::string& label);
  Result<std::vector<std::string>> state(const std::string& label);
  Result<std::vector<std::string>> owed(const std::string& label);
  // Which attempts runners were given since the last call. Those given again after `crash` say so;
  // the crashes of the mode crash_each are not seen.
  std::vector<std::string> take_effects();

 private:
  struct Impl;
  explicit World(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace harmonia::scenario
