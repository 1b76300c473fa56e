#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "execution/event.h"

// What the world asks of an execution. Time is data: every command says when it is.
namespace harmonia::execution {

struct Start {
  ExecutionId execution;
  WorkflowId workflow;
  std::uint32_t revision = 1;
  SharedJson input;
  SharedJson context;
  SharedJson env;
  std::string key = {};         // random; tokens of callbacks and approvals are made of it
  std::string public_url = {};  // of the server, for links
  std::optional<Parent> parent = {};
};

// How an attempt ended, said by its runner.
struct AttemptSucceeded {
  SharedJson output;
};
struct AttemptErrored {
  Error error;
  bool retryable = true;  // the runner's opinion; retry_on may override it by naming the code
};
struct Report {
  TaskRef task;
  std::uint32_t attempt = 1;
  std::variant<AttemptSucceeded, AttemptErrored> outcome;
};

enum class TimerKind : std::uint8_t {
  retry = 0,         // a failed attempt is due again
  wait = 1,          // a wait task ends
  task_timeout = 2,  // an attempt takes too long
  run_timeout = 3,   // the run takes too long; task is {0, 0}
  proceed = 4,       // a loop or a map goes on
};

struct TimerFired {
  TimerKind kind = TimerKind::retry;
  TaskRef task;
  std::uint32_t attempt = 0;
};

// The engine saw no heartbeat within the task's heartbeat_timeout, or the worker gave up its claim.
struct LeaseExpired {
  TaskRef task;
  std::uint32_t attempt = 1;
};

struct Pause {
  // Of the run that waits for this one. It does not reach a run whose time is over: that undoes.
  bool by_parent = false;
};
struct Resume {};
struct Cancel {
  std::string reason;
};

// Something happened that tasks of type event may wait for.
struct Signal {
  std::string id;  // a second one of the same id changes nothing; empty: never the same
  std::string name;
  std::string correlation;  // empty: for the run itself, whatever its tasks correlate
  SharedJson payload;
};

// A person decided an approval. Answers are to what was asked: a repeat may not decide what the
// same task asks next.
struct DecideApproval {
  TaskRef task;
  std::uint64_t asked_seq = 0;  // asked_seq(state, task)
  bool approved = false;
  SharedJson data;  // must match the form
  std::string decided_by;
  std::string comment;
};

// The other side of a webhook called back.
struct Callback {
  TaskRef task;
  SharedJson payload;
};

// An operator ends an incident.
enum class IncidentAction : std::uint8_t { retry, skip, complete, fail };
struct ResolveIncident {
  TaskRef task;
  std::uint64_t asked_seq = 0;  // asked_seq(state, task)
  IncidentAction action = IncidentAction::retry;
  SharedJson output;  // complete
  std::string resolved_by;
};

// It is the turn of a task that waits for a lock, or of the run.
struct Grant {
  std::optional<TaskRef> task = {};  // none: the run
  std::uint32_t attempt = 0;
};
// It is not, and will not be (policy reject).
struct Deny {
  std::string reason;
};

// The run of a subworkflow ended, or could not be started.
struct ChildEnded {
  TaskRef task;
  std::uint32_t attempt = 1;
  ExecutionId child;
  std::variant<AttemptSucceeded, AttemptErrored> outcome;
};

using CommandBody =
    std::variant<Start, Report, TimerFired, LeaseExpired, Pause, Resume, Cancel, Signal,
                 DecideApproval, Callback, ResolveIncident, Grant, Deny, ChildEnded>;

struct Command {
  Timestamp now;
  CommandBody body;
};

std::string_view command_name(const CommandBody& body);

}  // namespace harmonia::execution
