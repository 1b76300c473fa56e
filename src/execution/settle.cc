#include "execution/settle.h"

#include "execution/decision.h"
#include "execution/join.h"
#include "execution/scopes.h"
#include "execution/task_steps.h"
#include "execution/waiting.h"

namespace harmonia::execution {
namespace {

using workflow::JoinKind;

PredecessorCounts count_predecessors(const Draft& draft, TaskRef ref) {
  PredecessorCounts counts;
  for (auto number : draft.task(ref).depends_on) {
    const TaskState& state = draft.task_state({.scope = ref.scope, .task = number});
    ++counts.total;
    if (!is_terminal(state.status)) continue;
    bool failed = state.status == TaskStatus::failed || state.status == TaskStatus::canceled;
    ++counts.done;
    counts.failed += failed ? 1u : 0u;
    counts.failed_for_good += failed && !state.failure_continued ? 1u : 0u;
    counts.succeeded += state.status == TaskStatus::completed || state.failure_continued ? 1u : 0u;
  }
  return counts;
}

// In a failing scope that cancels its tasks, only those meant for failures still start.
bool held_back(const Draft& draft, TaskRef ref) {
  auto kind = draft.task(ref).join.kind;
  return cancels_siblings(draft, ref.scope) && kind != JoinKind::one_failed &&
         kind != JoinKind::all_done;
}

// A list of work instead of recursion: a chain of 10,000 skipped tasks costs no stack.
class Settling {
 public:
  explicit Settling(Draft& draft) : draft_(draft) {}

  void run() {
    while (draft_.state().status == RunStatus::running) {
      const Event* event = draft_.next_unsettled();
      if (event == nullptr) return;
      EventBody body = event->body;  // further events move the list
      std::visit(*this, body);
    }
  }

  void operator()(const ExecutionStarted&) { enter(root_scope); }
  void operator()(const ExecutionAdmitted&) { enter(root_scope); }
  void operator()(const ExecutionFailing&) { enter(root_scope); }
  void operator()(const ScopeOpened& event) { enter(event.scope); }
  void operator()(const ExecutionResumed&) {
    std::vector<ScopeId> open;
    for (const auto& [id, scope] : draft_.state().scopes) {
      if (!scope.closed) open.push_back(id);
    }
    for (ScopeId id : open) enter(id);
    take_signals(draft_);
    fill_slots(draft_);
  }

  void operator()(const TaskCompleted& event) { leave(event.task); }
  void operator()(const TaskFailed& event) { leave(event.task); }
  void operator()(const TaskSkipped& event) { leave(event.task); }
  void operator()(const TaskCanceled& event) { leave(event.task); }

  void operator()(const AttemptFailed&) { fill_slots(draft_); }
  void operator()(const ErrorCaught&) { fill_slots(draft_); }
  void operator()(const CleanupStarted&) { fill_slots(draft_); }
  void operator()(const IncidentRaised&) { fill_slots(draft_); }
  void operator()(const TaskAwaiting& event) {
    fill_slots(draft_);
    if (event.waits_for == WaitsFor::event) take_signals(draft_);
  }
  void operator()(const SignalReceived&) { take_signals(draft_); }
  void operator()(const auto&) {}

 private:
  bool is_open(ScopeId id) const {
    const Scope* scope = draft_.state().find_scope(id);
    return scope != nullptr && !scope->closed && draft_.state().status == RunStatus::running;
  }

  void enter(ScopeId id) {
    if (!is_open(id)) return;
    auto body = draft_.state().scope(id).body;
    // Decisions may have ended while the run was paused.
    for (auto number : draft_.definition().bodies[body].tasks)
      skip_unchosen(draft_, {.scope = id, .task = number});
    for (auto number : draft_.definition().bodies[body].tasks) {
      if (!is_open(id)) return;
      judge({.scope = id, .task = number});
    }
    close_if_done(draft_, id);
  }

  void leave(TaskRef ref) {
    fill_slots(draft_);
    if (!is_open(ref.scope)) return;
    // A failure that canceled others decides more than its own dependents.
    const auto& candidates =
        cancels_siblings(draft_, ref.scope)
            ? draft_.definition().bodies[draft_.state().scope(ref.scope).body].tasks
            : draft_.task(ref).dependents;
    for (auto number : candidates) {
      if (!is_open(ref.scope)) return;
      judge({.scope = ref.scope, .task = number});
    }
    close_if_done(draft_, ref.scope);
  }

  void judge(TaskRef ref) {
    if (draft_.task_state(ref).status != TaskStatus::pending) return;
    if (held_back(draft_, ref)) {
      draft_.emit(TaskSkipped{.task = ref, .reason = reason_of_siblings(draft_, ref.scope)});
      return;
    }
    auto counts = count_predecessors(draft_, ref);
    const auto& rule = draft_.task(ref).join;
    switch (judge_join(rule, counts)) {
      case JoinVerdict::undecided: return;
      case JoinVerdict::release: release_task(draft_, ref); return;
      case JoinVerdict::skip:
        draft_.emit(TaskSkipped{.task = ref, .reason = describe_skip(rule, counts)});
        return;
    }
  }

  Draft& draft_;
};

}  // namespace

void settle(Draft& draft) { Settling(draft).run(); }

}  // namespace harmonia::execution
