#include "tests/simulation/history_checks/life_check.h"

#include "tests/simulation/broken_law.h"

namespace harmonia::simulation {
namespace {

using namespace execution;

constexpr const char* law = "life";

// Whether an event may come to a run and a task that stand so.
class Judge {
 public:
  Judge(const RunRecord& run, const TaskRecord* task, const TaskSpec* spec)
      : run_(run), task_(task), spec_(spec) {}

  bool operator()(const ExecutionStarted&) const { return run_.seq == 0; }
  bool operator()(const ExecutionQueued&) const {
    return run_.seq == 1 && run_.spec->concurrency_limit.has_value();
  }
  bool operator()(const ExecutionAdmitted&) const {
    return run_.status == RunStatus::pending && run_.in_line;
  }
  bool operator()(const ExecutionPaused&) const { return run_.goes_on(); }
  bool operator()(const ExecutionResumed&) const { return run_.status == RunStatus::paused; }
  bool operator()(const ExecutionFailing&) const { return run_.goes_on(); }
  bool operator()(const ExecutionCompleted&) const { return run_.goes_on(); }
  bool operator()(const ExecutionFailed&) const { return true; }
  bool operator()(const ExecutionCanceled&) const { return true; }

  bool operator()(const TaskScheduled& event) const {
    if (!run_.goes_on() || !spec_->is_dispatched()) return false;
    if (is(Standing::queued)) return event.attempt == task_->attempt;
    return begins_work(event.attempt);
  }
  bool operator()(const TaskQueued& event) const {
    return run_.goes_on() && spec_->is_dispatched() && begins_work(event.attempt);
  }
  bool operator()(const TaskStarted& event) const {
    return run_.goes_on() && spec_->holds_scopes() && begins_work(event.attempt);
  }
  bool operator()(const TaskWaiting&) const {
    return run_.goes_on() && spec_->type == "wait" && begins(1);
  }
  bool operator()(const TaskAwaiting& event) const {
    switch (event.waits_for) {
      case WaitsFor::callback:
        return spec_->type == "webhook" && is(Standing::attempting) &&
               event.attempt == task_->attempt;
      case WaitsFor::lock: return run_.goes_on() && asks_for_lock() && begins(event.attempt);
      case WaitsFor::event:
        return run_.goes_on() && spec_->type == "event" && begins(event.attempt);
      case WaitsFor::approval:
        return run_.goes_on() && spec_->type == "approval" && begins(event.attempt);
      case WaitsFor::child:
        return run_.goes_on() && spec_->type == "subworkflow" && begins(event.attempt);
      case WaitsFor::time:
      case WaitsFor::slot:
      case WaitsFor::incident: return false;
    }
    return false;
  }
  bool operator()(const TaskDeferred&) const { return is(Standing::working) && spec_->repeats(); }
  bool operator()(const AttemptFailed& event) const {
    return was_attempted() && event.attempt == task_->attempt && event.attempt > 0;
  }
  bool operator()(const ErrorCaught& event) const {
    return can_fail() && event.clause < spec_->catches.size() && same(event.attempt);
  }
  bool operator()(const IncidentRaised& event) const {
    return can_fail() && spec_->on_error == "incident" && same(event.attempt);
  }
  bool operator()(const CleanupStarted& event) const {
    if (event.canceled) return spec_->finally != nullptr && may_be_canceled();
    return spec_->finally != nullptr && (can_fail() || is(Standing::handling) || is_incident()) &&
           same(event.attempt);
  }
  bool operator()(const TaskCompleted&) const {
    if (is(Standing::cleaning)) return !task_->cleans_to_cancel;
    if (spec_->finally != nullptr && spec_->type != "terminate") return false;  // it comes first
    if (is(Standing::pending)) return is_instant();
    bool waits_for_lock = is(Standing::awaiting) && task_->waits_for == WaitsFor::lock;
    return (was_attempted() && !waits_for_lock) || is(Standing::handling) || is(Standing::sleeping);
  }
  bool operator()(const TaskFailed&) const {
    if (is(Standing::cleaning)) return true;
    if (spec_->finally != nullptr) return false;
    return can_fail() || is(Standing::handling) || is_incident();
  }
  bool operator()(const TaskSkipped&) const { return true; }  // OrderCheck
  bool operator()(const TaskCanceled&) const {
    // After its own `finally`.
    if (spec_->finally != nullptr) return is(Standing::cleaning) && task_->cleans_to_cancel;
    return may_be_canceled();
  }
  bool operator()(const UndoRegistered&) const {
    return is(Standing::completed) && spec_->compensate != nullptr;
  }
  bool operator()(const ScopeOpened&) const { return true; }  // ScopeCheck
  bool operator()(const ScopeClosed&) const { return true; }
  bool operator()(const SignalReceived&) const { return true; }
  bool operator()(const SignalTaken&) const {
    return run_.goes_on() && is(Standing::awaiting) && task_->waits_for == WaitsFor::event;
  }

