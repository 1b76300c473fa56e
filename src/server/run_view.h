#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/ports.h"

// What a person is shown of a run while it goes on: plain values, apart from the engine's state.
namespace harmonia::server {

using execution::RunStatus;
using execution::TaskStatus;

// How far a task has come that holds others: branches, items or iterations.
struct ScopeCounts {
  std::optional<std::uint64_t> total = {};  // none: it is not known before the end
  std::uint32_t open = 0;
  std::uint32_t completed = 0;
  std::uint32_t failed = 0;
};

struct TaskView {
  execution::TaskRef ref = {};
  std::string path = {};
  std::string label = {};  // the path below the task that holds it
  std::string title = {};  // the name when it differs from the path, else empty
  std::string work = {};   // `http.request`, `wait`, `undo http.request`, ...
  unsigned depth = 0;
  TaskStatus status = TaskStatus::pending;
  bool failure_continued = false;
  std::uint32_t attempt = 0;
  std::uint32_t attempts_max = 1;
  std::optional<Timestamp> started_at = {};
  std::optional<Timestamp> ended_at = {};
  std::optional<Timestamp> due = {};       // waiting: of the retry or the end of the wait
  std::optional<Timestamp> deadline = {};  // of the attempt
  std::string error = {};                  // of the last failed attempt
  std::string reason = {};                 // why skipped or canceled
  execution::WaitsFor waits_for = execution::WaitsFor::time;  // while waiting
  std::uint64_t asked_seq = 0;  // of the event by which it began to wait for somebody
  SharedJson asked = {};  // while waiting for somebody: event, correlation; title, form, assignees
  execution::Phase phase = execution::Phase::work;
  std::optional<ScopeCounts> scopes = {};  // of a task that holds others, while it works
  std::size_t not_shown = 0;               // open items below it that are left out of the view
};

struct RunView {
  ExecutionId id;
  std::string workflow_name;
  RunStatus status = RunStatus::pending;
  Timestamp created_at;
  std::optional<Timestamp> ended_at = {};
  std::optional<Timestamp> deadline = {};
  execution::TaskCounts counts = {};  // of all tasks, shown or not
  std::vector<TaskView> tasks;        // in the author's order; those of a scope behind its owner
  std::string error = {};             // of a failed run: code and detail
  std::string error_task;             // path of the task that made it fail; may be empty
};

// The view of one task of a state.
TaskView view_of_task(const workflow::Definition& definition, const execution::State& state,
                      execution::TaskRef ref);

// The view of a run without its tasks.
RunView head_of_run(const workflow::Definition& definition, const execution::State& state);

// Waits for a person or another system, who may answer.
bool waits_for_somebody(const TaskView& task);

// The end of a task of component log, whose description is what it says.
bool is_log_message(const workflow::Definition& definition, const execution::Event& event);

// One event as a line for people, without the time: `fetch: attempt 1 failed: ..., next in 2 s`.
// Empty for events that need no line of their own.
std::string describe_event(const workflow::Definition& definition, const execution::State& state,
                           const execution::Event& event);

}  // namespace harmonia::server
