#include "execution/scopes.h"

#include "execution/activation.h"
#include "execution/composite.h"
#include "execution/task_steps.h"

namespace harmonia::execution {
namespace {

using workflow::BodyRole;

Json outputs_of_last_tasks(const Draft& draft, ScopeId id) {
  JsonObject outputs;
  for (auto number : draft.definition().bodies[draft.state().scope(id).body].tasks) {
    const auto& task = draft.definition().tasks[number];
    const TaskState& state = draft.task_state({.scope = id, .task = number});
    if (task.dependents.empty() && state.output) outputs[task.id] = *state.output;
  }
  return outputs;
}

// The result of a nested body: the output of its last task, or of its last tasks by id.
SharedJson default_result(const Draft& draft, ScopeId id) {
  const SharedJson* only = nullptr;
  std::size_t last_tasks = 0;
  for (auto number : draft.definition().bodies[draft.state().scope(id).body].tasks) {
    if (!draft.definition().tasks[number].dependents.empty()) continue;
    ++last_tasks;
    only = &draft.task_state({.scope = id, .task = number}).output;
  }
  if (last_tasks == 1) return *only ? *only : share(nullptr);
  return share(outputs_of_last_tasks(draft, id));
}

// `collect` of a loop or a map, which sees the tasks of the scope.
const std::optional<expr::Template>* collect_of(const Draft& draft, const Scope& scope) {
  if (!scope.owner || draft.definition().bodies[scope.body].role != BodyRole::work) return nullptr;
  const auto& structure = draft.task(*scope.owner).structure;
  if (const auto* loop = std::get_if<workflow::Loop>(&structure)) return &loop->collect;
  if (const auto* map = std::get_if<workflow::Map>(&structure)) return &map->collect;
  return nullptr;
}

// The failure of a scope, with what could not be undone.
Error failure_of(const Scope& scope) {
  Error error = *scope.failure;
  for (const std::string& path : scope.not_undone) error.detail += "; '" + path + "' failed too";
  return error;
}

ScopeClosed ending_of(const Draft& draft, ScopeId id) {
  const Scope& scope = draft.state().scope(id);
  ScopeClosed closed{.scope = id};
  auto fail = [&closed](Error error) {
    closed.outcome = ScopeOutcome::failed;
    closed.error = std::move(error);
    return closed;
  };
  if (scope.failing) return fail(failure_of(scope));
  const auto* collect = collect_of(draft, scope);
  if (collect == nullptr || !*collect) {
    closed.output = default_result(draft, id);
    return closed;
  }
  ScopeActivation activation(draft, id);
  auto collected = expr::render(**collect, activation);
  if (!collected.ok()) return fail(in_field("collect", std::move(collected).error()));
  closed.output = share(std::move(*collected));
  return closed;
}

Result<Json> evaluate_output(const Draft& draft) {
  const auto& definition = draft.definition();
  if (!definition.output) return outputs_of_last_tasks(draft, root_scope);
  ScopeActivation activation(draft, root_scope);
  auto output = expr::render(*definition.output, activation);
  if (!output.ok()) return in_field("output", std::move(output).error());
  return output;
}

EventBody completion(const Draft& draft) {
  auto output = evaluate_output(draft);
  if (!output.ok()) return ExecutionFailing{.error = std::move(output).error()};
  if (const auto& schema = draft.definition().output_schema) {
    auto problems = schema->validate(*output, 1);
    if (!problems.empty()) {
      return ExecutionFailing{
          .error = make_error(error_code::schema, "the output does not match output_schema: " +
                                                      describe(problems.front()))};
    }
  }
  return ExecutionCompleted{.output = share(std::move(*output))};
}

// A run that fails for a reason of its own names no task.
Error failure_of_run(const Draft& draft) {
  Error error = failure_of(draft.state().scope(root_scope));
  if (!error.instance.empty())
    error.detail = "task '" + error.instance + "' failed: " + error.detail;
  return error;
}

void fail_run(Draft& draft) { draft.emit(ExecutionFailed{.error = failure_of_run(draft)}); }

// Opens a scope without owner: a compensation, or on_failure.
void open_after_failure(Draft& draft, workflow::BodyNumber body, ScopeId parent) {
  draft.emit(ScopeOpened{.scope = draft.state().last_scope + 1,
                         .body = body,
                         .owner = std::nullopt,
                         .parent = parent});
}

// True while a failed scope still has something to undo.
bool compensate_next(Draft& draft, ScopeId id) {
  const Scope& scope = draft.state().scope(id);
  if (!scope.failing || scope.undo.empty()) return false;
  open_after_failure(draft, scope.undo.back().body, id);
  return true;
}

void end_run(Draft& draft) {
  if (!draft.state().scope(root_scope).failing) return draft.emit(completion(draft));
  if (compensate_next(draft, root_scope)) return;
  if (const auto& body = draft.definition().on_failure)
    return open_after_failure(draft, *body, root_scope);
  fail_run(draft);
}

// What a scope without owner leads to.
void after_failure_ended(Draft& draft, const Scope& scope) {
  if (draft.definition().bodies[scope.body].role == BodyRole::on_failure) return fail_run(draft);
  ScopeId failed = *scope.parent;
  if (failed == root_scope) return end_run(draft);
  if (!compensate_next(draft, failed)) close_if_done(draft, failed);
}

// What on_failure or the last compensation left undone.
std::size_t count_left(const Draft& draft) {
  const Scope& root = draft.state().scope(root_scope);
  bool undoes = root.follow_up && draft.state().scope(*root.follow_up).undoes;
  return root.undo.size() + (undoes ? 1 : 0);
}

}  // namespace

void time_is_over(Draft& draft) {
  Duration limit = *draft.definition().timeout;
  if (draft.state().timed_out) {
    Error error = failure_of_run(draft);
    error.detail += "; what follows a failure did not end within " + to_human(limit) + " either";
    if (std::size_t left = count_left(draft); left > 0)
      error.detail += ", " + std::to_string(left) + " task(s) are not undone";
    return draft.emit(ExecutionFailed{.error = std::move(error)});
  }
  Error error = make_error(error_code::timeout, "the run did not end within " + to_human(limit));
  // It has begun nothing yet, and may not while others have its turn.
  if (draft.state().status == RunStatus::pending)
    return draft.emit(ExecutionFailed{.error = std::move(error)});
  if (draft.state().status == RunStatus::paused) draft.emit(ExecutionResumed{});
  draft.emit(ExecutionFailing{.error = std::move(error), .deadline = draft.now() + limit});
  cancel_active_tasks(draft, root_scope);
}

void open_scope(Draft& draft, TaskRef owner, workflow::BodyNumber body, std::uint32_t index) {
  draft.emit(ScopeOpened{.scope = draft.state().last_scope + 1,
                         .body = body,
                         .owner = owner,
                         .parent = owner.scope,
                         .index = index});
}

void close_if_done(Draft& draft, ScopeId id) {
  const Scope* scope = draft.state().find_scope(id);
  if (draft.state().status != RunStatus::running || scope == nullptr) return;
  if (scope->closed || scope->open_tasks > 0 || scope->follow_up) return;
  if (id == root_scope) return end_run(draft);
  if (compensate_next(draft, id)) return;
  std::optional<TaskRef> owner = scope->owner;
  BodyRole role = draft.definition().bodies[scope->body].role;
  ScopeClosed closed = ending_of(draft, id);
  if (!owner) {
    Scope ended = *scope;
    draft.emit(closed);
    return after_failure_ended(draft, ended);
  }
  if (role == BodyRole::work) return scope_ended(draft, *owner, closed);
  draft.emit(closed);
  if (role == BodyRole::handler) return handler_ended(draft, *owner, closed);
  cleanup_ended(draft, *owner, closed);
}

}  // namespace harmonia::execution
