#include "tests/simulation/ledger.h"

#include <algorithm>

#include "tests/simulation/broken_law.h"
#include "tests/simulation/results.h"

namespace harmonia::simulation {
namespace {

using namespace execution;  // the names of all events
using workflow::BodyRole;

constexpr const char* law = "history";

// Folds one event into a run.
class Folder {
 public:
  Folder(RunRecord& run, const Event& event, std::uint64_t place)
      : run_(run), event_(event), place_(place) {}

  void operator()(const ExecutionStarted& started) {
    run_.workflow = started.workflow;
    run_.revision = started.revision;
    run_.status = RunStatus::running;
    run_.created_at = event_.at;
    run_.deadline = started.deadline;
    run_.input = started.input;
    run_.parent = started.parent;
    open({.id = root_scope, .body = &run_.spec->bodies[0]});
  }
  void operator()(const ExecutionQueued& queued) {
    run_.status = RunStatus::pending;
    run_.turn = queued.key;
    run_.turn_limit = queued.limit;
    run_.in_line = true;
    run_.place = place_;
  }
  void operator()(const ExecutionAdmitted&) {
    run_.status = RunStatus::running;
    run_.in_line = false;
  }
  // Who waits for a lock lets others pass until the run goes on.
  void operator()(const ExecutionPaused&) {
    run_.status = RunStatus::paused;
    for (TaskRecord* task : in_line()) {
      task->place = 0;
      task->was_aside = true;
    }
  }
  void operator()(const ExecutionResumed&) {
    run_.status = RunStatus::running;
    for (TaskRecord* task : in_line()) task->place = place_;
  }
  void operator()(const ExecutionFailing& failing) {
    ScopeRecord& root = *run_.find_scope(root_scope);
    root.failing = true;
    if (!root.failure) root.failure = failing.error;
    if (!failing.deadline) return;
    run_.deadline = failing.deadline;
    run_.timed_out = true;
  }
  void operator()(const ExecutionCompleted& completed) {
    run_.output = completed.output;
    end(RunStatus::completed);
  }
  void operator()(const ExecutionFailed& failed) {
    run_.error = failed.error;
    end(RunStatus::failed);
  }
  void operator()(const ExecutionCanceled& canceled) {
    run_.reason = canceled.reason;
    end(RunStatus::canceled);
  }

