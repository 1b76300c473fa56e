#include "execution/settle.h"

#include "execution/activation.h"
#include "execution/join.h"
#include "execution/task_steps.h"

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

void judge_task(Draft& draft, TaskRef ref) {
  if (held_back(draft, ref)) {
    draft.emit(TaskSkipped{.task = ref, .reason = "another task failed the run"});
    return;
  }
  auto counts = count_predecessors(draft, ref);
  const auto& rule = draft.task(ref).join;
  switch (judge_join(rule, counts)) {
    case JoinVerdict::undecided: return;
    case JoinVerdict::release: release_task(draft, ref); return;
    case JoinVerdict::skip:
      draft.emit(TaskSkipped{.task = ref, .reason = describe_skip(rule, counts)});
      return;
  }
}

Json default_output(const Draft& draft) {
  JsonObject outputs;
  for (auto number : draft.definition().root().tasks) {
    const auto& task = draft.definition().tasks[number];
    const TaskState& state = draft.task_state({.scope = root_scope, .task = number});
    if (task.dependents.empty() && state.output) outputs[task.id] = *state.output;
  }
  return outputs;
}

Result<Json> evaluate_output(const Draft& draft) {
  const auto& definition = draft.definition();
  if (!definition.output) return default_output(draft);
  ScopeActivation activation(draft, root_scope);
  auto output = expr::render(*definition.output, activation);
  if (!output.ok()) output.error().detail = "the output of the workflow: " + output.error().detail;
  return output;
}

EventBody completion(const Draft& draft) {
  auto output = evaluate_output(draft);
  if (!output.ok()) return ExecutionFailed{.error = std::move(output).error()};
  if (const auto& schema = draft.definition().output_schema) {
    auto problems = schema->validate(*output, 1);
    if (!problems.empty()) {
      return ExecutionFailed{
          .error = make_error(error_code::schema, "the output does not match output_schema: " +
                                                      describe(problems.front()))};
    }
  }
  return ExecutionCompleted{.output = share(std::move(*output))};
}

void end_if_done(Draft& draft) {
  const State& state = draft.state();
  const Scope& root = state.scope(root_scope);
  if (state.status != RunStatus::running || root.open_tasks > 0) return;
  if (!root.failing) {
    draft.emit(completion(draft));
    return;
  }
  Error error = *root.failure;
  error.detail = "task '" + error.instance + "' failed: " + error.detail;
  draft.emit(ExecutionFailed{.error = std::move(error)});
}

}  // namespace

std::vector<TaskRef> candidates_after(const Draft& draft, TaskRef ref) {
  // A failure that canceled others decides more than its own dependents.
  if (cancels_siblings(draft, ref.scope)) return pending_tasks(draft);
  std::vector<TaskRef> refs;
  for (auto number : draft.task(ref).dependents)
    refs.push_back({.scope = ref.scope, .task = number});
  return refs;
}

std::vector<TaskRef> pending_tasks(const Draft& draft) {
  std::vector<TaskRef> refs;
  for (const auto& [id, scope] : draft.state().scopes) {
    const auto& numbers = draft.definition().bodies[scope.body].tasks;
    for (std::size_t i = 0; i < scope.tasks.size(); ++i) {
      if (scope.tasks[i].status == TaskStatus::pending)
        refs.push_back({.scope = id, .task = numbers[i]});
    }
  }
  return refs;
}

void settle(Draft& draft, std::vector<TaskRef> candidates) {
  if (draft.state().status != RunStatus::running) return;
  // A list of work instead of recursion: a chain of 10,000 skipped tasks costs no stack.
  for (std::size_t next = 0; next < candidates.size(); ++next) {
    TaskRef ref = candidates[next];
    if (draft.task_state(ref).status != TaskStatus::pending) continue;
    judge_task(draft, ref);
    if (!is_terminal(draft.task_state(ref).status)) continue;
    auto follow = candidates_after(draft, ref);
    candidates.insert(candidates.end(), follow.begin(), follow.end());
  }
  end_if_done(draft);
}

}  // namespace harmonia::execution
