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

// First event of every run. Everything the run will ever know from outside is in it.
struct ExecutionStarted {
  WorkflowId workflow;
  std::uint32_t revision = 1;
  SharedJson input;    // object
  SharedJson context;  // object: request id, user, tags given at start; root `context`
  SharedJson env;  // object: allow-listed environment when the definition names `env`, else empty
  std::optional<Timestamp> deadline = {};  // of the run's timeout
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
  SharedJson output;
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

// By the failure of a sibling (on_child_failure: cancel). The end of a run cancels what is open
// without events.
struct TaskCanceled {
  TaskRef task;
  std::string reason;
};

struct ExecutionPaused {};
struct ExecutionResumed {};

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
                 ExecutionCompleted, ExecutionFailed, ExecutionCanceled>;

struct Event {
  std::uint64_t seq = 0;  // 1, 2, 3 ... within the execution, without gaps
  Timestamp at;
  EventBody body;
};

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
