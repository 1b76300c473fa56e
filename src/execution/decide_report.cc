#include "execution/decide_report.h"

#include "execution/settle.h"
#include "execution/task_steps.h"

namespace harmonia::execution {
namespace {

bool is_known_task(const Draft& draft, TaskRef ref) {
  auto scope = draft.state().scopes.find(ref.scope);
  if (scope == draft.state().scopes.end()) return false;
  const auto& numbers = draft.definition().bodies[scope->second.body].tasks;
  return !numbers.empty() && ref.task >= numbers.front() &&
         ref.task - numbers.front() < numbers.size();
}

}  // namespace

Outcome check_running(const Draft& draft, TaskRef task, std::uint32_t attempt) {
  if (!is_known_task(draft, task))
    return make_error(error_code::not_found, "the execution has no such task");
  const TaskState& state = draft.task_state(task);
  if (state.status == TaskStatus::running && state.attempt == attempt) return std::nullopt;
  std::string path = path_of(draft.definition(), draft.state(), task);
  return make_error(error_code::stale, "attempt " + std::to_string(attempt) + " of task '" + path +
                                           "' is not running: the task is " +
                                           std::string(to_string(state.status)) + " with attempt " +
                                           std::to_string(state.attempt));
}

Outcome decide_report(Draft& draft, const Report& report) {
  if (auto refusal = check_running(draft, report.task, report.attempt)) return refusal;
  if (const auto* success = std::get_if<AttemptSucceeded>(&report.outcome)) {
    complete_task(draft, report.task, report.attempt, success->output);
  } else {
    const auto& errored = std::get<AttemptErrored>(report.outcome);
    fail_attempt(draft, report.task, errored.error, errored.retryable);
  }
  if (is_terminal(draft.task_state(report.task).status))
    settle(draft, candidates_after(draft, report.task));
  return std::nullopt;
}

Outcome decide_lease_expired(Draft& draft, const LeaseExpired& lease) {
  if (auto refusal = check_running(draft, lease.task, lease.attempt)) return refusal;
  fail_attempt(draft, lease.task, make_error(error_code::worker_lost, "no heartbeat came in time"),
               true);
  if (is_terminal(draft.task_state(lease.task).status))
    settle(draft, candidates_after(draft, lease.task));
  return std::nullopt;
}

}  // namespace harmonia::execution
