#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "execution/command.h"
#include "execution/event.h"

namespace harmonia::execution {

enum class RunStatus : std::uint8_t { pending, running, paused, completed, failed, canceled };
enum class TaskStatus : std::uint8_t {
  pending,
  running,
  waiting,
  completed,
  failed,
  skipped,
  canceled
};

// The words on the wire.
std::string_view to_string(RunStatus status);
std::string_view to_string(TaskStatus status);
std::optional<RunStatus> parse_run_status(std::string_view text);  // takes `cancelled` too

bool is_terminal(RunStatus status);
bool is_terminal(TaskStatus status);

struct TaskState {
  TaskStatus status = TaskStatus::pending;
  bool failure_continued = false;            // failed with on_error: continue
  std::uint32_t attempt = 0;                 // the current or last one; 0 before the first
  std::optional<Timestamp> started_at = {};  // of the first attempt, or of the wait
  std::optional<Timestamp> ended_at = {};
  std::optional<Timestamp> due = {};       // waiting: when the retry or the wait ends
  std::optional<Timestamp> deadline = {};  // running: of the attempt
  SharedJson input = {};                   // null pointer until scheduled
  SharedJson output = {};                  // null pointer until completed
  std::shared_ptr<const Error> error =
      {};  // last failure, also of an attempt that is retried; shared: copies are cheap
  std::string reason = {};  // why skipped or canceled
};

struct Scope {
  ScopeId id = root_scope;
  workflow::BodyNumber body = 0;
  std::optional<TaskRef> owner = {};  // the composite task; none for the root
  std::string label = {};             // how the scope shows in paths, e.g. `[3]`
  std::vector<TaskState> tasks;       // by position in Body::tasks
  std::uint32_t open_tasks = 0;       // not terminal yet
  bool failing = false;               // a task failed it
  std::optional<Error> failure = {};  // the first one
};

// Counters for lists and progress.
struct TaskCounts {
  std::uint32_t total = 0;
  std::uint32_t completed = 0;
  std::uint32_t failed = 0;
  std::uint32_t skipped = 0;
  std::uint32_t canceled = 0;
  std::uint32_t running = 0;
  std::uint32_t waiting = 0;
};

// The whole of one run. Changed by evolve only.
struct State {
  ExecutionId id;
  WorkflowId workflow;
  std::uint32_t revision = 0;
  RunStatus status = RunStatus::pending;
  std::uint64_t last_seq = 0;
  Timestamp created_at;
  Timestamp last_at;  // of the last event
  std::optional<Timestamp> ended_at = {};
  std::optional<Timestamp> deadline = {};
  SharedJson input = {};
  SharedJson context = {};
  SharedJson env = {};
  SharedJson output = {};
  std::optional<Error> error = {};
  std::string cancel_reason = {};
  std::map<ScopeId, Scope> scopes;  // ordered: iteration is deterministic
  TaskCounts counts = {};           // over all scopes

  bool exists() const { return last_seq > 0; }
  const TaskState& task(const workflow::Definition& definition, TaskRef ref) const;
  Scope& scope(ScopeId scope_id);
  const Scope& scope(ScopeId scope_id) const;
};

// The path of a task for people and APIs: `charge`, `process[3]/charge`.
std::string path_of(const workflow::Definition& definition, const State& state, TaskRef ref);
// The task at a path, or none.
std::optional<TaskRef> find_path(const workflow::Definition& definition, const State& state,
                                 std::string_view path);

// Applies one event. Total: defined for every event that decide can give in this state; events of a
// foreign history that make no sense are a programmer error. The definition tells shapes only (how
// many tasks a body has).
void evolve(State& state, const workflow::Definition& definition, const Event& event);

// What a status change of a task does to the counters; nothing to count before: the task is new.
void count_task(TaskCounts& counts, std::optional<TaskStatus> before, TaskStatus after);

// Snapshots: the state as JSON and back. snapshot_from_json(snapshot_to_json(s)) equals s.
Json snapshot_to_json(const State& state);
Result<State> snapshot_from_json(const Json& snapshot);

}  // namespace harmonia::execution
