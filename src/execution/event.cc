#include "execution/event.h"

namespace harmonia::execution {
namespace {

template <class... Lambdas>
struct Overloaded : Lambdas... {
  using Lambdas::operator()...;
};

}  // namespace

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
  };
  return std::visit(names, body);
}

std::optional<TaskRef> event_task(const EventBody& body) {
  constexpr Overloaded task{
      [](const ExecutionStarted&) -> std::optional<TaskRef> { return std::nullopt; },
      [](const TaskScheduled& event) -> std::optional<TaskRef> { return event.task; },
      [](const TaskWaiting& event) -> std::optional<TaskRef> { return event.task; },
      [](const AttemptFailed& event) -> std::optional<TaskRef> { return event.task; },
      [](const TaskCompleted& event) -> std::optional<TaskRef> { return event.task; },
      [](const TaskFailed& event) -> std::optional<TaskRef> { return event.task; },
      [](const TaskSkipped& event) -> std::optional<TaskRef> { return event.task; },
      [](const TaskCanceled& event) -> std::optional<TaskRef> { return event.task; },
      [](const ExecutionPaused&) -> std::optional<TaskRef> { return std::nullopt; },
      [](const ExecutionResumed&) -> std::optional<TaskRef> { return std::nullopt; },
      [](const ExecutionCompleted&) -> std::optional<TaskRef> { return std::nullopt; },
      [](const ExecutionFailed&) -> std::optional<TaskRef> { return std::nullopt; },
      [](const ExecutionCanceled&) -> std::optional<TaskRef> { return std::nullopt; },
  };
  return std::visit(task, body);
}

bool ends_execution(const EventBody& body) {
  return std::holds_alternative<ExecutionCompleted>(body) ||
         std::holds_alternative<ExecutionFailed>(body) ||
         std::holds_alternative<ExecutionCanceled>(body);
}

}  // namespace harmonia::execution
