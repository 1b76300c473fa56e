#include "execution/event.h"

namespace harmonia::execution {
namespace {

template <class... Lambdas>
struct Overloaded : Lambdas... {
  using Lambdas::operator()...;
};

}  // namespace

std::string_view to_string(WaitsFor what) {
  switch (what) {
    case WaitsFor::time: return "time";
    case WaitsFor::slot: return "slot";
    case WaitsFor::event: return "event";
    case WaitsFor::approval: return "approval";
    case WaitsFor::callback: return "callback";
    case WaitsFor::incident: return "incident";
    case WaitsFor::lock: return "lock";
    case WaitsFor::child: return "child";
  }
  return {};
}

std::string_view to_string(ScopeOutcome outcome) {
  switch (outcome) {
    case ScopeOutcome::completed: return "completed";
    case ScopeOutcome::failed: return "failed";
    case ScopeOutcome::canceled: return "canceled";
  }
  return {};
}

std::string_view event_name(const EventBody& body) {
  constexpr Overloaded names{
      [](const ExecutionStarted&) -> std::string_view { return "execution_started"; },
      [](const TaskScheduled&) -> std::string_view { return "task_scheduled"; },
      [](const TaskWaiting&) -> std::string_view { return "task_waiting"; },
      [](const AttemptFailed&) -> std::string_view { return "attempt_failed"; },
      [](const TaskCompleted&) -> std::string_view { return "task_completed"; },
      [](const TaskFailed&) -> std::string_view { return "task_failed"; },
      [](const TaskSkipped&) -> std::string_view { return "task_skipped"; },
      [](const TaskCanceled&) -> std::string_view { return "task_canceled"; },
      [](const ExecutionPaused&) -> std::string_view { return "execution_paused"; },
      [](const ExecutionResumed&) -> std::string_view { return "execution_resumed"; },
      [](const ExecutionCompleted&) -> std::string_view { return "execution_completed"; },
      [](const ExecutionFailed&) -> std::string_view { return "execution_failed"; },
      [](const ExecutionCanceled&) -> std::string_view { return "execution_canceled"; },
      [](const TaskStarted&) -> std::string_view { return "task_started"; },
      [](const TaskQueued&) -> std::string_view { return "task_queued"; },
      [](const TaskAwaiting&) -> std::string_view { return "task_awaiting"; },
      [](const TaskDeferred&) -> std::string_view { return "task_deferred"; },
      [](const ScopeOpened&) -> std::string_view { return "scope_opened"; },
      [](const ScopeClosed&) -> std::string_view { return "scope_closed"; },
      [](const ErrorCaught&) -> std::string_view { return "error_caught"; },
      [](const CleanupStarted&) -> std::string_view { return "cleanup_started"; },
      [](const UndoRegistered&) -> std::string_view { return "undo_registered"; },
      [](const SignalReceived&) -> std::string_view { return "signal_received"; },
      [](const SignalTaken&) -> std::string_view { return "signal_taken"; },
      [](const IncidentRaised&) -> std::string_view { return "incident_raised"; },
      [](const ExecutionQueued&) -> std::string_view { return "execution_queued"; },
      [](const ExecutionAdmitted&) -> std::string_view { return "execution_admitted"; },
      [](const ExecutionFailing&) -> std::string_view { return "execution_failing"; },
  };
  return std::visit(names, body);
}

std::optional<TaskRef> event_task(const EventBody& body) {
  return std::visit(
      [](const auto& event) -> std::optional<TaskRef> {
        if constexpr (requires { event.task; }) {
          return event.task;
        } else {
          return std::nullopt;
        }
      },
      body);
}

std::string path_of(const workflow::Definition& definition, const Event& event) {
  if (!event.path.empty()) return event.path;
  auto ref = event_task(event.body);
  return ref ? definition.tasks[ref->task].id : std::string();
}

bool ends_execution(const EventBody& body) {
  return std::holds_alternative<ExecutionCompleted>(body) ||
         std::holds_alternative<ExecutionFailed>(body) ||
         std::holds_alternative<ExecutionCanceled>(body);
}

}  // namespace harmonia::execution
