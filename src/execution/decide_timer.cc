#include "execution/decide_timer.h"

#include "execution/composite.h"
#include "execution/decide_report.h"
#include "execution/scopes.h"
#include "execution/task_steps.h"
#include "execution/waiting.h"

namespace harmonia::execution {
namespace {

Error nothing_due(std::string_view what) {
  return make_error(error_code::stale,
                    "the timer is early or its reason is gone: " + std::string(what));
}

// A task that waits for its due time: for a retry if it had an attempt, else as a wait task.
bool waits_due(const Draft& draft, const TimerFired& timer) {
  if (draft.state().status != RunStatus::running) return false;
  const TaskState& state = draft.task_state(timer.task);
  return state.status == TaskStatus::waiting && state.waits_for == WaitsFor::time &&
         state.attempt == timer.attempt && *state.due <= draft.now();
}

Outcome fire_retry(Draft& draft, const TimerFired& timer) {
  if (timer.attempt == 0 || !waits_due(draft, timer)) return nothing_due("retry");
  begin_attempt(draft, timer.task, timer.attempt + 1);
  return std::nullopt;
}

Outcome fire_wait(Draft& draft, const TimerFired& timer) {
  if (timer.attempt != 0 || !waits_due(draft, timer)) return nothing_due("wait");
  Json output = JsonObject{{"waited_until", to_rfc3339(*draft.task_state(timer.task).due)}};
  attempt_succeeded(draft, timer.task, 0, share(std::move(output)));
  return std::nullopt;
}

Outcome fire_proceed(Draft& draft, const TimerFired& timer) {
  const TaskState& state = draft.task_state(timer.task);
  bool is_due = draft.state().status == RunStatus::running && state.status == TaskStatus::running &&
                state.attempt == timer.attempt && state.progress && state.progress->due &&
                *state.progress->due <= draft.now();
  if (!is_due) return nothing_due("the next iteration");
  proceed(draft, timer.task);
  return std::nullopt;
}

Outcome fire_task_timeout(Draft& draft, const TimerFired& timer) {
  const TaskState& state = draft.task_state(timer.task);
  bool open = state.status == TaskStatus::running || state.status == TaskStatus::waiting;
  bool is_due =
      open && state.attempt == timer.attempt && state.deadline && *state.deadline <= draft.now();
  if (!is_due) return nothing_due("task timeout");
  if (state.status == TaskStatus::waiting) {
    waiting_timed_out(draft, timer.task);
    return std::nullopt;
  }
  std::string limit = to_human(*draft.task(timer.task).timeout);
  attempt_failed(draft, timer.task, make_error(error_code::timeout, "no result within " + limit),
                 true);
  return std::nullopt;
}

Outcome fire_run_timeout(Draft& draft) {
  const State& state = draft.state();
  if (is_terminal(state.status) || !state.deadline || *state.deadline > draft.now())
    return nothing_due("run timeout");
  time_is_over(draft);
  return std::nullopt;
}

}  // namespace

Outcome decide_timer(Draft& draft, const TimerFired& timer) {
  bool about_run = timer.kind == TimerKind::run_timeout;
  if (!about_run && !has_task(draft, timer.task)) return nothing_due("its task");
  switch (timer.kind) {
    case TimerKind::retry: return fire_retry(draft, timer);
    case TimerKind::wait: return fire_wait(draft, timer);
    case TimerKind::task_timeout: return fire_task_timeout(draft, timer);
    case TimerKind::run_timeout: return fire_run_timeout(draft);
    case TimerKind::proceed: return fire_proceed(draft, timer);
  }
  ASSERT(false);
}

}  // namespace harmonia::execution
