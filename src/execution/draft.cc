#include "execution/draft.h"

namespace harmonia::execution {
namespace {

// What every task owes changes with these, not only what one task owes.
bool touches_all_tasks(const EventBody& body) {
  return std::holds_alternative<ExecutionPaused>(body) ||
         std::holds_alternative<ExecutionResumed>(body) || ends_execution(body);
}

void compare(const std::optional<Wake>& before, const std::optional<Wake>& after,
             OwedDelta& delta) {
  if (before == after) return;
  if (before) delta.removed.wakes.push_back(*before);
  if (after) delta.added.wakes.push_back(*after);
}

void compare(const TaskOwed& before, const TaskOwed& after, OwedDelta& delta) {
  compare(before.wake, after.wake, delta);
  if (before.dispatch == after.dispatch) return;
  if (before.dispatch) delta.removed.dispatches.push_back(*before.dispatch);
  if (after.dispatch) delta.added.dispatches.push_back(*after.dispatch);
}

}  // namespace

void Draft::emit(EventBody body) {
  if (auto ref = event_task(body)) remember(*ref);
  if (touches_all_tasks(body)) remember_all();
  Event event{.seq = state_.last_seq + 1, .at = now_, .body = std::move(body)};
  evolve(state_, definition_, event);
  events_.push_back(std::move(event));
}

void Draft::remember(TaskRef ref) {
  auto [place, is_new] = task_owed_before_.try_emplace(ref);
  if (is_new) place->second = owed_by_task(state_, ref, task_state(ref));
}

void Draft::remember_all() {
  for (const auto& [id, scope] : state_.scopes) {
    const auto& numbers = definition_.bodies[scope.body].tasks;
    for (std::size_t i = 0; i < scope.tasks.size(); ++i) {
      if (!is_terminal(scope.tasks[i].status)) remember({.scope = id, .task = numbers[i]});
    }
  }
}

Decision Draft::accept() && {
  OwedDelta delta;
  compare(run_owed_before_, owed_by_run(state_), delta);
  for (const auto& [ref, before] : task_owed_before_) {
    compare(before, owed_by_task(state_, ref, task_state(ref)), delta);
  }
  return {.state = std::move(state_),
          .events = std::move(events_),
          .owed = std::move(delta),
          .refusal = std::nullopt};
}

Decision Draft::refuse(Error error) && {
  ASSERT(events_.empty());
  return {.state = std::move(state_), .events = {}, .owed = {}, .refusal = std::move(error)};
}

}  // namespace harmonia::execution
