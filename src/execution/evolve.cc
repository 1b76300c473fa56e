#include <algorithm>

#include "execution/scope_tree.h"
#include "execution/state.h"

namespace harmonia::execution {
namespace {

using workflow::BodyRole;
using workflow::TaskType;

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
    state_.key = event.key;
    state_.public_url = event.public_url;
    state_.parent = event.parent;
    open_scope({.id = root_scope, .body = 0});
  }

  void operator()(const TaskScheduled& event) {
    TaskState& task = task_at(event.task);
    leave_queue(task, event.task);
    ++state_.active;
    begin(task, TaskStatus::running, event.attempt, event.deadline);
    if (event.input) task.input = event.input;
  }

  void operator()(const TaskQueued& event) {
    TaskState& task = task_at(event.task);
    begin(task, TaskStatus::waiting, event.attempt, std::nullopt);
    task.waits_for = WaitsFor::slot;
    if (event.input) task.input = event.input;
    enqueue(event.task);
  }

  void operator()(const TaskStarted& event) {
    TaskState& task = task_at(event.task);
    if (event.attempt > 1) erase_scopes_of(event.task);
    begin(task, TaskStatus::running, event.attempt, event.deadline);
    if (event.input) task.input = event.input;
    std::string lock_key = task.progress ? task.progress->lock_key : std::string();
    fresh_progress(task).lock_key = std::move(lock_key);
  }

  void operator()(const TaskWaiting& event) {
    TaskState& task = task_at(event.task);
    set_status(task, TaskStatus::waiting);
    task.waits_for = WaitsFor::time;
    task.due = event.due;
    task.started_at = at_;
  }

  void operator()(const TaskAwaiting& event) {
    TaskState& task = task_at(event.task);
    end_attempt(task, event.task);
    begin(task, TaskStatus::waiting, event.attempt, event.deadline);
    task.waits_for = event.waits_for;
    Progress& progress = task.progress.need();
    progress.pending_output = event.response;
    progress.asked_seq = state_.last_seq + 1;
    // The input of a task is what its work is about; a lock is not.
    if (event.waits_for == WaitsFor::lock) {
      progress.lock_key = get_string(event.input->get_object(), "key");
    } else if (event.input) {
      task.input = event.input;
    }
  }

  void operator()(const TaskDeferred& event) {
    task_at(event.task).progress.need().due = event.due;
  }

  void operator()(const AttemptFailed& event) {
    TaskState& task = task_at(event.task);
    end_attempt(task, event.task);
    set_status(task, TaskStatus::waiting);
    task.waits_for = WaitsFor::time;
    task.attempt = event.attempt;
    task.error = error_of(event.task, event.error);
    task.due = event.retry_at;
    task.deadline.reset();
    task.progress.reset();
  }

  void operator()(const ErrorCaught& event) {
    TaskState& task = task_at(event.task);
    end_attempt(task, event.task);
    set_status(task, TaskStatus::running);
    task.attempt = event.attempt;
    task.error = error_of(event.task, event.error);
    task.due.reset();
    task.deadline.reset();
    Progress& progress = fresh_progress(task);
    progress.phase = Phase::handling;
    progress.clause = event.clause;
    progress.caught = task.error;
    if (!task.started_at) task.started_at = at_;
  }

  void operator()(const CleanupStarted& event) {
    TaskState& task = task_at(event.task);
    end_attempt(task, event.task);
    set_status(task, TaskStatus::running);
    task.attempt = event.attempt;
    task.due.reset();
    task.deadline.reset();
    Progress& progress = task.progress.need();
    SharedJson output = event.output;
    if (!output && !event.error)
      output = share(composite_output(definition_.tasks[event.task.task], progress));
    fresh_progress(task).phase = Phase::cleanup;
    task.progress->pending_output = std::move(output);
    task.progress->canceled = event.canceled;
    if (event.error) {
      task.error = error_of(event.task, *event.error);
      task.progress->caught = task.error;
    }
    if (!task.started_at) task.started_at = at_;
  }

