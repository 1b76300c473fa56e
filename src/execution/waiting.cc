#include "execution/waiting.h"

#include "execution/activation.h"
#include "execution/task_steps.h"

namespace harmonia::execution {
namespace {

using workflow::Approval;
using workflow::EventWait;
using workflow::OnTimeout;
using workflow::Task;

std::optional<Timestamp> deadline_of(const Draft& draft, TaskRef ref) {
  if (!draft.task(ref).timeout) return std::nullopt;
  return draft.now() + *draft.task(ref).timeout;
}

Error not_text(std::string_view field, const Json& found) {
  return make_error(error_code::expression,
                    std::string(field) + ": expected text, found " + to_text(found));
}

Error not_a_time(std::string_view field, Error error) {
  error.code = error_code::expression;
  return in_field(field, std::move(error));
}

Result<Json> text_field(const Draft& draft, TaskRef ref, const expr::Template& field,
                        std::string_view name) {
  TRY(Json value, render_field(draft, ref, field, name));
  if (value.is_number()) return Json(json_view(to_text(value)));
  if (!value.is_string()) return not_text(name, value);
  return value;
}

Result<Json> event_input(const Draft& draft, TaskRef ref) {
  const auto& wait = draft.task(ref).as<EventWait>();
  JsonObject input;
  TRY(input["event"], text_field(draft, ref, *wait.name, "event"));
  if (wait.correlation) {
    TRY(input["correlation"], text_field(draft, ref, *wait.correlation, "correlation"));
  }
  return Json(std::move(input));
}

Result<Json> approval_input(const Draft& draft, TaskRef ref) {
  const auto& approval = draft.task(ref).as<Approval>();
  JsonObject input;
  if (approval.title) {
    TRY(input["title"], text_field(draft, ref, *approval.title, "title"));
  }
  if (approval.assignees) {
    TRY(Json assignees, render_field(draft, ref, *approval.assignees, "assignees"));
    if (assignees.is_string()) assignees = JsonArray{assignees};
    if (!assignees.is_array()) {
      return make_error(error_code::expression,
                        "assignees: expected a list of names, found " + to_text(assignees));
    }
    input["assignees"] = std::move(assignees);
  }
  if (approval.form) input["form"] = approval.form->source();
  return Json(std::move(input));
}

void await(Draft& draft, TaskRef ref, TaskAwaiting awaiting, Result<Json> input) {
  if (!input.ok()) return attempt_failed(draft, ref, std::move(input).error(), false);
  awaiting.task = ref;
  awaiting.input = share(std::move(*input));
  awaiting.deadline = deadline_of(draft, ref);
  draft.emit(std::move(awaiting));
}

// A signal without correlation was sent to the run itself: any task of its name may have it.
Result<bool> wants(const Draft& draft, TaskRef ref, const KeptSignal& signal) {
  const JsonObject& wanted = draft.task_state(ref).input->get_object();
  if (get_string(wanted, "event") != signal.name) return false;
  if (!signal.correlation.empty() && get_string(wanted, "correlation") != signal.correlation)
    return false;
  const auto& filter = draft.task(ref).as<EventWait>().filter;
  if (!filter) return true;
  ScopeActivation activation(draft, ref.scope);
  activation.set_event(*signal.payload);
  auto holds = expr::evaluate_condition(*filter, activation);
  if (!holds.ok()) return in_field("filter", std::move(holds).error());
  return holds;
}

void complete_event(Draft& draft, TaskRef ref) {
  const auto& received = draft.task_state(ref).progress->received;
  SharedJson output = received.front();
  if (draft.task(ref).as<EventWait>().count > 1) {
    JsonArray list;
    for (const SharedJson& payload : received) list.push_back(*payload);
    output = share(std::move(list));
  }
  attempt_succeeded(draft, ref, draft.task_state(ref).attempt, std::move(output));
}

// Takes what fits, in the order of arrival.
void take_for(Draft& draft, TaskRef ref) {
  const auto& wait = draft.task(ref).as<EventWait>();
  std::vector<KeptSignal> kept(draft.state().signals.begin(), draft.state().signals.end());
  for (const KeptSignal& signal : kept) {
    auto fits = wants(draft, ref, signal);
    if (!fits.ok()) return attempt_failed(draft, ref, std::move(fits).error(), false);
    if (!*fits) continue;
    draft.emit(SignalTaken{.task = ref, .signal = signal.number});
    if (draft.task_state(ref).progress->received.size() >= wait.count)
      return complete_event(draft, ref);
  }
}

std::vector<TaskRef> event_waiters(const Draft& draft) {
  std::vector<TaskRef> waiters;
  for (const auto& [id, scope] : draft.state().scopes) {
    if (scope.closed) continue;
    const auto& numbers = draft.definition().bodies[scope.body].tasks;
    for (std::size_t i = 0; i < scope.tasks.size(); ++i) {
      const TaskState& task = scope.tasks[i];
      if (task.status == TaskStatus::waiting && task.waits_for == WaitsFor::event)
        waiters.push_back({.scope = id, .task = numbers[i]});
    }
  }
  return waiters;
}

}  // namespace

Result<Duration> read_delay(const Json& value, std::string_view field) {
  constexpr double seconds_max =
      100.0 * 366 * 86400;  // a hundred years: surely a mistake in the unit beyond
  if (value.is_number()) {
    double seconds = value.to_number<double>();
    if (seconds >= 0 && seconds <= seconds_max) return from_seconds(seconds);
    return make_error(error_code::expression, std::string(field) + ": " + to_text(value) +
                                                  " seconds is not between 0 and a hundred years");
  }
  if (value.is_string()) {
    auto duration = parse_iso8601_duration(text_view(value.get_string()));
    if (!duration.ok()) return not_a_time(field, std::move(duration).error());
    return duration;
  }
  return make_error(
      error_code::expression,
      std::string(field) + ": expected seconds or an ISO 8601 duration, found " + to_text(value));
}

Result<Timestamp> wait_end(const Draft& draft, TaskRef ref) {
  const Task& task = draft.task(ref);
  if (task.until) {
    TRY(Json until, render_field(draft, ref, *task.until, "until"));
    if (!until.is_string()) {
      return make_error(error_code::expression,
                        "until: expected a time as text, found " + to_text(until));
    }
    auto time = parse_rfc3339(text_view(until.get_string()));
    if (!time.ok()) return not_a_time("until", std::move(time).error());
    return time;
  }
  TRY(Json duration, render_field(draft, ref, *task.duration, "duration"));
  TRY(Duration length, read_delay(duration, "duration"));
  return draft.now() + length;
}

void begin_event(Draft& draft, TaskRef ref, std::uint32_t attempt) {
  await(draft, ref, {.attempt = attempt, .waits_for = WaitsFor::event}, event_input(draft, ref));
}

void begin_approval(Draft& draft, TaskRef ref, std::uint32_t attempt) {
  await(draft, ref, {.attempt = attempt, .waits_for = WaitsFor::approval},
        approval_input(draft, ref));
}

void await_callback(Draft& draft, TaskRef ref, std::uint32_t attempt, SharedJson response) {
  draft.emit(TaskAwaiting{.task = ref,
                          .attempt = attempt,
                          .waits_for = WaitsFor::callback,
                          .input = nullptr,
                          .deadline = draft.task_state(ref).deadline,
                          .response = std::move(response)});
}

void waiting_timed_out(Draft& draft, TaskRef ref) {
  const Task& task = draft.task(ref);
  std::uint32_t attempt = draft.task_state(ref).attempt;
  OnTimeout outcome = OnTimeout::fail;
  if (const auto* wait = std::get_if<EventWait>(&task.structure)) outcome = wait->on_timeout;
  if (const auto* approval = std::get_if<Approval>(&task.structure)) outcome = approval->on_timeout;
  if (outcome == OnTimeout::fail) {
    Error error = make_error(error_code::timeout, "nothing came within " + to_human(*task.timeout));
    return attempt_failed(draft, ref, std::move(error), true);
  }
  if (outcome == OnTimeout::proceed) return attempt_succeeded(draft, ref, attempt, share(nullptr));
  decide_on(draft, ref, {.approved = outcome == OnTimeout::approve, .decided_by = "timeout"});
}

void decide_on(Draft& draft, TaskRef ref, const ApprovalDecision& decision) {
  const auto& approval = draft.task(ref).as<Approval>();
  std::uint32_t attempt = draft.task_state(ref).attempt;
  if (!decision.approved && approval.fail_on_reject) {
    std::string who = decision.decided_by.empty() ? "somebody" : decision.decided_by;
    std::string detail = "rejected by " + who;
    if (!decision.comment.empty()) detail += ": " + decision.comment;
    return attempt_failed(draft, ref, make_error(error_code::rejected, std::move(detail)), false);
  }
  JsonObject output{{"approved", decision.approved},
                    {"decided_by", decision.decided_by},
                    {"comment", decision.comment},
                    {"decided_at", to_rfc3339(draft.now())}};
  output["data"] = decision.data ? *decision.data : Json(nullptr);
  attempt_succeeded(draft, ref, attempt, share(std::move(output)));
}

void take_signals(Draft& draft) {
  if (draft.state().signals.empty()) return;
  for (TaskRef ref : event_waiters(draft)) {
    if (draft.state().status != RunStatus::running) return;
    const Scope* scope = draft.state().find_scope(ref.scope);
    if (scope == nullptr || scope->closed) continue;
    if (draft.task_state(ref).status == TaskStatus::waiting) take_for(draft, ref);
  }
}

}  // namespace harmonia::execution
