#include "execution/owed.h"

namespace harmonia::execution {

using workflow::Definition;

namespace {

Wake wake_of(TimerKind kind, TaskRef ref, const TaskState& task, Timestamp due) {
  return {.due = due, .kind = kind, .task = ref, .attempt = task.attempt};
}

bool works(const TaskState& task) { return !task.progress || task.progress->phase == Phase::work; }

std::optional<Interest> interest_of(const Definition& definition, TaskRef ref,
                                    const TaskState& task) {
  if (task.status == TaskStatus::waiting && task.waits_for == WaitsFor::incident)
    return Interest{
        .kind = InterestKind::incident, .task = ref, .attempt = task.attempt, .key = {}};
  if (!task.progress) return std::nullopt;
  if (!task.progress->lock_key.empty()) {
    const auto& limit = definition.tasks[ref.task].concurrency;
    return Interest{.kind = InterestKind::lock,
                    .task = ref,
                    .attempt = task.attempt,
                    .key = task.progress->lock_key,
                    .limit = limit ? limit->limit : 1};
  }
  if (task.status == TaskStatus::waiting && task.waits_for == WaitsFor::approval)
    return Interest{
        .kind = InterestKind::approval, .task = ref, .attempt = task.attempt, .key = {}};
  if (task.status != TaskStatus::waiting || !task.input || !task.input->is_object())
    return std::nullopt;
  const JsonObject& input = task.input->get_object();
  if (task.waits_for == WaitsFor::event && input.contains("correlation")) {
    return Interest{.kind = InterestKind::event,
                    .task = ref,
                    .attempt = task.attempt,
                    .key = event_key(get_string(input, "event"), get_string(input, "correlation"))};
  }
  if (task.waits_for == WaitsFor::child) {
    return Interest{.kind = InterestKind::child,
                    .task = ref,
                    .attempt = task.attempt,
                    .key = get_string(input, "execution")};
  }
  return std::nullopt;
}

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
  // A paused run starts nothing: its retries and waits are owed again when it resumes, and what
  // stands in line for a lock lets others pass.
  bool paused = state.status == RunStatus::paused;
  bool in_line = !running && task.waits_for == WaitsFor::lock;
  owed.interest = interest_of(definition, ref, task);
  if (paused && in_line) owed.interest->kind = InterestKind::aside;
  if (paused) return owed;
  if (!running && task.waits_for == WaitsFor::time && task.due) {
    bool retry = task.attempt > 0;  // a wait has no attempts
    owed.wake = wake_of(retry ? TimerKind::retry : TimerKind::wait, ref, task, *task.due);
  }
  if (running && task.progress && task.progress->due)
    owed.wake = wake_of(TimerKind::proceed, ref, task, *task.progress->due);
  return owed;
}

RunOwed owed_by_run(const State& state) {
  RunOwed owed;
  if (!state.exists() || is_terminal(state.status)) return owed;
  if (state.deadline) {
    owed.wake =
        Wake{.due = *state.deadline, .kind = TimerKind::run_timeout, .task = {}, .attempt = 0};
  }
  if (!state.turn.key.empty()) {
    owed.turn = Interest{.kind = InterestKind::lock,
                         .key = state.turn.key,
                         .limit = state.turn.limit,
                         .policy = state.turn.policy};
  }
  if (state.parent && state.parent->waits) {
    owed.parent = Interest{.kind = InterestKind::parent, .key = to_string(state.parent->execution)};
  }
  return owed;
}

std::string event_key(std::string_view name, std::string_view correlation) {
  return std::string(name).append("\n").append(correlation);
}

Owed owed(const workflow::Definition& definition, const State& state) {
  Owed all;
  RunOwed run = owed_by_run(state);
  if (run.wake) all.wakes.push_back(*run.wake);
  if (run.turn) all.interests.push_back(*run.turn);
  if (run.parent) all.interests.push_back(*run.parent);
  for (const auto& [id, scope] : state.scopes) {
    if (scope.closed) continue;
    const auto& numbers = definition.bodies[scope.body].tasks;
    for (std::size_t i = 0; i < scope.tasks.size(); ++i) {
      TaskOwed one = owed_by_task(definition, state, {.scope = id, .task = numbers[i]});
      if (one.dispatch) all.dispatches.push_back(*one.dispatch);
      if (one.deadline) all.wakes.push_back(*one.deadline);
      if (one.wake) all.wakes.push_back(*one.wake);
      if (one.interest) all.interests.push_back(*one.interest);
    }
  }
  return all;
}

}  // namespace harmonia::execution
