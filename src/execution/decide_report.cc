#include "execution/decide_report.h"

#include "execution/task_steps.h"
#include "execution/waiting.h"

namespace harmonia::execution {
bool has_task(const Draft& draft, TaskRef ref) {
  const Scope* scope = draft.state().find_scope(ref.scope);
  if (scope == nullptr) return false;
  const auto& numbers = draft.definition().bodies[scope->body].tasks;
  return !numbers.empty() && ref.task >= numbers.front() &&
         ref.task - numbers.front() < numbers.size();
}

Outcome check_running(const Draft& draft, TaskRef task, std::uint32_t attempt) {
  if (!has_task(draft, task))
    return make_error(error_code::not_found, "the execution has no such task");
  const TaskState& state = draft.task_state(task);
  bool works = is_dispatched(draft.task(task).type) &&
               (!state.progress || state.progress->phase == Phase::work);
  if (state.status == TaskStatus::running && works && state.attempt == attempt) return std::nullopt;
  std::string path = path_of(draft.definition(), draft.state(), task);
  return make_error(error_code::stale, "attempt " + std::to_string(attempt) + " of task '" + path +
                                           "' is not running: the task is " +
                                           std::string(to_string(state.status)) + " with attempt " +
                                           std::to_string(state.attempt));
}

Outcome decide_report(Draft& draft, const Report& report) {
  if (auto refusal = check_running(draft, report.task, report.attempt)) return refusal;
  if (const auto* success = std::get_if<AttemptSucceeded>(&report.outcome)) {
    if (draft.task(report.task).type == workflow::TaskType::webhook) {
      await_callback(draft, report.task, report.attempt, success->output);
    } else {
      attempt_succeeded(draft, report.task, report.attempt, success->output);
    }
  } else {
    const auto& errored = std::get<AttemptErrored>(report.outcome);
    attempt_failed(draft, report.task, errored.error, errored.retryable);
  }
  return std::nullopt;
}

Outcome decide_lease_expired(Draft& draft, const LeaseExpired& lease) {
  if (auto refusal = check_running(draft, lease.task, lease.attempt)) return refusal;
  attempt_failed(draft, lease.task,
                 make_error(error_code::worker_lost, "no heartbeat came in time"), true);
  return std::nullopt;
}

}  // namespace harmonia::execution
