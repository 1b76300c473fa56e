#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/box.h"
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

// Where a task is on its way: its work, then a catch clause when that fails, then `finally`.
enum class Phase : std::uint8_t { work, handling, cleanup };

// What a task remembers that holds other tasks, waits for somebody or has handlers.
struct Progress {
  Phase phase = Phase::work;
  bool canceled = false;                // cleanup: it ends canceled
  std::uint32_t clause = 0;             // handling: of `catch`
  std::shared_ptr<const Error> caught;  // handling and cleanup: what failed, if anything did
  SharedJson pending_output;            // cleanup: what it will complete with
  // Of the scopes of this attempt's work:
  std::uint32_t opened = 0;
  std::uint32_t open = 0;
  std::uint32_t completed = 0;
  std::uint32_t failed = 0;
  std::shared_ptr<const Error> failure;  // the first one
  // By index, where the type keeps them: JSON text, because there may be very many; empty: none.
  std::vector<std::string> results;
  SharedJson last;  // result of the scope that completed last
  bool owns_scopes = false;
  std::string lock_key;              // asked for, or held, during the work of this attempt
  std::vector<SharedJson> received;  // payloads of signals
  std::uint64_t asked_seq = 0;       // number of the event by which it began to wait for somebody
  std::optional<Timestamp> due;      // deferred until
};

struct TaskState {
  TaskStatus status = TaskStatus::pending;
  WaitsFor waits_for = WaitsFor::time;       // while waiting
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
  Box<Progress> progress = {};
};

// A completed task that is undone if its scope fails.
struct Undo {
  std::uint64_t seq = 0;  // of its registration: the order of completion
  workflow::BodyNumber body = 0;
  std::string path;  // of the task
  SharedJson input;
  SharedJson view;             // UndoRegistered::view
  std::optional<Error> error;  // there is no input
};

struct Scope {
  ScopeId id = root_scope;
  workflow::BodyNumber body = 0;
  std::optional<TaskRef> owner = {};         // none for the root, compensations and on_failure
  std::optional<ScopeId> parent = {};        // whose tasks expressions see too; none for the root
  std::uint32_t index = 0;                   // of the branch, the item or the iteration
  std::string prefix = {};                   // of the paths of its tasks, e.g. `process[3]/`
  Box<Undo> undoes = {};                     // of a compensation
  std::vector<Undo> undo = {};               // in the order of completion
  std::vector<std::string> not_undone = {};  // paths of compensations that failed
  std::optional<ScopeId> follow_up = {};     // compensation or on_failure that runs now
  std::vector<TaskState> tasks = {};         // by position in Body::tasks
  std::uint32_t open_tasks = 0;              // not terminal yet
  bool failing = false;                      // a task failed it
  std::optional<Error> failure = {};         // the first one
  bool closed = false;                       // kept to be shown, with its owner's other scopes
  bool has_inner = false;                    // some scope has it as parent
};

// Something that arrived and was not taken yet.
struct KeptSignal {
  std::uint64_t number = 0;
  std::string name;
  std::string correlation;
  SharedJson payload;
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

// The turn of a run among those with the same key (concurrency of the workflow).
struct Turn {
  std::string key;  // empty: it needs none
  std::uint32_t limit = 1;
  workflow::ConcurrencyPolicy policy = workflow::ConcurrencyPolicy::queue;
};

// A repeated signal is recognised among so many.
inline constexpr std::size_t signal_ids_max = 1000;

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
  bool timed_out = false;  // the deadline is the one of what follows
  SharedJson input = {};
  SharedJson context = {};
  SharedJson env = {};
  SharedJson output = {};
  std::optional<Error> error = {};
  std::string cancel_reason = {};
  std::string key = {};  // of tokens
  std::string public_url = {};
  Turn turn = {};
  std::optional<Parent> parent = {};
  std::map<ScopeId, Scope> scopes;  // ordered: iteration is deterministic, inner after outer
  ScopeId last_scope = root_scope;
  std::uint32_t active = 0;  // attempts handed out: running standard tasks
  // Lists: most runs have none of these, and an empty deque takes 600 bytes, again for each move.
  std::list<TaskRef> queue = {};  // attempts that wait for a slot, next first
  std::list<KeptSignal> signals = {};
  std::uint64_t signals_received = 0;
  std::list<std::string> signal_ids = {};  // the last signal_ids_max
  TaskCounts counts = {};                  // over all scopes

  bool exists() const { return last_seq > 0; }
  const Scope* find_scope(ScopeId scope_id) const;
  const TaskState& task(const workflow::Definition& definition, TaskRef ref) const;
  Scope& scope(ScopeId scope_id);
  const Scope& scope(ScopeId scope_id) const;
};

// The path of a task for people and APIs: `charge`, `process[3]/charge`.
std::string path_of(const workflow::Definition& definition, const State& state, TaskRef ref);
// The task at a path, or none.
std::optional<TaskRef> find_path(const workflow::Definition& definition, const State& state,
                                 std::string_view path);

// The number of the event by which a task began to wait for somebody; 0 when it does not.
std::uint64_t asked_seq(const TaskState& task);

// Applies one event. Total: defined for every event that decide can give in this state; events of a
// foreign history that make no sense are a programmer error. The definition tells shapes only (how
// many tasks a body has).
void evolve(State& state, const workflow::Definition& definition, const Event& event);

// Whether the work of a task is handed out to a runner.
bool is_dispatched(workflow::TaskType type);
// Whether it is done by scopes of its own.
bool holds_scopes(workflow::TaskType type);
// What a task that holds others gives: of a map the list of results, of a parallel {branch: result}
// ...
Json composite_output(const workflow::Task& task, const Progress& progress);

// What a status change of a task does to the counters; nothing to count before: the task is new.
void count_task(TaskCounts& counts, std::optional<TaskStatus> before, TaskStatus after);

// Snapshots: the state as JSON text and back. read_snapshot(write_snapshot(s)) equals s. One that
// can't be read is `storage`.
std::string write_snapshot(const State& state);
Result<State> read_snapshot(std::string_view text);

}  // namespace harmonia::execution