  void operator()(const TaskScheduled& scheduled) {
    TaskRecord& task = at(scheduled.task);
    begin(task, Standing::attempting, scheduled.attempt, scheduled.deadline);
    if (scheduled.input) task.input = scheduled.input;
  }
  void operator()(const TaskQueued& queued) {
    TaskRecord& task = at(queued.task);
    begin(task, Standing::queued, queued.attempt, std::nullopt);
    task.queued_at = event_.seq;
    if (queued.input) task.input = queued.input;
  }
  void operator()(const TaskStarted& started) {
    TaskRecord& task = at(started.task);
    close_owned(started.task);
    task.scopes_opened = 0;
    begin(task, Standing::working, started.attempt, started.deadline);
    if (started.input) task.input = started.input;
  }
  void operator()(const TaskWaiting& waiting) {
    TaskRecord& task = at(waiting.task);
    change(task, Standing::sleeping);
    task.due = waiting.due;
  }
  void operator()(const TaskAwaiting& awaiting) {
    TaskRecord& task = at(awaiting.task);
    close_owned(awaiting.task);
    begin(task, Standing::awaiting, awaiting.attempt, awaiting.deadline);
    task.waits_for = awaiting.waits_for;
    task.asked_at = event_.seq;
    task.taken.clear();
    if (awaiting.waits_for == WaitsFor::lock) {
      task.key = get_string(awaiting.input->get_object(), "key");
      task.in_line = true;
      task.was_aside = false;
      task.place = place_;
    } else if (awaiting.input) {
      task.input = awaiting.input;
    }
    if (awaiting.waits_for != WaitsFor::child) return;
    task.child = get_string(awaiting.input->get_object(), "execution");
    task.detached = awaiting.input->get_object().contains("detached");
  }
  void operator()(const TaskDeferred& deferred) { at(deferred.task).due = deferred.due; }
  void operator()(const AttemptFailed& failed) {
    TaskRecord& task = at(failed.task);
    end_attempt(task);
    change(task, Standing::retrying);
    task.attempt = failed.attempt;
    task.due = failed.retry_at;
    task.error = failed.error;
  }
  void operator()(const ErrorCaught& caught) {
    TaskRecord& task = at(caught.task);
    end_attempt(task);
    change(task, Standing::handling);
    task.attempt = caught.attempt;
    task.clause = caught.clause;
    task.handlers_opened = 0;
    task.error = caught.error;
  }
  void operator()(const CleanupStarted& started) {
    TaskRecord& task = at(started.task);
    task.pending = started.output || started.error ? started.output : given_by_scopes(task);
    end_attempt(task);
    change(task, Standing::cleaning);
    task.attempt = started.attempt;
    task.cleans_to_cancel = started.canceled;
    if (started.error) task.error = started.error;
  }
  void operator()(const IncidentRaised& raised) {
    TaskRecord& task = at(raised.task);
    end_attempt(task);
    change(task, Standing::awaiting);
    task.waits_for = WaitsFor::incident;
    task.asked_at = event_.seq;
    task.attempt = raised.attempt;
    task.error = raised.error;
  }
  void operator()(const TaskCompleted& completed) {
    TaskRecord& task = at(completed.task);
    SharedJson output = completed.output;
    if (!output)
      output = task.standing == Standing::cleaning ? task.pending : given_by_scopes(task);
    end_attempt(task);
    change(task, Standing::completed);
    task.attempt = completed.attempt;
    task.output = std::move(output);
    ++task.times_completed;
  }
  void operator()(const TaskFailed& failed) {
    TaskRecord& task = at(failed.task);
    end_attempt(task);
    change(task, Standing::failed);
    task.attempt = failed.attempt;
    task.error = failed.error;
    task.continued = !failed.fails_scope;
    ScopeRecord& scope = *run_.find_scope(failed.task.scope);
    if (!failed.fails_scope) return;
    scope.failing = true;
    if (!scope.failure) scope.failure = failed.error;
  }
  void operator()(const TaskSkipped& skipped) { cut_short(skipped.task, Standing::skipped); }
  void operator()(const TaskCanceled& canceled) { cut_short(canceled.task, Standing::canceled); }
  void operator()(const UndoRegistered& undo) {
    TaskRecord* task = run_.find_task(undo.task);
    expect(task != nullptr && task->spec->compensate != nullptr, law,
           [&] { return name_of(run_, undo.task) + " can be undone and has no `compensate`"; });
    ScopeRecord& scope = *run_.find_scope(undo.task.scope);
    scope.undo.push_back({.seq = event_.seq,
                          .body = task->spec->compensate->number,
                          .path = task->path,
                          .input = undo.input,
                          .error = undo.error});
  }
  void operator()(const ScopeOpened& opened) {
    ScopeRecord scope{.id = opened.scope,
                      .body = &run_.spec->bodies[opened.body],
                      .owner = opened.owner,
                      .parent = opened.owner ? opened.owner->scope : opened.parent,
                      .index = opened.index};
    if (opened.owner) {
      open_for(at(*opened.owner), scope);
    } else {
      open_after_failure(scope);
    }
    open(std::move(scope));
  }
  void operator()(const ScopeClosed& closed) {
    ScopeRecord* scope = run_.find_scope(closed.scope);
    expect(scope != nullptr && scope->open, law, [&] {
      return name_of(run_) + ": scope " + std::to_string(closed.scope) + " closes and is not open";
    });
    scope->outcome = closed.outcome;
    scope->output = closed.output;
    scope->close_error = closed.error;
    if (scope->owner && scope->body->role == BodyRole::cleanup) ++at(*scope->owner).cleanups_closed;
    close(*scope, closed.outcome == ScopeOutcome::canceled);
  }
  void operator()(const SignalReceived& received) {
    run_.signals[++run_.signals_received] = {.id = received.id,
                                             .name = received.name,
                                             .correlation = received.correlation,
                                             .payload = received.payload};
    if (!received.id.empty()) run_.signal_ids.insert(received.id);
  }
  void operator()(const SignalTaken& taken) {
    at(taken.task).taken.push_back(taken.signal);
    if (auto found = run_.signals.find(taken.signal); found != run_.signals.end())
      found->second.taken = true;
  }

 private:
  // A task that may still change: its scope is open and it is not over.
  TaskRecord& at(TaskRef ref) {
    TaskRecord* task = run_.find_task(ref);
    expect(task != nullptr && run_.find_scope(ref.scope)->open, law, [&] {
      return name_of(run_) + ": event " + std::to_string(event_.seq) + " (" +
             std::string(event_name(event_.body)) + ") is about a task of scope " +
             std::to_string(ref.scope) + ", which is not open";
    });
    expect(!is_over(task->standing), law, [&] {
      return name_of(run_, ref) + " is " + std::string(to_string(task->standing)) +
             " and still gets event " + std::to_string(event_.seq) + " (" +
             std::string(event_name(event_.body)) + ")";
    });
    return *task;
  }

