#include <algorithm>

#include "api/execution_json.h"

namespace harmonia::api {
namespace {

constexpr std::size_t bounded_payload_max = 16u << 10;  // bytes of text, about

// Counts down from `budget`; false once it is used up.
bool fits_budget(const Json& value, std::size_t& budget) {
  auto spend = [&budget](std::size_t size) {
    if (size > budget) return false;
    budget -= size;
    return true;
  };
  switch (value.kind()) {
    case boost::json::kind::null:
    case boost::json::kind::bool_:
    case boost::json::kind::int64:
    case boost::json::kind::uint64:
    case boost::json::kind::double_: return spend(8);
    case boost::json::kind::string: return spend(value.get_string().size() + 2);
    case boost::json::kind::array:
      return std::all_of(value.get_array().begin(), value.get_array().end(),
                         [&](const Json& item) { return spend(1) && fits_budget(item, budget); });
    case boost::json::kind::object:
      return std::all_of(
          value.get_object().begin(), value.get_object().end(), [&](const auto& member) {
            return spend(member.key().size() + 4) && fits_budget(member.value(), budget);
          });
  }
  return true;
}

// The details of one event, one overload for each.
struct DetailWriter {
  const execution::State& state;
  const workflow::Definition& definition;
  Payloads payloads;
  Timestamp at;
  JsonObject& details;
  std::string& message;

  const workflow::Task& task(execution::TaskRef ref) const { return definition.tasks[ref.task]; }

  void payload(const std::string& name, const SharedJson& value) const {
    if (!value) return;
    std::size_t budget = bounded_payload_max;
    if (payloads == Payloads::bounded && !fits_budget(*value, budget)) {
      details[name + "_omitted"] = true;
    } else {
      details[name] = *value;
    }
  }
  void failure(const Error& error) const {
    details["error"] = json_view(error.detail);
    details["error_code"] = json_view(error.code);
    message = error.detail;
  }
  // Seconds since the task's first attempt.
  double seconds_since_start(execution::TaskRef ref) const {
    // Its scope may have left the state since.
    if (state.find_scope(ref.scope) == nullptr) return 0.0;
    const auto& started_at = state.task(definition, ref).started_at;
    return started_at ? to_seconds(at - *started_at) : 0.0;
  }

