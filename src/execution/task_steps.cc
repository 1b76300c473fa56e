#include "execution/task_steps.h"

#include "execution/activation.h"
#include "execution/composite.h"
#include "execution/decision.h"
#include "execution/relations.h"
#include "execution/retry.h"
#include "execution/scopes.h"
#include "execution/waiting.h"

namespace harmonia::execution {
namespace {

using workflow::Task;
using workflow::TaskType;

// Room for one more attempt among those of the run?
bool has_slot(const Draft& draft) {
  const auto& limit = draft.definition().max_parallel;
  return !limit || draft.state().active < *limit;
}

std::optional<Timestamp> deadline_of(const Draft& draft, TaskRef ref) {
  if (!draft.task(ref).timeout) return std::nullopt;
  return draft.now() + *draft.task(ref).timeout;
}

void hand_out(Draft& draft, TaskRef ref, std::uint32_t attempt, SharedJson input) {
  fill_slots(draft);  // what waits for room that has just come was there first
  if (!has_slot(draft)) {
    draft.emit(TaskQueued{.task = ref, .attempt = attempt, .input = std::move(input)});
    return;
  }
  draft.emit(TaskScheduled{.task = ref,
                           .attempt = attempt,
                           .input = std::move(input),
                           .deadline = deadline_of(draft, ref)});
}

void begin_set(Draft& draft, TaskRef ref) {
  auto values = render_field(draft, ref, *draft.task(ref).values, "values");
  if (!values.ok()) return attempt_failed(draft, ref, std::move(values).error(), false);
  attempt_succeeded(draft, ref, 1, share(std::move(*values)));
}

void begin_wait(Draft& draft, TaskRef ref) {
  auto end = wait_end(draft, ref);
  if (!end.ok()) return attempt_failed(draft, ref, std::move(end).error(), false);
  draft.emit(TaskWaiting{.task = ref, .due = std::max(*end, draft.now())});
}

void begin_fail(Draft& draft, TaskRef ref) {
  auto rendered = render_field(draft, ref, *draft.task(ref).error, "error");
  if (!rendered.ok()) return attempt_failed(draft, ref, std::move(rendered).error(), false);
  const JsonObject empty;
  const JsonObject& fields = rendered->is_object() ? rendered->get_object() : empty;
  attempt_failed(draft, ref,
                 make_error(get_string(fields, "code", error_code::task_failed),
                            get_string(fields, "message", "the workflow ended it")),
                 false);
}

void begin_terminate(Draft& draft, TaskRef ref) {
  Json output = JsonObject{};
  if (const auto& source = draft.task(ref).output) {
    auto rendered = render_field(draft, ref, *source, "output");
    if (!rendered.ok()) return attempt_failed(draft, ref, std::move(rendered).error(), false);
    output = std::move(*rendered);
  }
  SharedJson shared = share(std::move(output));
  draft.emit(TaskCompleted{.task = ref, .attempt = 1, .output = shared});
  draft.emit(ExecutionCompleted{.output = std::move(shared)});
}

void begin_cleanup(Draft& draft, CleanupStarted started) {
  TaskRef ref = started.task;
  started.attempt = draft.task_state(ref).attempt;
  draft.emit(std::move(started));
  open_scope(draft, ref, *draft.task(ref).finally);
}

// A task that is cleaning up already goes on with it and ends as it would have.
void cancel_task(Draft& draft, TaskRef ref, std::string reason) {
  const auto& progress = draft.task_state(ref).progress;
  if (progress && progress->phase == Phase::cleanup) return;
  if (!draft.task(ref).finally)
    return draft.emit(TaskCanceled{.task = ref, .reason = std::move(reason)});
  Error error = make_error(error_code::canceled, std::move(reason));
  begin_cleanup(draft, {.task = ref, .error = std::move(error), .canceled = true});
}

void fail_task(Draft& draft, TaskRef ref, Error error) {
  bool fails_scope = draft.task(ref).on_error != workflow::OnError::continue_run;
  bool was_failing = draft.state().scope(ref.scope).failing;
  draft.emit(TaskFailed{.task = ref,
                        .attempt = draft.task_state(ref).attempt,
                        .error = std::move(error),
                        .fails_scope = fails_scope});
  skip_unchosen(draft, ref);
  if (!was_failing && cancels_siblings(draft, ref.scope)) cancel_active_tasks(draft, ref.scope);
}

// The input of a compensation is evaluated now, while all that it names is there; what its other
// expressions name is kept. An input that can't be evaluated fails the compensation when it is due.
void register_undo(Draft& draft, TaskRef ref) {
  const auto& body = draft.definition().bodies[*draft.task(ref).compensate];
  const Task& undo = draft.definition().tasks[body.tasks.front()];
  ScopeActivation activation(draft, ref.scope);
  UndoRegistered registered{.task = ref, .view = activation.view_for(draft.task(ref).undo_view)};
  if (!undo.input) {
    registered.input = share(JsonObject{});
  } else if (undo.type != TaskType::webhook) {
    auto rendered = render_field(draft, ref, *undo.input, "input");
    if (rendered.ok()) {
      registered.input = share(std::move(*rendered));
    } else {
      registered.error = std::move(rendered).error();
    }
  }
  draft.emit(std::move(registered));
}

void complete_task(Draft& draft, TaskRef ref, std::uint32_t attempt, SharedJson output) {
  draft.emit(TaskCompleted{.task = ref, .attempt = attempt, .output = std::move(output)});
  skip_unchosen(draft, ref);
  if (draft.task(ref).compensate) register_undo(draft, ref);
}

void finish(Draft& draft, TaskRef ref, SharedJson output) {
  if (draft.task(ref).finally)
    return begin_cleanup(draft, {.task = ref, .output = std::move(output)});
  complete_task(draft, ref, draft.task_state(ref).attempt, std::move(output));
}

std::optional<Duration> delay_before_next(const Draft& draft, TaskRef ref,
                                          const workflow::RetryPolicy& policy, const Error& error,
                                          bool retryable) {
  std::uint32_t attempt = draft.task_state(ref).attempt;
  if (attempt == 0) return std::nullopt;  // what could not begin would not begin again either
  std::string key =
      to_string(draft.state().id) + "/" + path_of(draft.definition(), draft.state(), ref);
  return retry_delay({.policy = policy,
                      .error = error,
                      .retryable = retryable,
                      .attempt = attempt,
                      .task_key = key});
}

bool plan_retry(Draft& draft, TaskRef ref, const std::optional<workflow::RetryPolicy>& policy,
                const Error& error, bool retryable) {
  if (!policy) return false;
  auto delay = delay_before_next(draft, ref, *policy, error, retryable);
  if (!delay) return false;
  draft.emit(AttemptFailed{.task = ref,
                           .attempt = draft.task_state(ref).attempt,
                           .error = error,
                           .retry_at = draft.now() + *delay});
  return true;
}

Result<bool> matches(const Draft& draft, TaskRef ref, const workflow::Catch& clause,
                     const Error& error) {
  bool named = clause.errors.empty() ||
               std::any_of(clause.errors.begin(), clause.errors.end(),
                           [&](const std::string& one) { return matches_error(one, error.code); });
  if (!named || !clause.when) return named;
  ScopeActivation activation(draft, ref.scope);
  activation.set_error(error, clause.as);
  auto holds = expr::evaluate_condition(*clause.when, activation);
  if (!holds.ok()) return in_field("catch/when", std::move(holds).error());
  return holds;
}

// True when a catch clause took the failure over.
bool hand_to_clause(Draft& draft, TaskRef ref, Error& error, bool retryable) {
  const auto& clauses = draft.task(ref).catches;
  for (std::uint32_t i = 0; i < clauses.size(); ++i) {
    auto match = matches(draft, ref, clauses[i], error);
    if (!match.ok()) {
      error = std::move(match).error();
      return false;
    }
    if (!*match) continue;
    if (plan_retry(draft, ref, clauses[i].retry, error, retryable)) return true;
    std::uint32_t attempt = draft.task_state(ref).attempt;
    draft.emit(ErrorCaught{.task = ref, .attempt = attempt, .clause = i, .error = error});
    if (clauses[i].body) {
      open_scope(draft, ref, *clauses[i].body);
    } else {
      finish(draft, ref, share(nullptr));
    }
    return true;
  }
  return false;
}

Error instance_of(const Draft& draft, TaskRef ref, Error error) {
  if (error.instance.empty()) error.instance = path_of(draft.definition(), draft.state(), ref);
  return error;
}

}  // namespace

Error in_field(std::string_view field, Error error) {
  std::string where =
      error.instance.empty() ? std::string(field) : std::string(field) + error.instance;
  error.detail = where + ": " + error.detail;
  error.instance.clear();
  return error;
}

Result<Json> render_field(const Draft& draft, TaskRef ref, const expr::Template& field,
                          std::string_view name) {
  ScopeActivation activation(draft, ref.scope);
  activation.set_task(ref);
  auto value = expr::render(field, activation);
  if (!value.ok()) return in_field(name, std::move(value).error());
  return value;
}

// A compensation got its input when its task completed.
Result<SharedJson> evaluate_input(const Draft& draft, TaskRef ref) {
  const auto& undoes = draft.state().scope(ref.scope).undoes;
  if (undoes && undoes->error) return *undoes->error;
  if (undoes && undoes->input) return undoes->input;
  const auto& source = draft.task(ref).input;
  if (!source) return share(JsonObject{});
  TRY(Json input, render_field(draft, ref, *source, "input"));
  return share(std::move(input));
}

void release_task(Draft& draft, TaskRef ref) {
  const Task& task = draft.task(ref);
  if (task.when) {
    ScopeActivation activation(draft, ref.scope);
    auto holds = expr::evaluate_condition(*task.when, activation);
    if (!holds.ok())
      return attempt_failed(draft, ref, in_field("when", std::move(holds).error()), false);
    if (!*holds) return draft.emit(TaskSkipped{.task = ref, .reason = "its condition is false"});
  }
  begin_attempt(draft, ref, 1);
}

// The input is evaluated once and recorded with the first attempt.
void begin_work(Draft& draft, TaskRef ref, std::uint32_t attempt) {
  if (draft.task_state(ref).input) return hand_out(draft, ref, attempt, nullptr);
  auto input = evaluate_input(draft, ref);
  if (!input.ok()) return attempt_failed(draft, ref, std::move(input).error(), false);
  hand_out(draft, ref, attempt, std::move(*input));
}

void begin_attempt(Draft& draft, TaskRef ref, std::uint32_t attempt) {
  switch (draft.task(ref).type) {
    case TaskType::standard:
    case TaskType::webhook:
      if (ask_for_lock(draft, ref, attempt)) return;
      return begin_work(draft, ref, attempt);
    case TaskType::set: return begin_set(draft, ref);
    case TaskType::wait: return begin_wait(draft, ref);
    case TaskType::fail: return begin_fail(draft, ref);
    case TaskType::terminate: return begin_terminate(draft, ref);
    case TaskType::join: return attempt_succeeded(draft, ref, 1, share(JsonObject{}));
    case TaskType::decision: return choose(draft, ref);
    case TaskType::parallel:
    case TaskType::loop:
    case TaskType::map:
    case TaskType::try_block: return begin_composite(draft, ref, attempt);
    case TaskType::critical: ask_for_lock(draft, ref, attempt); return;
    case TaskType::event: return begin_event(draft, ref, attempt);
    case TaskType::approval: return begin_approval(draft, ref, attempt);
    case TaskType::subworkflow: return begin_subworkflow(draft, ref, attempt);
  }
}

void attempt_succeeded(Draft& draft, TaskRef ref, std::uint32_t attempt, SharedJson raw_output) {
  const Task& task = draft.task(ref);
  if (task.output && task.type != TaskType::terminate) {
    Json raw = raw_output ? *raw_output : composite_output(task, *draft.task_state(ref).progress);
    ScopeActivation activation(draft, ref.scope);
    activation.set_result(raw);
    auto mapped = expr::render(*task.output, activation);
    if (!mapped.ok())
      return attempt_failed(draft, ref, in_field("output", std::move(mapped).error()), false);
    raw_output = share(std::move(*mapped));
  }
  if (task.finally) return begin_cleanup(draft, {.task = ref, .output = std::move(raw_output)});
  complete_task(draft, ref, attempt, std::move(raw_output));
}

void attempt_failed(Draft& draft, TaskRef ref, Error error, bool retryable) {
  error = instance_of(draft, ref, std::move(error));
  const Task& task = draft.task(ref);
  if (plan_retry(draft, ref, task.retry, error, retryable)) return;
  if (hand_to_clause(draft, ref, error, retryable)) return;
  if (task.on_error == workflow::OnError::incident) {
    std::uint32_t attempt = draft.task_state(ref).attempt;
    draft.emit(IncidentRaised{.task = ref, .attempt = attempt, .error = std::move(error)});
    return;
  }
  give_up(draft, ref, std::move(error));
}

void give_up(Draft& draft, TaskRef ref, Error error) {
  if (draft.task(ref).finally)
    return begin_cleanup(draft, {.task = ref, .error = std::move(error)});
  fail_task(draft, ref, std::move(error));
}

void handler_ended(Draft& draft, TaskRef ref, const ScopeClosed& closed) {
  if (closed.outcome == ScopeOutcome::completed) return finish(draft, ref, closed.output);
  give_up(draft, ref, *closed.error);
}

void cleanup_ended(Draft& draft, TaskRef ref, const ScopeClosed& closed) {
  if (closed.outcome == ScopeOutcome::failed) return fail_task(draft, ref, *closed.error);
  const Progress& progress = *draft.task_state(ref).progress;
  if (progress.canceled)
    return draft.emit(TaskCanceled{.task = ref, .reason = progress.caught->detail});
  if (progress.caught) return fail_task(draft, ref, *progress.caught);
  complete_task(draft, ref, draft.task_state(ref).attempt, nullptr);
}

void fill_slots(Draft& draft) {
  while (draft.state().status == RunStatus::running && !draft.state().queue.empty() &&
         has_slot(draft)) {
    TaskRef ref = draft.state().queue.front();
    draft.emit(TaskScheduled{.task = ref,
                             .attempt = draft.task_state(ref).attempt,
                             .input = nullptr,
                             .deadline = deadline_of(draft, ref)});
  }
}

void cancel_active_tasks(Draft& draft, ScopeId scope) {
  const auto& numbers = draft.definition().bodies[draft.state().scope(scope).body].tasks;
  for (auto number : numbers) {
    TaskRef ref{.scope = scope, .task = number};
    auto status = draft.task_state(ref).status;
    if (status != TaskStatus::running && status != TaskStatus::waiting) continue;
    cancel_task(draft, ref, reason_of_siblings(draft, scope));
  }
}

std::string reason_of_siblings(const Draft& draft, ScopeId id) {
  if (id == root_scope && draft.state().timed_out) return "the run timed out";
  std::string path = draft.scope_path(id);
  return "another task failed " + (path.empty() ? "the run" : "'" + path + "'");
}

bool cancels_siblings(const Draft& draft, ScopeId id) {
  const Scope& scope = draft.state().scope(id);
  if (!scope.failing) return false;
  if (id == root_scope && draft.state().timed_out) return true;
  return draft.definition().bodies[scope.body].on_child_failure == workflow::OnChildFailure::cancel;
}

}  // namespace harmonia::execution