  // Results of scopes are written once: what a task makes of them follows from them.
  SharedJson given_by_scopes(const TaskRecord& task) const {
    if (!task.spec->holds_scopes()) return nullptr;
    auto result = result_of_holder(run_, task);
    return result ? share(std::move(*result)) : nullptr;
  }

  std::vector<TaskRecord*> in_line() {
    std::vector<TaskRecord*> waiting;
    for (auto& [_, scope] : run_.scopes) {
      for (TaskRecord& task : scope.tasks) {
        if (scope.open && task.in_line) waiting.push_back(&task);
      }
    }
    return waiting;
  }

  void change(TaskRecord& task, Standing standing) {
    task.standing = standing;
    task.since = event_.at;
    task.due.reset();
    task.deadline.reset();
  }

  void begin(TaskRecord& task, Standing standing, std::uint32_t attempt,
             const std::optional<Timestamp>& deadline) {
    if (task.standing == Standing::awaiting && task.waits_for == WaitsFor::incident)
      ++task.operator_retries;
    change(task, standing);
    task.attempt = attempt;
    task.deadline = deadline;
    task.in_line = false;
  }

  // Whatever the attempt has open ends with it, the lock too.
  void end_attempt(TaskRecord& task) {
    close_owned(task.ref);
    task.key.clear();
    task.in_line = false;
  }

  void cut_short(TaskRef ref, Standing standing) {
    TaskRecord& task = at(ref);
    end_attempt(task);
    change(task, standing);
  }

  void open_for(TaskRecord& owner, ScopeRecord& scope) {
    scope.attempt = owner.attempt;
    scope.prefix = owner.path + scope.body->label;
    if (scope.body->role == BodyRole::work) {
      if (owner.spec->repeats()) scope.prefix += "[" + std::to_string(scope.index) + "]";
      ++owner.scopes_opened;
      owner.due.reset();
    }
    if (scope.body->role == BodyRole::handler) ++owner.handlers_opened;
    if (scope.body->role == BodyRole::cleanup) ++owner.cleanups_opened;
    scope.prefix += "/";
  }

  void open_after_failure(ScopeRecord& scope) {
    ScopeRecord* failed = run_.find_scope(*scope.parent);
    expect(failed != nullptr && failed->open, law, [&] {
      return name_of(run_) + ": what follows scope " + std::to_string(*scope.parent) +
             " begins when that is closed";
    });
    ++failed->follow_ups;
    scope.prefix = failed->prefix + scope.body->label + "/";
    if (scope.body->role != BodyRole::undo || failed->undo.empty()) return;
    scope.prefix = failed->undo.back().path + ".";
    scope.undoes = failed->undo.back();
    failed->undo.pop_back();
  }

  void open(ScopeRecord scope) {
    for (const TaskSpec& spec : scope.body->tasks) {
      TaskRecord task;
      task.ref = {.scope = scope.id, .task = spec.number};
      task.spec = &spec;
      task.path = scope.prefix + spec.id;
      scope.tasks.push_back(std::move(task));
    }
    run_.last_scope = std::max(run_.last_scope, scope.id);
    ScopeId id = scope.id;
    run_.scopes.insert_or_assign(id, std::move(scope));
  }

  void close_owned(TaskRef owner) {
    for (auto& [_, scope] : run_.scopes) {
      if (scope.open && scope.owner == owner) close(scope, true);
    }
  }

  // With all below it. What it has done may still be undone by the scope around it, but for what
  // followed a failure; a compensation that is cut short begins anew there.
  void close(ScopeRecord& scope, bool cut_short) {
    if (!scope.open) return;
    scope.open = false;
    for (auto& [_, inner] : run_.scopes) {
      if (inner.open && inner.parent == scope.id && inner.id != scope.id) close(inner, true);
    }
    for (TaskRecord& task : scope.tasks) {
      if (is_over(task.standing)) continue;
      change(task, Standing::canceled);
      task.key.clear();
      task.in_line = false;
    }
    if (!scope.parent) return;
    ScopeRecord& outer = *run_.find_scope(*scope.parent);
    if (!scope.owner) {
      if (outer.follow_ups > 0) --outer.follow_ups;
      scope.undo.clear();
      if (cut_short && scope.undoes) scope.undo.push_back(*scope.undoes);
    }
    outer.undo.insert(outer.undo.end(), scope.undo.begin(), scope.undo.end());
    std::sort(outer.undo.begin(), outer.undo.end(),
              [](const UndoRecord& a, const UndoRecord& b) { return a.seq < b.seq; });
    scope.undo.clear();
  }

  void end(RunStatus status) {
    run_.status = status;
    run_.ended_at = event_.at;
    run_.turn.clear();
    run_.in_line = false;
  }

