#include "execution/state.h"

namespace harmonia::execution {
namespace {

// One overload per event: the only place where a run's state changes.
class Applier {
 public:
  Applier(State& state, const workflow::Definition& definition, Timestamp at)
      : state_(state), definition_(definition), at_(at) {}

  void operator()(const ExecutionStarted& event) {
    state_.workflow = event.workflow;
    state_.revision = event.revision;
    state_.status = RunStatus::running;
    state_.created_at = at_;
    state_.deadline = event.deadline;
    state_.input = event.input;
    state_.context = event.context;
    state_.env = event.env;
    open_scope(root_scope, 0);
  }

  void operator()(const TaskScheduled& event) {
    TaskState& task = task_at(event.task);
    set_status(task, TaskStatus::running);
    task.attempt = event.attempt;
    task.deadline = event.deadline;
    task.due.reset();
    if (event.input) task.input = event.input;
    if (!task.started_at) task.started_at = at_;
  }

  void operator()(const TaskWaiting& event) {
    TaskState& task = task_at(event.task);
    set_status(task, TaskStatus::waiting);
    task.due = event.due;
    task.started_at = at_;
  }

  void operator()(const AttemptFailed& event) {
    TaskState& task = task_at(event.task);
    set_status(task, TaskStatus::waiting);
    task.error = error_of(event.task, event.error);
    task.due = event.retry_at;
    task.deadline.reset();
  }

  void operator()(const TaskCompleted& event) {
    TaskState& task = close(event.task, TaskStatus::completed);
    task.attempt = event.attempt;
    task.output = event.output;
  }

  void operator()(const TaskFailed& event) {
    TaskState& task = close(event.task, TaskStatus::failed);
    task.attempt = event.attempt;
    task.error = error_of(event.task, event.error);
    task.failure_continued = !event.fails_scope;
    if (!event.fails_scope) return;
    Scope& scope = state_.scope(event.task.scope);
    scope.failing = true;
    if (!scope.failure) {
      scope.failure = event.error;
      scope.failure->instance = path_of(definition_, state_, event.task);
    }
  }

  void operator()(const TaskSkipped& event) {
    close(event.task, TaskStatus::skipped).reason = event.reason;
  }
  void operator()(const TaskCanceled& event) {
    close(event.task, TaskStatus::canceled).reason = event.reason;
  }

  void operator()(const ExecutionPaused&) { state_.status = RunStatus::paused; }
  void operator()(const ExecutionResumed&) { state_.status = RunStatus::running; }

  void operator()(const ExecutionCompleted& event) {
    state_.output = event.output;
    end(RunStatus::completed);
  }
  void operator()(const ExecutionFailed& event) {
    state_.error = event.error;
    end(RunStatus::failed);
  }
  void operator()(const ExecutionCanceled& event) {
    state_.cancel_reason = event.reason;
    end(RunStatus::canceled);
  }

 private:
  void open_scope(ScopeId id, workflow::BodyNumber body) {
    Scope& scope = state_.scopes[id];
    scope.id = id;
    scope.body = body;
    scope.tasks.resize(definition_.bodies[body].tasks.size());
    scope.open_tasks = static_cast<std::uint32_t>(scope.tasks.size());
    for (const TaskState& task : scope.tasks) count_task(state_.counts, std::nullopt, task.status);
  }

  void set_status(TaskState& task, TaskStatus status) {
    count_task(state_.counts, task.status, status);
    task.status = status;
  }

  TaskState& task_at(TaskRef ref) {
    Scope& scope = state_.scope(ref.scope);
    auto position = ref.task - definition_.bodies[scope.body].tasks.front();
    ASSERT(position < scope.tasks.size());
    ASSERT(!is_terminal(scope.tasks[position].status));
    return scope.tasks[position];
  }

  // With the task it is about, for expressions and views.
  std::shared_ptr<const Error> error_of(TaskRef ref, Error error) {
    if (error.instance.empty()) error.instance = path_of(definition_, state_, ref);
    return std::make_shared<const Error>(std::move(error));
  }

  TaskState& close(TaskRef ref, TaskStatus status) {
    TaskState& task = task_at(ref);
    close(task, status);
    --state_.scope(ref.scope).open_tasks;
    return task;
  }

  void close(TaskState& task, TaskStatus status) {
    set_status(task, status);
    task.ended_at = at_;
    task.due.reset();
    task.deadline.reset();
  }

  void end(RunStatus status) {
    for (auto& [_, scope] : state_.scopes) {
      if (scope.open_tasks == 0) continue;
      for (TaskState& task : scope.tasks) {
        if (is_terminal(task.status)) continue;
        close(task, TaskStatus::canceled);
        task.reason = "the run ended";
      }
      scope.open_tasks = 0;
    }
    state_.status = status;
    state_.ended_at = at_;
  }

  State& state_;
  const workflow::Definition& definition_;
  Timestamp at_;
};

}  // namespace

void evolve(State& state, const workflow::Definition& definition, const Event& event) {
  ASSERT(event.seq == state.last_seq + 1);
  std::visit(Applier(state, definition, event.at), event.body);
  state.last_seq = event.seq;
  state.last_at = event.at;
}

}  // namespace harmonia::execution
