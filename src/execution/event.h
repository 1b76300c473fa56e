#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/error.h"
#include "base/id.h"
#include "base/json.h"
#include "base/time.h"
#include "workflow/definition.h"

// What has happened to an execution. A run is the fold of its events; they are its history on disk
// and on the wire. Frozen once released: a change of meaning is a new event, never an edit.
namespace harmonia::execution {

// A scope is one running instance of a workflow::Body. The workflow itself is scope 0; composite
// tasks own child scopes, numbered in the order they open.
using ScopeId = std::uint32_t;
inline constexpr ScopeId root_scope = 0;

// One task of one scope. Its path, e.g. `process[3]/charge`, is State::path_of.
struct TaskRef {
  ScopeId scope = root_scope;
  workflow::TaskNumber task = 0;

  auto operator<=>(const TaskRef&) const = default;
};

// The run that started this one as a subworkflow.
struct Parent {
  ExecutionId execution;
  TaskRef task;
  std::uint32_t attempt = 1;
  std::uint32_t depth = 1;  // of subworkflows above this run
  bool waits = true;        // for its end: not detached

  auto operator<=>(const Parent&) const = default;
};

// First event of every run. Everything the run will ever know from outside is in it.
struct ExecutionStarted {
  WorkflowId workflow;
  std::uint32_t revision = 1;
  SharedJson input;    // object
  SharedJson context;  // object: request id, user, tags given at start; root `context`
  SharedJson env;  // object: allow-listed environment when the definition names `env`, else empty
  std::optional<Timestamp> deadline = {};  // of the run's timeout
  std::string key = {};         // random; tokens of callbacks and approvals are made of it
  std::string public_url = {};  // of the server, for links
  std::optional<Parent> parent = {};
};

// An attempt of a standard task is owed to a runner. Attempts count from 1.
struct TaskScheduled {
  TaskRef task;
  std::uint32_t attempt = 1;
  SharedJson input = {};  // the evaluated input; null pointer for attempts after the first
  std::optional<Timestamp> deadline = {};  // of this attempt
};

// A wait task sleeps until `due`.
struct TaskWaiting {
  TaskRef task;
  Timestamp due;
};

struct AttemptFailed {
  TaskRef task;
  std::uint32_t attempt = 1;
  Error error;
  Timestamp retry_at;
};

struct TaskCompleted {
  TaskRef task;
  std::uint32_t attempt = 1;
  SharedJson output;  // null: what its scopes gave, or what was pending during `finally`
};

// For good: no retry follows.
struct TaskFailed {
  TaskRef task;
  std::uint32_t attempt = 0;  // 0: it failed before its first attempt
  Error error;
  bool fails_scope = true;  // false with on_error: continue
};

struct TaskSkipped {
  TaskRef task;
  std::string reason;
};

// By the failure of a sibling (on_child_failure: cancel). Tasks within it are canceled by it; the
// end of a run cancels what is open without events.
struct TaskCanceled {
  TaskRef task;
  std::string reason;
};

// A task that holds others begins an attempt: its scopes follow. `input` is what was evaluated for
// it once and for all: the items of a map or of for_each, the number of times of a loop.
struct TaskStarted {
  TaskRef task;
  std::uint32_t attempt = 1;
  SharedJson input = {};
  std::optional<Timestamp> deadline = {};
};

// An attempt is ready, but the run has as many as max_parallel allows.
struct TaskQueued {
  TaskRef task;
  std::uint32_t attempt = 1;
  SharedJson input = {};  // as in TaskScheduled
};

// What a task in status waiting waits for.
enum class WaitsFor : std::uint8_t {
  time = 0,      // a retry or the end of a wait
  slot = 1,      // max_parallel
  event = 2,     // a signal of its name
  approval = 3,  // a person
  callback = 4,  // the other side of a webhook
  incident = 5,  // an operator
  lock = 6,      // its turn among those with the same key
  child = 7,     // the run of a subworkflow
};

// The task waits for somebody. `input` says for whom, as it was evaluated.
struct TaskAwaiting {
  TaskRef task = {};
  std::uint32_t attempt = 1;
  WaitsFor waits_for = WaitsFor::event;
  SharedJson input = {};
  std::optional<Timestamp> deadline = {};
  SharedJson response = {};  // of a webhook's call
};

// A loop or a map goes on at `due`: after its delay, or because one decision may not do it all.
struct TaskDeferred {
  TaskRef task;
  Timestamp due;
};

// A body begins to run. Its scope ends with ScopeClosed, or with the end of its owner's attempt.
struct ScopeOpened {
  ScopeId scope = 0;  // numbers count up through the run
  workflow::BodyNumber body = 0;
  std::optional<TaskRef> owner = {};  // none for compensations and on_failure
  ScopeId parent = root_scope;        // without owner: the scope whose failure they follow
  std::uint32_t index = 0;            // of the branch, the item or the iteration, from 0
};

enum class ScopeOutcome : std::uint8_t { completed = 0, failed = 1, canceled = 2 };
struct ScopeClosed {
  ScopeId scope = 0;
  ScopeOutcome outcome = ScopeOutcome::completed;
  SharedJson output = {};           // completed: the result of the body
  std::optional<Error> error = {};  // failed
};

// The attempt failed and a catch clause takes over.
struct ErrorCaught {
  TaskRef task;
  std::uint32_t attempt = 0;
  std::uint32_t clause = 0;
  Error error;
};

// `finally` begins; what comes of the task is certain but for a failure in there. One of the two is
// set, or none: the output that evolve derives from the results of the scopes.
struct CleanupStarted {
  TaskRef task;
  std::uint32_t attempt = 0;
  SharedJson output = {};
  std::optional<Error> error = {};
  bool canceled = false;  // then it ends canceled; the error says why
};

// The task completed and can be undone when its scope fails.
struct UndoRegistered {
  TaskRef task;
  SharedJson input = {};  // of the compensation; null for a webhook, whose input tells its address
  // What its other expressions name of what is around the task: {tasks: {ID: ...}, roots: {...}}.
  SharedJson view = {};
  std::optional<Error> error = {};  // there is no input: it could not be evaluated
};

// Something arrived for the run. Kept until a waiting task takes it.
struct SignalReceived {
  std::string id;  // given by the sender; a second one of the same id is dropped
  std::string name;
  std::string correlation;  // empty: sent to the run itself
  SharedJson payload;
};
struct SignalTaken {
  TaskRef task;
  std::uint64_t signal = 0;  // its number within the run, from 1
};

// All attempts failed and the task waits for an operator.
struct IncidentRaised {
  TaskRef task;
  std::uint32_t attempt = 0;
  Error error;
};

// The run waits for its turn among those with the same key.
struct ExecutionQueued {
  std::string key;
  std::uint32_t limit = 1;
  workflow::ConcurrencyPolicy policy = workflow::ConcurrencyPolicy::queue;
};
struct ExecutionAdmitted {};

struct ExecutionPaused {};
struct ExecutionResumed {};

// The run fails for a reason of its own, not by a task: its time is over, or its output is wrong.
// What is completed is undone, on_failure runs, then it ends.
struct ExecutionFailing {
  Error error;
  // Its time is over: what follows is bounded, too. What is open is canceled by events of its own.
  std::optional<Timestamp> deadline = {};
};

// The last event of a run is one of these three. Tasks still open then are canceled by it.
struct ExecutionCompleted {
  SharedJson output;
};
struct ExecutionFailed {
  Error error;
};
struct ExecutionCanceled {
  std::string reason;
};

using EventBody =
    std::variant<ExecutionStarted, TaskScheduled, TaskWaiting, AttemptFailed, TaskCompleted,
                 TaskFailed, TaskSkipped, TaskCanceled, ExecutionPaused, ExecutionResumed,
                 ExecutionCompleted, ExecutionFailed, ExecutionCanceled, TaskStarted, TaskQueued,
                 TaskAwaiting, TaskDeferred, ScopeOpened, ScopeClosed, ErrorCaught, CleanupStarted,
                 UndoRegistered, SignalReceived, SignalTaken, IncidentRaised, ExecutionQueued,
                 ExecutionAdmitted, ExecutionFailing>;

struct Event {
  std::uint64_t seq = 0;  // 1, 2, 3 ... within the execution, without gaps
  Timestamp at;
  EventBody body;
  // Of the task or the scope, where it lies within another task: `process[3]/charge`. Scopes leave
  // the state, their events stay readable. Empty for tasks of the workflow itself.
  std::string path = {};
};

// The path of the task an event is about; empty when it is about none.
std::string path_of(const workflow::Definition& definition, const Event& event);

std::string_view to_string(WaitsFor what);
std::string_view to_string(ScopeOutcome outcome);

// The stable name: execution_started, task_scheduled, ...
std::string_view event_name(const EventBody& body);
// The task an event is about, if any.
std::optional<TaskRef> event_task(const EventBody& body);
// True for the three that end a run.
bool ends_execution(const EventBody& body);

// The form on disk: a compact JSON array of the events of one commit. Tasks are written by number,
// which is stable because a run is pinned to its revision; docs/event_format.md specifies the
// bytes.
void append_events_text(std::string& out, const std::vector<Event>& events);
Result<std::vector<Event>> parse_events_text(std::string_view text);

}  // namespace harmonia::execution