 private:
  bool is(Standing standing) const { return task_->standing == standing; }
  bool is_incident() const {
    return is(Standing::awaiting) && task_->waits_for == WaitsFor::incident;
  }
  bool same(std::uint32_t attempt) const { return attempt == task_->attempt; }
  // By the failure of another task, or because the time of the run is over. What cleans up goes on.
  bool may_be_canceled() const {
    const ScopeRecord& scope = *run_.find_scope(task_->ref.scope);
    return is_active(task_->standing) && !is(Standing::cleaning) && cancels(run_, scope);
  }
  bool is_instant() const {
    return spec_->type == "set" || spec_->type == "join" || spec_->type == "decision" ||
           spec_->type == "terminate";
  }
  bool asks_for_lock() const {
    return spec_->type == "critical" ||
           (spec_->is_dispatched() && spec_->json->contains("concurrency"));
  }
  // The first attempt, or the next one after a failure or an operator's word.
  bool begins(std::uint32_t attempt) const {
    if (is(Standing::pending)) return attempt == 1;
    if (is_incident() || is(Standing::retrying))
      return attempt == task_->attempt + 1 || spec_->type == "wait";
    return false;
  }
  // Work that needs a lock begins when it has it.
  bool begins_work(std::uint32_t attempt) const {
    if (!asks_for_lock()) return begins(attempt);
    return is(Standing::awaiting) && task_->waits_for == WaitsFor::lock &&
           attempt == task_->attempt;
  }
  bool was_attempted() const {
    return is(Standing::attempting) || is(Standing::working) || is(Standing::awaiting);
  }
  // Its work can fail: expressions of what has not begun, too.
  bool can_fail() const {
    return is(Standing::pending) || was_attempted() || is(Standing::sleeping) ||
           is(Standing::retrying);
  }

  const RunRecord& run_;
  const TaskRecord* task_;
  const TaskSpec* spec_;
};

// In a failing scope that cancels, only what is meant for failures is active.
void check_canceled(const RunRecord& run, const ScopeRecord& scope) {
  if (!cancels(run, scope)) return;
  for (const TaskRecord& task : scope.tasks) {
    bool meant = task.spec->join == Join::one_failed || task.spec->join == Join::all_done;
    bool cleans = task.standing == Standing::cleaning;
    expect(!is_active(task.standing) || meant || cleans, law, [&] {
      return name_of(run, task.ref) +
             " goes on though its scope fails with on_child_failure: cancel";
    });
  }
}

}  // namespace

void LifeCheck::before(const RunRecord& run, const Event& event) {
  auto ref = event_task(event.body);
  const TaskRecord* task = ref ? run.find_task(*ref) : nullptr;
  if (ref && task == nullptr) return;  // the ledger says what is wrong
  Judge judge(run, task, task == nullptr ? nullptr : task->spec);
  expect(std::visit(judge, event.body), law, [&] {
    std::string what =
        std::string(event_name(event.body)) + " (event " + std::to_string(event.seq) + ")";
    if (task == nullptr)
      return name_of(run) + " is " + std::string(to_string(run.status)) + " and gets " + what;
    return name_of(run, task->ref) + " of type " + task->spec->type + " is " +
           std::string(to_string(task->standing)) + " in a run that is " +
           std::string(to_string(run.status)) + " and gets " + what;
  });
}

void LifeCheck::after_commit(const RunRecord& run, const std::vector<Event>&) {
  if (run.has_ended()) return;
  for (const auto& [_, scope] : run.scopes) {
    if (scope.open) check_canceled(run, scope);
  }
}

}  // namespace harmonia::simulation