  void operator()(const IncidentRaised& event) {
    TaskState& task = task_at(event.task);
    end_attempt(task, event.task);
    begin(task, TaskStatus::waiting, event.attempt, std::nullopt);
    task.waits_for = WaitsFor::incident;
    task.error = error_of(event.task, event.error);
    fresh_progress(task).asked_seq = state_.last_seq + 1;
  }

  void operator()(const TaskCompleted& event) {
    SharedJson output = event.output;
    TaskState& task = task_at(event.task);
    if (!output) {
      Progress& progress = task.progress.need();
      output = progress.phase == Phase::cleanup
                   ? progress.pending_output
                   : share(composite_output(definition_.tasks[event.task.task], progress));
    }
    close(event.task, TaskStatus::completed);
    task.attempt = event.attempt;
    task.output = std::move(output);
  }

  void operator()(const TaskFailed& event) {
    TaskState& task = close(event.task, TaskStatus::failed);
    task.attempt = event.attempt;
    task.error = error_of(event.task, event.error);
    task.failure_continued = !event.fails_scope;
    if (!event.fails_scope) return;
    Scope& scope = state_.scope(event.task.scope);
    scope.failing = true;
    if (!scope.failure) scope.failure = *task.error;
  }

  void operator()(const TaskSkipped& event) {
    close(event.task, TaskStatus::skipped).reason = event.reason;
  }
  void operator()(const TaskCanceled& event) {
    close(event.task, TaskStatus::canceled).reason = event.reason;
  }

  void operator()(const UndoRegistered& event) {
    const auto& task = definition_.tasks[event.task.task];
    state_.scope(event.task.scope)
        .undo.push_back({.seq = state_.last_seq + 1,
                         .body = *task.compensate,
                         .path = path_of(definition_, state_, event.task),
                         .input = event.input,
                         .view = event.view,
                         .error = event.error});
  }

  void operator()(const ScopeOpened& event) {
    Scope scope{.id = event.scope,
                .body = event.body,
                .owner = event.owner,
                .parent = event.owner ? event.owner->scope : event.parent,
                .index = event.index};
    const auto& body = definition_.bodies[event.body];
    if (event.owner) {
      scope.prefix = prefix_of(event);
      task_at(*event.owner).progress.need().owns_scopes = true;
      if (body.role == BodyRole::work) {
        Progress& progress = task_at(*event.owner).progress.need();
        ++progress.opened;
        ++progress.open;
        progress.due.reset();
      }
    } else if (body.role == BodyRole::undo) {
      Scope& failed = state_.scope(event.parent);
      scope.prefix = failed.undo.back().path + ".";
      scope.undoes.need() = std::move(failed.undo.back());
      failed.undo.pop_back();
    } else {
      scope.prefix = state_.scope(event.parent).prefix + body.label + "/";
    }
    if (!event.owner) state_.scope(event.parent).follow_up = event.scope;
    open_scope(std::move(scope));
  }

  void operator()(const ScopeClosed& event) {
    Scope& scope = state_.scope(event.scope);
    BodyRole role = definition_.bodies[scope.body].role;
    if (event.outcome == ScopeOutcome::canceled)
      cancel_tree(event.scope, "another branch was enough");
    if (scope.owner && role == BodyRole::work) count_outcome(scope, event);
    if (role == BodyRole::undo && event.outcome == ScopeOutcome::failed)
      state_.scope(*scope.parent).not_undone.push_back(event.error->instance);
    if (!scope.owner && scope.parent) state_.scope(*scope.parent).follow_up.reset();
    hand_up_undo(scope);
    scope.closed = true;
    if (scope.owner && is_repeated(definition_.tasks[scope.owner->task].type))
      erase_tree(event.scope);
  }

  void operator()(const SignalReceived& event) {
    ++state_.signals_received;
    state_.signals.push_back({.number = state_.signals_received,
                              .name = event.name,
                              .correlation = event.correlation,
                              .payload = event.payload});
    if (event.id.empty()) return;
    state_.signal_ids.push_back(event.id);
    if (state_.signal_ids.size() > signal_ids_max) state_.signal_ids.pop_front();
  }