  RunRecord& run_;
  const Event& event_;
  std::uint64_t place_;
};

}  // namespace

std::string_view to_string(Standing standing) {
  constexpr std::string_view names[] = {
      "pending",  "queued",   "attempting", "working", "retrying", "sleeping", "awaiting",
      "handling", "cleaning", "completed",  "failed",  "skipped",  "canceled"};
  return names[static_cast<std::size_t>(standing)];
}

execution::RunStatus RunRecord::status_at(std::uint64_t version) const {
  RunStatus found = RunStatus::pending;
  for (const auto& [since, one] : statuses) {
    if (since <= version) found = one;
  }
  return found;
}

const ScopeRecord* RunRecord::find_scope(ScopeId scope) const {
  auto found = scopes.find(scope);
  return found == scopes.end() ? nullptr : &found->second;
}
ScopeRecord* RunRecord::find_scope(ScopeId scope) {
  auto found = scopes.find(scope);
  return found == scopes.end() ? nullptr : &found->second;
}
const TaskRecord* RunRecord::find_task(TaskRef ref) const {
  const ScopeRecord* scope = find_scope(ref.scope);
  if (scope == nullptr || ref.task < scope->body->first) return nullptr;
  std::size_t position = ref.task - scope->body->first;
  return position < scope->tasks.size() ? &scope->tasks[position] : nullptr;
}
TaskRecord* RunRecord::find_task(TaskRef ref) {
  return const_cast<TaskRecord*>(std::as_const(*this).find_task(ref));
}
const TaskRecord* RunRecord::find_path(std::string_view path) const {
  for (auto at = scopes.rbegin(); at != scopes.rend(); ++at) {
    if (!at->second.open) continue;
    for (const TaskRecord& task : at->second.tasks) {
      if (task.path == path) return &task;
    }
  }
  return nullptr;
}

bool cancels(const RunRecord& run, const ScopeRecord& scope) {
  bool by_time = scope.id == root_scope && run.timed_out;
  return scope.failing && (scope.body->cancels || by_time);
}

std::string place_of(std::string_view path) {
  std::string place;
  bool in_number = false;
  for (char one : path) {
    in_number = in_number || one == '[';
    if (!in_number) place += one;
    in_number = in_number && one != ']';
  }
  return place;
}

std::string name_of(const RunRecord& run) {
  std::string name = run.spec ? run.spec->name : "?";
  return "run " + to_string(run.id) + " of " + name;
}
std::string name_of(const RunRecord& run, TaskRef ref) {
  const TaskRecord* task = run.find_task(ref);
  if (task == nullptr) return name_of(run) + ", an unknown task";
  return name_of(run) + ", task " + task->path + "#" + std::to_string(task->attempt);
}

const RunRecord* Ledger::find(ExecutionId id) const {
  auto found = runs_.find(id);
  return found == runs_.end() ? nullptr : &found->second;
}
const TaskRecord* Ledger::find(ExecutionId id, TaskRef ref) const {
  const RunRecord* run = find(id);
  return run == nullptr ? nullptr : run->find_task(ref);
}

void Ledger::apply(const store::FeedEntry& entry) {
  ++commits_;
  RunRecord& run = runs_[*entry.execution];
  run.id = *entry.execution;
  for (const Event& event : entry.events) apply(run, event);
  for (HistoryCheck* check : checks_) check->after_commit(run, entry.events);
  if (run.has_ended()) run.scopes.clear();
}

void Ledger::apply(RunRecord& run, const Event& event) {
  expect(event.seq == run.seq + 1, law, [&] {
    return name_of(run) + ": event " + std::to_string(event.seq) + " follows event " +
           std::to_string(run.seq);
  });
  expect(run.seq == 0 || event.at >= run.last_at, law, [&] {
    return name_of(run) + ": event " + std::to_string(event.seq) + " goes back in time";
  });
  const auto* started = std::get_if<ExecutionStarted>(&event.body);
  expect((started != nullptr) == (run.seq == 0), law, [&] {
    return name_of(run) + ": event " + std::to_string(event.seq) + " is " +
           std::string(event_name(event.body)) + ", out of place";
  });
  if (started != nullptr) run.spec = find_spec_(started->workflow, started->revision);
  expect(!run.has_ended(), law, [&] {
    return name_of(run) + " has ended and gets event " + std::to_string(event.seq) + " (" +
           std::string(event_name(event.body)) + ")";
  });
  for (HistoryCheck* check : checks_) check->before(run, event);
  std::visit(Folder(run, event, commits_), event.body);
  if (run.statuses.empty() || run.statuses.back().second != run.status)
    run.statuses.emplace_back(event.seq, run.status);
  run.seq = event.seq;
  run.last_at = event.at;
  for (HistoryCheck* check : checks_) check->after(run, event);
}

}  // namespace harmonia::simulation
