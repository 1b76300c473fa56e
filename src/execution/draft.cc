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

void compare(const std::optional<Interest>& before, const std::optional<Interest>& after,
             OwedDelta& delta) {
  if (before == after) return;
  if (before) delta.removed.interests.push_back(*before);
  if (after) delta.added.interests.push_back(*after);
}

void compare(const TaskOwed& before, const TaskOwed& after, OwedDelta& delta) {
  compare(before.deadline, after.deadline, delta);
  compare(before.wake, after.wake, delta);
  compare(before.interest, after.interest, delta);
  if (before.dispatch == after.dispatch) return;
  if (before.dispatch) delta.removed.dispatches.push_back(*before.dispatch);
  if (after.dispatch) delta.added.dispatches.push_back(*after.dispatch);
}

}  // namespace

void Draft::emit(EventBody body) {
  if (auto ref = event_task(body)) remember(*ref);
  if (auto owner = owner_of(body)) remember(*owner);
  if (touches_all_tasks(body) || may_end_others(body)) remember_all();
  Event event{.seq = state_.last_seq + 1, .at = now_, .body = std::move(body)};
  event.path = inner_path(event.body);
  evolve(state_, definition_, event);
  if (const auto* opened = std::get_if<ScopeOpened>(&event.body))
    event.path = scope_path(opened->scope);
  events_.push_back(std::move(event));
}

// Of the scope that opens or closes: it may owe to go on, or no longer.
std::optional<TaskRef> Draft::owner_of(const EventBody& body) const {
  if (const auto* opened = std::get_if<ScopeOpened>(&body)) return opened->owner;
  if (const auto* closed = std::get_if<ScopeClosed>(&body))
    return state_.scope(closed->scope).owner;
  return std::nullopt;
}

// The end of a task or a scope ends what is open below it.
bool Draft::may_end_others(const EventBody& body) const {
  if (const auto* closed = std::get_if<ScopeClosed>(&body))
    return closed->outcome == ScopeOutcome::canceled;
  auto ref = event_task(body);
  if (!ref || std::holds_alternative<TaskDeferred>(body)) return false;
  const auto& progress = task_state(*ref).progress;
  return progress && progress->owns_scopes;
}

std::string Draft::scope_path(ScopeId id) const {
  std::string path = state_.scope(id).prefix;
  if (!path.empty()) path.pop_back();
  return path;
}

std::string Draft::inner_path(const EventBody& body) const {
  if (const auto* closed = std::get_if<ScopeClosed>(&body)) return scope_path(closed->scope);
  auto ref = event_task(body);
  if (!ref || ref->scope == root_scope) return {};
  return path_of(definition_, state_, *ref);
}

const Event* Draft::next_unsettled() {
  return settled_ < events_.size() ? &events_[settled_++] : nullptr;
}

void Draft::remember(TaskRef ref) {
  auto [place, is_new] = task_owed_before_.try_emplace(ref);
  if (is_new) place->second = owed_by_task(definition_, state_, ref);
}

void Draft::remember_scope(const Scope& scope) {
  if (scope.closed) return;
  const auto& numbers = definition_.bodies[scope.body].tasks;
  for (std::size_t i = 0; i < scope.tasks.size(); ++i) {
    if (!is_terminal(scope.tasks[i].status)) remember({.scope = scope.id, .task = numbers[i]});
  }
}

void Draft::remember_all() {
  for (const auto& [_, scope] : state_.scopes) remember_scope(scope);
}

Decision Draft::accept() && {
  OwedDelta delta;
  RunOwed run = owed_by_run(state_);
  compare(run_owed_before_.wake, run.wake, delta);
  compare(run_owed_before_.turn, run.turn, delta);
  compare(run_owed_before_.parent, run.parent, delta);
  for (const auto& [ref, before] : task_owed_before_) {
    compare(before, owed_by_task(definition_, state_, ref), delta);
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