  void operator()(const SignalTaken& event) {
    auto found = std::find_if(state_.signals.begin(), state_.signals.end(),
                              [&](const KeptSignal& one) { return one.number == event.signal; });
    ASSERT(found != state_.signals.end());
    task_at(event.task).progress.need().received.push_back(found->payload);
    state_.signals.erase(found);
  }

  void operator()(const ExecutionQueued& event) {
    state_.turn = {.key = event.key, .limit = event.limit, .policy = event.policy};
    state_.status = RunStatus::pending;
  }
  void operator()(const ExecutionAdmitted&) { state_.status = RunStatus::running; }

  void operator()(const ExecutionFailing& event) {
    Scope& root = state_.scope(root_scope);
    root.failing = true;
    if (!root.failure) root.failure = event.error;
    if (!event.deadline) return;
    state_.deadline = event.deadline;
    state_.timed_out = true;
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
  // Scopes of loops and maps leave the state when they close: there may be any number of them.
  static bool is_repeated(TaskType type) { return type == TaskType::loop || type == TaskType::map; }

  std::string prefix_of(const ScopeOpened& event) const {
    std::string prefix = path_of(definition_, state_, *event.owner);
    const auto& body = definition_.bodies[event.body];
    prefix += body.label;
    if (body.role == BodyRole::work && is_repeated(definition_.tasks[event.owner->task].type))
      prefix.append("[").append(std::to_string(event.index)).append("]");
    return prefix + "/";
  }

  void open_scope(Scope scope) {
    scope.tasks.resize(definition_.bodies[scope.body].tasks.size());
    scope.open_tasks = static_cast<std::uint32_t>(scope.tasks.size());
    for (const TaskState& task : scope.tasks) count_task(state_.counts, std::nullopt, task.status);
    ScopeId id = scope.id;
    if (scope.parent) state_.scope(*scope.parent).has_inner = true;
    state_.last_scope = std::max(state_.last_scope, id);
    state_.scopes.insert_or_assign(id, std::move(scope));
  }

  void count_outcome(const Scope& scope, const ScopeClosed& event) {
    Progress& progress = task_at(*scope.owner).progress.need();
    --progress.open;
    SharedJson result = event.output;
    if (event.outcome == ScopeOutcome::completed) {
      ++progress.completed;
      progress.last = event.output;
    } else if (event.outcome == ScopeOutcome::failed) {
      ++progress.failed;
      if (!progress.failure) progress.failure = std::make_shared<const Error>(*event.error);
      const auto* map = std::get_if<workflow::Map>(&definition_.tasks[scope.owner->task].structure);
      // No further item begins.
      if (map != nullptr && progress.failed > map->max_failures) progress.due.reset();
      result = share(JsonObject{
          {"error", JsonObject{{"code", event.error->code}, {"message", event.error->detail}}}});
    }
    const auto& task = definition_.tasks[scope.owner->task];
    bool completed = event.outcome == ScopeOutcome::completed;
    if (!keeps_result(task, completed)) return;
    if (progress.results.size() <= scope.index) progress.results.resize(scope.index + 1);
    progress.results[scope.index] = result ? to_text(*result) : "null";
  }

  static bool keeps_result(const workflow::Task& task, bool completed) {
    if (task.type == TaskType::map) return true;
    if (task.type == TaskType::parallel) return completed;
    const auto* loop = std::get_if<workflow::Loop>(&task.structure);
    return loop != nullptr && loop->collect && completed;
  }

  void set_status(TaskState& task, TaskStatus status) {
    count_task(state_.counts, task.status, status);
    task.status = status;
  }

  void begin(TaskState& task, TaskStatus status, std::uint32_t attempt,
             const std::optional<Timestamp>& deadline) {
    set_status(task, status);
    task.attempt = attempt;
    task.deadline = deadline;
    task.due.reset();
    if (!task.started_at) task.started_at = at_;
  }

  // Whatever an attempt has open ends with it.
  void end_attempt(TaskState& task, TaskRef ref) {
    TaskType type = definition_.tasks[ref.task].type;
    bool works = !task.progress || task.progress->phase == Phase::work;
    if (task.status == TaskStatus::running && is_dispatched(type) && works) --state_.active;
    leave_queue(task, ref);
    if (task.progress && task.progress->owns_scopes)
      cancel_scopes_of(ref, "its task went on without it");
  }

  static Progress& fresh_progress(TaskState& task) {
    task.progress.reset();
    return task.progress.need();
  }

  // Higher priority first, then the one that came first.
  void enqueue(TaskRef ref) {
    auto priority = [this](TaskRef one) { return definition_.tasks[one.task].priority; };
    auto place = std::find_if(state_.queue.begin(), state_.queue.end(),
                              [&](TaskRef other) { return priority(other) < priority(ref); });
    state_.queue.insert(place, ref);
  }

  void leave_queue(const TaskState& task, TaskRef ref) {
    if (task.status != TaskStatus::waiting || task.waits_for != WaitsFor::slot) return;
    auto found = std::find(state_.queue.begin(), state_.queue.end(), ref);
    if (found != state_.queue.end()) state_.queue.erase(found);
  }

  // What an inner scope has done is undone when an outer one fails; not what followed a failure.
  void hand_up_undo(Scope& scope) {
    if (!scope.owner && scope.parent) scope.undo.clear();
    if (scope.undo.empty() || !scope.parent) return;
    auto& outer = state_.scope(*scope.parent).undo;
    auto middle = static_cast<std::ptrdiff_t>(outer.size());
    outer.insert(outer.end(), scope.undo.begin(), scope.undo.end());
    std::inplace_merge(outer.begin(), outer.begin() + middle, outer.end(),
                       [](const Undo& a, const Undo& b) { return a.seq < b.seq; });
    scope.undo.clear();
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
    end_attempt(task, ref);
    close(task, status);
    --state_.scope(ref.scope).open_tasks;
    return task;
  }

  void close(TaskState& task, TaskStatus status) {
    set_status(task, status);
    task.ended_at = at_;
    task.due.reset();
    task.deadline.reset();
    task.progress.reset();
  }

  void cancel_scopes_of(TaskRef owner, std::string_view reason) {
    for (ScopeId id : scopes_of(state_, owner)) {
      if (!state_.scope(id).closed) cancel_tree(id, reason);
    }
  }

  void cancel_tree(ScopeId root, std::string_view reason) {
    auto tree = tree_of(state_, root);
    for (auto id = tree.rbegin(); id != tree.rend(); ++id) {
      Scope& scope = state_.scope(*id);
      if (!scope.closed) cancel_tasks(scope, reason);
      // A compensation that is interrupted begins anew, for the scope that is undone next.
      if (!scope.closed && scope.undoes) state_.scope(*scope.parent).undo.push_back(*scope.undoes);
      hand_up_undo(scope);
      scope.closed = true;
    }
  }

  void cancel_tasks(Scope& scope, std::string_view reason) {
    if (scope.open_tasks == 0) return;
    const auto& numbers = definition_.bodies[scope.body].tasks;
    for (std::size_t i = 0; i < scope.tasks.size(); ++i) {
      TaskState& task = scope.tasks[i];
      if (is_terminal(task.status)) continue;
      leave_queue(task, {.scope = scope.id, .task = numbers[i]});
      bool works = !task.progress || task.progress->phase == Phase::work;
      if (task.status == TaskStatus::running && works &&
          is_dispatched(definition_.tasks[numbers[i]].type))
        --state_.active;
      close(task, TaskStatus::canceled);
      task.reason = reason;
    }
    scope.open_tasks = 0;
  }

  void erase_tree(ScopeId root) {
    for (ScopeId id : tree_of(state_, root)) state_.scopes.erase(id);
  }

  void erase_scopes_of(TaskRef owner) {
    for (ScopeId id : scopes_of(state_, owner)) erase_tree(id);
  }

  void end(RunStatus status) {
    for (auto& [_, scope] : state_.scopes) {
      cancel_tasks(scope, "the run ended");
      scope.closed = true;
      scope.undo.clear();
    }
    state_.queue.clear();
    state_.signals.clear();
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
