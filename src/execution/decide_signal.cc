#include "execution/decide_signal.h"

#include <algorithm>

#include "execution/decide_report.h"
#include "execution/task_steps.h"
#include "execution/waiting.h"

namespace harmonia::execution {
namespace {

// What nobody takes is kept up to here: a sender that never ends may not fill the memory.
constexpr std::size_t signals_kept_max = 10'000;

Outcome refuse_ended(const Draft& draft) {
  if (!is_terminal(draft.state().status)) return std::nullopt;
  return make_error(error_code::wrong_state,
                    "the execution is " + std::string(to_string(draft.state().status)));
}

// The task must wait for just that.
Outcome check_waits(const Draft& draft, TaskRef ref, WaitsFor what, std::uint64_t seq) {
  if (auto refusal = refuse_ended(draft)) return refusal;
  if (!has_task(draft, ref))
    return make_error(error_code::not_found, "the execution has no such task");
  const TaskState& task = draft.task_state(ref);
  std::string path = path_of(draft.definition(), draft.state(), ref);
  if (task.status != TaskStatus::waiting || task.waits_for != what) {
    std::string_view name = what == WaitsFor::incident ? "an operator" : "an approval";
    return make_error(error_code::stale, "task '" + path + "' does not wait for " +
                                             std::string(name) + ": it is " +
                                             std::string(to_string(task.status)));
  }
  if (asked_seq(task) == seq) return std::nullopt;
  return make_error(error_code::stale, "task '" + path + "' asks anew: this answers its event " +
                                           std::to_string(seq) + ", it waits since event " +
                                           std::to_string(asked_seq(task)));
}

Outcome check_form(const Draft& draft, const DecideApproval& decision) {
  const auto& form = draft.task(decision.task).as<workflow::Approval>().form;
  if (!form || !decision.approved) return std::nullopt;
  auto problems = form->validate(decision.data ? *decision.data : Json(nullptr));
  if (problems.empty()) return std::nullopt;
  Error error = make_error(error_code::schema,
                           "the data does not match the form: " + describe(problems.front()));
  error.instance = problems.front().pointer;
  error.problems = std::move(problems);
  return error;
}

}  // namespace

Outcome decide_signal(Draft& draft, const Signal& signal) {
  if (auto refusal = refuse_ended(draft)) return refusal;
  const auto& ids = draft.state().signal_ids;
  if (!signal.id.empty() && std::find(ids.begin(), ids.end(), signal.id) != ids.end())
    return std::nullopt;
  if (draft.state().signals.size() >= signals_kept_max) {
    return make_error(error_code::overloaded, "the execution keeps " +
                                                  std::to_string(signals_kept_max) +
                                                  " signals that no task has taken");
  }
  draft.emit(SignalReceived{.id = signal.id,
                            .name = signal.name,
                            .correlation = signal.correlation,
                            .payload = signal.payload ? signal.payload : share(nullptr)});
  return std::nullopt;
}

Outcome decide_approval(Draft& draft, const DecideApproval& decision) {
  if (auto refusal = check_waits(draft, decision.task, WaitsFor::approval, decision.asked_seq))
    return refusal;
  if (auto refusal = check_form(draft, decision)) return refusal;
  decide_on(draft, decision.task,
            {.approved = decision.approved,
             .decided_by = decision.decided_by,
             .comment = decision.comment,
             .data = decision.data});
  return std::nullopt;
}

Outcome decide_callback(Draft& draft, const Callback& callback) {
  if (auto refusal = refuse_ended(draft)) return refusal;
  if (!has_task(draft, callback.task))
    return make_error(error_code::not_found, "the execution has no such task");
  const TaskState& task = draft.task_state(callback.task);
  bool is_webhook = draft.task(callback.task).type == workflow::TaskType::webhook;
  // Perhaps it is faster than the answer to the call.
  bool called = is_webhook && task.status == TaskStatus::running &&
                (!task.progress || task.progress->phase == Phase::work);
  bool waits = task.status == TaskStatus::waiting && task.waits_for == WaitsFor::callback;
  if (!called && !waits) {
    return make_error(error_code::stale,
                      "task '" + path_of(draft.definition(), draft.state(), callback.task) +
                          "' does not wait for a callback");
  }
  SharedJson response = waits ? task.progress->pending_output : nullptr;
  Json output = JsonObject{{"response", response ? *response : Json(nullptr)},
                           {"callback", callback.payload ? *callback.payload : Json(nullptr)}};
  attempt_succeeded(draft, callback.task, task.attempt, share(std::move(output)));
  return std::nullopt;
}

Outcome decide_incident(Draft& draft, const ResolveIncident& resolution) {
  TaskRef ref = resolution.task;
  if (auto refusal = check_waits(draft, ref, WaitsFor::incident, resolution.asked_seq))
    return refusal;
  if (resolution.action == IncidentAction::retry && draft.state().status == RunStatus::paused) {
    return make_error(error_code::wrong_state,
                      "the execution is paused and begins no attempt; resume it first");
  }
  const TaskState& task = draft.task_state(ref);
  switch (resolution.action) {
    case IncidentAction::retry: begin_attempt(draft, ref, task.attempt + 1); break;
    case IncidentAction::skip: {
      std::string who = resolution.resolved_by.empty() ? "an operator" : resolution.resolved_by;
      draft.emit(TaskSkipped{.task = ref, .reason = "skipped by " + who});
      break;
    }
    case IncidentAction::complete:
      attempt_succeeded(draft, ref, task.attempt,
                        resolution.output ? resolution.output : share(nullptr));
      break;
    case IncidentAction::fail: give_up(draft, ref, Error(*task.error)); break;
  }
  return std::nullopt;
}

}  // namespace harmonia::execution
