#include "execution/owed.h"

namespace harmonia::execution {

TaskOwed owed_by_task(const State& state, TaskRef ref, const TaskState& task) {
  TaskOwed owed;
  if (is_terminal(state.status)) return owed;
  if (task.status == TaskStatus::running) {
    owed.dispatch = Dispatch{.task = ref, .attempt = task.attempt};
    if (task.deadline) {
      owed.wake = Wake{.due = *task.deadline,
                       .kind = TimerKind::task_timeout,
                       .task = ref,
                       .attempt = task.attempt};
    }
  }
  // A paused run starts nothing: its retries and waits are owed again when it resumes.
  if (task.status == TaskStatus::waiting && state.status != RunStatus::paused) {
    auto kind = task.attempt > 0 ? TimerKind::retry : TimerKind::wait;
    owed.wake = Wake{.due = *task.due, .kind = kind, .task = ref, .attempt = task.attempt};
  }
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
    const auto& numbers = definition.bodies[scope.body].tasks;
    for (std::size_t i = 0; i < scope.tasks.size(); ++i) {
      TaskOwed one = owed_by_task(state, {.scope = id, .task = numbers[i]}, scope.tasks[i]);
      if (one.dispatch) all.dispatches.push_back(*one.dispatch);
      if (one.wake) all.wakes.push_back(*one.wake);
    }
  }
  return all;
}

}  // namespace harmonia::execution
