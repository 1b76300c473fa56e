#include "execution/decide_relations.h"

#include "execution/decide_report.h"
#include "execution/relations.h"
#include "execution/task_steps.h"

namespace harmonia::execution {
namespace {

Error not_waiting(std::string_view what) {
  return make_error(error_code::stale, "nothing waits for " + std::string(what));
}

bool waits_for(const Draft& draft, TaskRef ref, std::uint32_t attempt, WaitsFor what) {
  if (is_terminal(draft.state().status) || !has_task(draft, ref)) return false;
  const TaskState& task = draft.task_state(ref);
  return task.status == TaskStatus::waiting && task.waits_for == what && task.attempt == attempt;
}

}  // namespace

Outcome decide_grant(Draft& draft, const Grant& grant) {
  if (!grant.task) {
    if (draft.state().status != RunStatus::pending) return not_waiting("this turn");
    draft.emit(ExecutionAdmitted{});
    return std::nullopt;
  }
  if (!waits_for(draft, *grant.task, grant.attempt, WaitsFor::lock))
    return not_waiting("this lock");
  // It stands aside until it resumes.
  if (draft.state().status == RunStatus::paused) return not_waiting("this lock: it is paused");
  begin_locked(draft, *grant.task, grant.attempt);
  return std::nullopt;
}

Outcome decide_deny(Draft& draft, const Deny& denial) {
  if (draft.state().status != RunStatus::pending) return not_waiting("this turn");
  draft.emit(ExecutionFailed{.error = make_error(error_code::concurrency_limit, denial.reason)});
  return std::nullopt;
}

Outcome decide_child_ended(Draft& draft, const ChildEnded& ended) {
  if (!waits_for(draft, ended.task, ended.attempt, WaitsFor::child))
    return not_waiting("this subworkflow");
  const TaskState& task = draft.task_state(ended.task);
  if (get_string(task.input->get_object(), "execution") != to_string(ended.child))
    return not_waiting("this subworkflow");
  if (const auto* success = std::get_if<AttemptSucceeded>(&ended.outcome)) {
    attempt_succeeded(draft, ended.task, ended.attempt, success->output);
  } else {
    const auto& errored = std::get<AttemptErrored>(ended.outcome);
    attempt_failed(draft, ended.task, errored.error, errored.retryable);
  }
  return std::nullopt;
}

}  // namespace harmonia::execution
