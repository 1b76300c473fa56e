#include "execution/task_steps.h"

#include "execution/activation.h"
#include "execution/retry.h"

namespace harmonia::execution {
namespace {

using workflow::Task;
using workflow::TaskType;

std::string field_error(std::string_view field, const Error& error) {
  std::string where =
      error.instance.empty() ? std::string(field) : std::string(field) + error.instance;
  return where + ": " + error.detail;
}

Error in_field(std::string_view field, Error error) {
  error.detail = field_error(field, error);
  error.instance.clear();
  return error;
}

Result<Json> render_field(const Draft& draft, TaskRef ref, const expr::Template& field,
                          std::string_view name) {
  ScopeActivation activation(draft, ref.scope);
  auto value = expr::render(field, activation);
  if (!value.ok()) return in_field(name, std::move(value).error());
  return value;
}

void start_standard(Draft& draft, TaskRef ref) {
  const Task& task = draft.task(ref);
  Json input = JsonObject{};
  if (task.input) {
    auto rendered = render_field(draft, ref, *task.input, "input");
    if (!rendered.ok()) return fail_task(draft, ref, 0, std::move(rendered).error());
    input = std::move(*rendered);
  }
  schedule_task(draft, ref, 1, share(std::move(input)));
}

void start_set(Draft& draft, TaskRef ref) {
  auto values = render_field(draft, ref, *draft.task(ref).values, "values");
  if (!values.ok()) return fail_task(draft, ref, 0, std::move(values).error());
  complete_task(draft, ref, 1, share(std::move(*values)));
}

Result<Timestamp> wait_end(const Draft& draft, TaskRef ref) {
  constexpr double seconds_max =
      100.0 * 366 * 86400;  // a hundred years: surely a mistake in the unit beyond
  const Task& task = draft.task(ref);
  if (task.until) {
    TRY(Json until, render_field(draft, ref, *task.until, "until"));
    if (!until.is_string()) {
      return make_error(error_code::expression,
                        "until: expected a time as text, found " + to_text(until));
    }
    return parse_rfc3339(text_view(until.get_string()));
  }
  TRY(Json duration, render_field(draft, ref, *task.duration, "duration"));
  Duration length{0};
  if (duration.is_number()) {
    double seconds = duration.to_number<double>();
    if (!(seconds >= 0 && seconds <= seconds_max)) {
      return make_error(
          error_code::expression,
          "duration: " + to_text(duration) + " seconds is not between 0 and a hundred years");
    }
    length = from_seconds(seconds);
  } else if (duration.is_string()) {
    TRY(length, parse_iso8601_duration(text_view(duration.get_string())));
  } else {
    return make_error(
        error_code::expression,
        "duration: expected seconds or an ISO 8601 duration, found " + to_text(duration));
  }
  return draft.now() + length;
}

void start_wait(Draft& draft, TaskRef ref) {
  auto end = wait_end(draft, ref);
  if (!end.ok()) {
    Error error = std::move(end).error();
    error.code = error_code::expression;
    return fail_task(draft, ref, 0, std::move(error));
  }
  draft.emit(TaskWaiting{.task = ref, .due = std::max(*end, draft.now())});
}

void start_fail(Draft& draft, TaskRef ref) {
  auto rendered = render_field(draft, ref, *draft.task(ref).error, "error");
  if (!rendered.ok()) return fail_task(draft, ref, 0, std::move(rendered).error());
  const JsonObject empty;
  const JsonObject& fields = rendered->is_object() ? rendered->get_object() : empty;
  fail_task(draft, ref, 0,
            make_error(get_string(fields, "code", error_code::task_failed),
                       get_string(fields, "message", "the workflow ended it")));
}

void cancel_active_tasks(Draft& draft, ScopeId scope) {
  const auto& numbers = draft.definition().bodies[draft.state().scope(scope).body].tasks;
  for (auto number : numbers) {
    TaskRef ref{.scope = scope, .task = number};
    auto status = draft.task_state(ref).status;
    if (status != TaskStatus::running && status != TaskStatus::waiting) continue;
    draft.emit(TaskCanceled{.task = ref, .reason = "another task failed the run"});
  }
}

}  // namespace

void release_task(Draft& draft, TaskRef ref) {
  const Task& task = draft.task(ref);
  if (task.when) {
    ScopeActivation activation(draft, ref.scope);
    auto holds = expr::evaluate_condition(*task.when, activation);
    if (!holds.ok()) return fail_task(draft, ref, 0, in_field("when", std::move(holds).error()));
    if (!*holds) return draft.emit(TaskSkipped{.task = ref, .reason = "its condition is false"});
  }
  switch (task.type) {
    case TaskType::standard: return start_standard(draft, ref);
    case TaskType::set: return start_set(draft, ref);
    case TaskType::wait: return start_wait(draft, ref);
    case TaskType::fail: return start_fail(draft, ref);
  }
}

void schedule_task(Draft& draft, TaskRef ref, std::uint32_t attempt, SharedJson input) {
  std::optional<Timestamp> deadline;
  if (draft.task(ref).timeout) deadline = draft.now() + *draft.task(ref).timeout;
  draft.emit(TaskScheduled{
      .task = ref, .attempt = attempt, .input = std::move(input), .deadline = deadline});
}

void complete_task(Draft& draft, TaskRef ref, std::uint32_t attempt, SharedJson raw_output) {
  const auto& mapping = draft.task(ref).output;
  if (mapping) {
    ScopeActivation activation(draft, ref.scope);
    activation.set_result(*raw_output);
    auto mapped = expr::render(*mapping, activation);
    if (!mapped.ok())
      return fail_task(draft, ref, attempt, in_field("output", std::move(mapped).error()));
    raw_output = share(std::move(*mapped));
  }
  draft.emit(TaskCompleted{.task = ref, .attempt = attempt, .output = std::move(raw_output)});
}

void fail_task(Draft& draft, TaskRef ref, std::uint32_t attempt, Error error) {
  bool fails_scope = draft.task(ref).on_error == workflow::OnError::fail;
  bool was_failing = draft.state().scope(ref.scope).failing;
  draft.emit(TaskFailed{
      .task = ref, .attempt = attempt, .error = std::move(error), .fails_scope = fails_scope});
  if (!was_failing && cancels_siblings(draft, ref.scope)) cancel_active_tasks(draft, ref.scope);
}

void fail_attempt(Draft& draft, TaskRef ref, Error error, bool retryable) {
  std::uint32_t attempt = draft.task_state(ref).attempt;
  const auto& policy = draft.task(ref).retry;
  if (policy) {
    std::string key =
        to_string(draft.state().id) + "/" + path_of(draft.definition(), draft.state(), ref);
    auto delay = retry_delay({.policy = *policy,
                              .error = error,
                              .retryable = retryable,
                              .attempt = attempt,
                              .task_key = key});
    if (delay) {
      draft.emit(AttemptFailed{.task = ref,
                               .attempt = attempt,
                               .error = std::move(error),
                               .retry_at = draft.now() + *delay});
      return;
    }
  }
  fail_task(draft, ref, attempt, std::move(error));
}

bool cancels_siblings(const Draft& draft, ScopeId id) {
  const Scope& scope = draft.state().scope(id);
  return scope.failing &&
         draft.definition().bodies[scope.body].on_child_failure == workflow::OnChildFailure::cancel;
}

}  // namespace harmonia::execution