  void operator()(const execution::ExecutionStarted& event) const {
    details["workflow_id"] = json_view(to_string(event.workflow));
    details["workflow_name"] = json_view(definition.name);
    details["revision"] = event.revision;
    payload("input", event.input);
    payload("context", event.context);
    if (event.deadline) details["deadline"] = json_view(to_rfc3339(*event.deadline));
  }
  void operator()(const execution::TaskScheduled& event) const {
    details["task_name"] = json_view(task(event.task).name);
    details["component"] = json_view(task(event.task).component);
    details["action"] = json_view(task(event.task).action);
    details["attempt"] = event.attempt;
    payload("input", event.input);
    if (event.deadline) details["deadline"] = json_view(to_rfc3339(*event.deadline));
  }
  void operator()(const execution::TaskWaiting& event) const {
    details["task_name"] = json_view(task(event.task).name);
    details["until"] = json_view(to_rfc3339(event.due));
  }
  void operator()(const execution::AttemptFailed& event) const {
    const auto& retry = task(event.task).retry;
    details["retry_count"] = event.attempt;
    details["max_retries"] = retry ? retry->max_retries : 0;
    details["delay"] = to_seconds(event.retry_at - at);
    details["retry_at"] = json_view(to_rfc3339(event.retry_at));
    failure(event.error);
  }
  void operator()(const execution::TaskCompleted& event) const {
    details["duration"] = seconds_since_start(event.task);
    details["attempt"] = event.attempt;
    payload("output", event.output);
  }
  void operator()(const execution::TaskFailed& event) const {
    details["retries"] = event.attempt > 0 ? event.attempt - 1 : 0;
    details["attempt"] = event.attempt;
    details["fails_scope"] = event.fails_scope;
    failure(event.error);
  }
  void operator()(const execution::TaskSkipped& event) const {
    details["reason"] = json_view(event.reason);
    message = event.reason;
  }
  void operator()(const execution::TaskCanceled& event) const {
    details["reason"] = json_view(event.reason);
    message = event.reason;
  }
  void operator()(const execution::TaskStarted& event) const {
    details["task_name"] = json_view(task(event.task).name);
    details["type"] = json_view(workflow::to_string(task(event.task).type));
    details["attempt"] = event.attempt;
    payload("input", event.input);
    if (event.deadline) details["deadline"] = json_view(to_rfc3339(*event.deadline));
  }
  void operator()(const execution::TaskQueued& event) const {
    details["task_name"] = json_view(task(event.task).name);
    details["attempt"] = event.attempt;
    payload("input", event.input);
  }
  void operator()(const execution::TaskAwaiting& event) const {
    details["task_name"] = json_view(task(event.task).name);
    details["type"] = json_view(workflow::to_string(task(event.task).type));
    details["waits_for"] = json_view(execution::to_string(event.waits_for));
    details["attempt"] = event.attempt;
    payload("input", event.input);
    payload("response", event.response);
    if (event.deadline) details["deadline"] = json_view(to_rfc3339(*event.deadline));
  }
  void operator()(const execution::TaskDeferred& event) const {
    details["until"] = json_view(to_rfc3339(event.due));
  }
  void operator()(const execution::ScopeOpened& event) const {
    details["scope"] = event.scope;
    details["index"] = event.index;
  }
  void operator()(const execution::ScopeClosed& event) const {
    details["scope"] = event.scope;
    details["outcome"] = json_view(execution::to_string(event.outcome));
    payload("output", event.output);
    if (event.error) failure(*event.error);
  }
  void operator()(const execution::ErrorCaught& event) const {
    details["clause"] = event.clause;
    details["attempt"] = event.attempt;
    failure(event.error);
  }
  void operator()(const execution::CleanupStarted& event) const {
    details["attempt"] = event.attempt;
    payload("output", event.output);
    if (event.canceled) details["canceled"] = true;
    if (event.error) failure(*event.error);
  }
  void operator()(const execution::UndoRegistered& event) const {
    payload("input", event.input);
    payload("view", event.view);
    if (event.error) failure(*event.error);
  }
  void operator()(const execution::SignalReceived& event) const {
    details["name"] = json_view(event.name);
    if (!event.id.empty()) details["id"] = json_view(event.id);
    if (!event.correlation.empty()) details["correlation"] = json_view(event.correlation);
    payload("payload", event.payload);
  }
  void operator()(const execution::SignalTaken& event) const { details["signal"] = event.signal; }
  void operator()(const execution::IncidentRaised& event) const {
    details["attempt"] = event.attempt;
    failure(event.error);
  }
  void operator()(const execution::ExecutionQueued& event) const {
    details["key"] = json_view(event.key);
    details["limit"] = event.limit;
  }
  void operator()(const execution::ExecutionAdmitted&) const {}
  void operator()(const execution::ExecutionFailing& event) const {
    if (event.deadline) details["deadline"] = json_view(to_rfc3339(*event.deadline));
    failure(event.error);
  }
  void operator()(const execution::ExecutionPaused&) const {}
  void operator()(const execution::ExecutionResumed&) const {}
  void operator()(const execution::ExecutionCompleted& event) const {
    details["duration"] = to_seconds(at - state.created_at);
    payload("output", event.output);
  }
  void operator()(const execution::ExecutionFailed& event) const {
    details["duration"] = to_seconds(at - state.created_at);
    JsonArray failed;
    for (const auto& [id, scope] : state.scopes) {
      const auto& numbers = definition.bodies[scope.body].tasks;
      for (std::size_t i = 0; i < scope.tasks.size(); ++i) {
        const execution::TaskState& now = scope.tasks[i];
        if (now.status != execution::TaskStatus::failed || now.failure_continued) continue;
        execution::TaskRef ref{.scope = id, .task = numbers[i]};
        failed.emplace_back(json_view(execution::path_of(definition, state, ref)));
      }
    }
    details["failed_tasks"] = std::move(failed);
    failure(event.error);
    if (!event.error.instance.empty()) details["instance"] = json_view(event.error.instance);
  }
  void operator()(const execution::ExecutionCanceled& event) const {
    details["duration"] = to_seconds(at - state.created_at);
    details["reason"] = json_view(event.reason);
    message = event.reason;
  }
};

struct NameOf {
  std::string_view operator()(const execution::ExecutionStarted&) { return "workflow_started"; }
  std::string_view operator()(const execution::TaskScheduled&) { return "task_started"; }
  std::string_view operator()(const execution::TaskWaiting&) { return "task_waiting"; }
  std::string_view operator()(const execution::AttemptFailed&) { return "retry_attempted"; }
  std::string_view operator()(const execution::TaskCompleted&) { return "task_completed"; }
  std::string_view operator()(const execution::TaskFailed&) { return "task_failed"; }
  std::string_view operator()(const execution::TaskSkipped&) { return "task_skipped"; }
  std::string_view operator()(const execution::TaskCanceled&) { return "task_canceled"; }
  std::string_view operator()(const execution::ExecutionPaused&) { return "workflow_paused"; }
  std::string_view operator()(const execution::ExecutionResumed&) { return "workflow_resumed"; }
  std::string_view operator()(const execution::ExecutionCompleted&) { return "workflow_completed"; }
  std::string_view operator()(const execution::ExecutionFailed&) { return "workflow_failed"; }
  std::string_view operator()(const execution::ExecutionCanceled&) { return "workflow_canceled"; }
  std::string_view operator()(const execution::TaskStarted&) { return "task_started"; }
  std::string_view operator()(const execution::TaskQueued&) { return "task_queued"; }
  std::string_view operator()(const execution::TaskAwaiting&) { return "task_awaiting"; }
  std::string_view operator()(const execution::TaskDeferred&) { return "task_deferred"; }
  std::string_view operator()(const execution::ScopeOpened&) { return "scope_opened"; }
  std::string_view operator()(const execution::ScopeClosed&) { return "scope_closed"; }
  std::string_view operator()(const execution::ErrorCaught&) { return "error_caught"; }
  std::string_view operator()(const execution::CleanupStarted&) { return "cleanup_started"; }
  std::string_view operator()(const execution::UndoRegistered&) { return "undo_registered"; }
  std::string_view operator()(const execution::SignalReceived&) { return "signal_received"; }
  std::string_view operator()(const execution::SignalTaken&) { return "signal_taken"; }
  std::string_view operator()(const execution::IncidentRaised&) { return "incident_raised"; }
  std::string_view operator()(const execution::ExecutionQueued&) { return "workflow_queued"; }
  std::string_view operator()(const execution::ExecutionAdmitted&) { return "workflow_admitted"; }
  std::string_view operator()(const execution::ExecutionFailing&) { return "workflow_failing"; }
};

}  // namespace

std::string_view wire_name(const execution::EventBody& body) { return std::visit(NameOf{}, body); }

Json event_to_json(const execution::Event& event, const execution::State& state,
                   const workflow::Definition& definition, Payloads payloads) {
  JsonObject details;
  std::string message;
  std::visit(DetailWriter{state, definition, payloads, event.at, details, message}, event.body);
  std::string path = execution::path_of(definition, event);
  Json task_id = path.empty() ? Json(nullptr) : Json(json_view(path));
  return JsonObject{{"event_type", json_view(wire_name(event.body))},
                    {"execution_id", json_view(to_string(state.id))},
                    {"task_id", std::move(task_id)},
                    {"seq", event.seq},
                    {"timestamp", json_view(to_rfc3339(event.at))},
                    {"message", message.empty() ? Json(nullptr) : Json(json_view(message))},
                    {"details", std::move(details)}};
}

}  // namespace harmonia::api
