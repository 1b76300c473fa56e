#include "execution/owed.h"

namespace harmonia::execution {

namespace {

Wake wake_of(TimerKind kind, TaskRef ref, const TaskState& task, Timestamp due) {
  return {.due = due, .kind = kind, .task = ref, .attempt = task.attempt};
}

bool works(const TaskState& task) { return !task.progress || task.progress->phase == Phase::work; }

}  // namespace

TaskOwed owed_by_task(const workflow::Definition& definition, const State& state, TaskRef ref) {
  TaskOwed owed;
  const Scope* scope = state.find_scope(ref.scope);
  if (is_terminal(state.status) || scope == nullptr) return owed;
  const TaskState& task = scope->tasks[ref.task - definition.bodies[scope->body].tasks.front()];
  if (task.status != TaskStatus::running && task.status != TaskStatus::waiting) return owed;
  bool running = task.status == TaskStatus::running;
  if (running && works(task) && is_dispatched(definition.tasks[ref.task].type))
    owed.dispatch = Dispatch{.task = ref, .attempt = task.attempt};
  if (task.deadline) owed.deadline = wake_of(TimerKind::task_timeout, ref, task, *task.deadline);
  // A paused run starts nothing: its retries and waits are owed again when it resumes.
  if (state.status == RunStatus::paused) return owed;
  if (!running && task.waits_for == WaitsFor::time && task.due) {
    bool retry = task.attempt > 0 || task.error;
    owed.wake = wake_of(retry ? TimerKind::retry : TimerKind::wait, ref, task, *task.due);
  }
  if (running && task.progress && task.progress->due)
    owed.wake = wake_of(TimerKind::proceed, ref, task, *task.progress->due);
  return owed;
}

std::optional<Wake> owed_by_run(const State& state) {
  if (!state.exists() || is_terminal(state.status) || !state.deadline) return std::nullopt;
  return Wake{.due = *state.deadline, .kind = TimerKind::run_timeout, .task = {}, .attempt = 0};
}

Owed owed(const workflow::Definition& definition, const State& state) {
  Owed all;
  if (auto wake = owed_by_run(state)) all.wakes.push_back(*wake);
  for (const auto& [id, scope] : state.scopes) {
    if (scope.closed) continue;
    const auto& numbers = definition.bodies[scope.body].tasks;
    for (std::size_t i = 0; i < scope.tasks.size(); ++i) {
      TaskOwed one = owed_by_task(definition, state, {.scope = id, .task = numbers[i]});
      if (one.dispatch) all.dispatches.push_back(*one.dispatch);
      if (one.deadline) all.wakes.push_back(*one.deadline);
      if (one.wake) all.wakes.push_back(*one.wake);
    }
  }
  return all;
}

}  // namespace harmonia::execution
