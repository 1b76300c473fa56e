// A run's state as one JSON document: what a load starts from instead of replaying the whole
// history.
#include "execution/state.h"

namespace harmonia::execution {
namespace {

void put_time(JsonObject& object, std::string_view key, const std::optional<Timestamp>& time) {
  if (time) object[json_view(key)] = to_micros(*time);
}

void put_json(JsonObject& object, std::string_view key, const SharedJson& value) {
  if (value) object[json_view(key)] = *value;
}

Json error_to_json(const Error& error) {
  return JsonObject{{"code", error.code}, {"detail", error.detail}, {"instance", error.instance}};
}

std::optional<Timestamp> get_time(const JsonObject& object, std::string_view key) {
  const Json* value = object.if_contains(json_view(key));
  if (value == nullptr || !value->is_int64()) return std::nullopt;
  return from_micros(value->get_int64());
}

SharedJson get_json(const JsonObject& object, std::string_view key) {
  const Json* value = object.if_contains(json_view(key));
  return value == nullptr ? nullptr : share(*value);
}

std::optional<Error> get_error(const JsonObject& object, std::string_view key) {
  const Json* value = object.if_contains(json_view(key));
  if (value == nullptr || !value->is_object()) return std::nullopt;
  const JsonObject& members = value->get_object();
  return make_error(get_string(members, "code"), get_string(members, "detail"),
                    get_string(members, "instance"));
}

Json task_to_json(const TaskState& task) {
  // A pending task has nothing to tell: long lists of them stay small.
  JsonObject object;
  if (task.status == TaskStatus::pending) return object;
  object["status"] = static_cast<std::int64_t>(task.status);
  if (task.failure_continued) object["continued"] = true;
  if (task.attempt > 0) object["attempt"] = std::int64_t{task.attempt};
  put_time(object, "started_at", task.started_at);
  put_time(object, "ended_at", task.ended_at);
  put_time(object, "due", task.due);
  put_time(object, "deadline", task.deadline);
  put_json(object, "input", task.input);
  put_json(object, "output", task.output);
  if (task.error) object["error"] = error_to_json(*task.error);
  if (!task.reason.empty()) object["reason"] = task.reason;
  return object;
}

TaskState task_from_json(const JsonObject& object) {
  TaskState task;
  task.status = static_cast<TaskStatus>(get_int(object, "status"));
  task.failure_continued = object.contains("continued");
  task.attempt = static_cast<std::uint32_t>(get_int(object, "attempt"));
  task.started_at = get_time(object, "started_at");
  task.ended_at = get_time(object, "ended_at");
  task.due = get_time(object, "due");
  task.deadline = get_time(object, "deadline");
  task.input = get_json(object, "input");
  task.output = get_json(object, "output");
  if (auto error = get_error(object, "error"))
    task.error = std::make_shared<const Error>(std::move(*error));
  task.reason = get_string(object, "reason");
  return task;
}

Json scope_to_json(const Scope& scope) {
  JsonObject object;
  object["id"] = std::int64_t{scope.id};
  object["body"] = std::int64_t{scope.body};
  if (scope.owner) {
    object["owner"] = JsonArray{std::int64_t{scope.owner->scope}, std::int64_t{scope.owner->task}};
    object["label"] = scope.label;
  }
  if (scope.failing) object["failing"] = true;
  if (scope.failure) object["failure"] = error_to_json(*scope.failure);
  JsonArray tasks;
  for (const TaskState& task : scope.tasks) tasks.push_back(task_to_json(task));
  object["tasks"] = std::move(tasks);
  return object;
}

std::optional<Scope> scope_from_json(const Json& value) {
  if (!value.is_object()) return std::nullopt;
  const JsonObject& object = value.get_object();
  Scope scope;
  scope.id = static_cast<ScopeId>(get_int(object, "id"));
  scope.body = static_cast<workflow::BodyNumber>(get_int(object, "body"));
  if (const Json* owner = object.if_contains("owner"); owner != nullptr && owner->is_array()) {
    const auto& pair = owner->get_array();
    scope.owner = TaskRef{.scope = static_cast<ScopeId>(pair.at(0).as_int64()),
                          .task = static_cast<workflow::TaskNumber>(pair.at(1).as_int64())};
    scope.label = get_string(object, "label");
  }
  scope.failing = object.contains("failing");
  scope.failure = get_error(object, "failure");
  const Json* tasks = object.if_contains("tasks");
  if (tasks == nullptr || !tasks->is_array()) return std::nullopt;
  for (const Json& task : tasks->get_array()) {
    if (!task.is_object()) return std::nullopt;
    scope.tasks.push_back(task_from_json(task.get_object()));
    if (!is_terminal(scope.tasks.back().status)) ++scope.open_tasks;
  }
  return scope;
}

}  // namespace

Json snapshot_to_json(const State& state) {
  JsonObject object;
  object["id"] = to_string(state.id);
  object["workflow"] = to_string(state.workflow);
  object["revision"] = std::int64_t{state.revision};
  object["status"] = static_cast<std::int64_t>(state.status);
  object["last_seq"] = static_cast<std::int64_t>(state.last_seq);
  object["created_at"] = to_micros(state.created_at);
  object["last_at"] = to_micros(state.last_at);
  put_time(object, "ended_at", state.ended_at);
  put_time(object, "deadline", state.deadline);
  put_json(object, "input", state.input);
  put_json(object, "context", state.context);
  put_json(object, "env", state.env);
  put_json(object, "output", state.output);
  if (state.error) object["error"] = error_to_json(*state.error);
  if (!state.cancel_reason.empty()) object["cancel_reason"] = state.cancel_reason;
  JsonArray scopes;
  for (const auto& [_, scope] : state.scopes) scopes.push_back(scope_to_json(scope));
  object["scopes"] = std::move(scopes);
  return object;
}

Result<State> snapshot_from_json(const Json& snapshot) {
  Error damaged =
      make_error(error_code::storage, "a snapshot of an execution can't be read: it is damaged");
  if (!snapshot.is_object()) return damaged;
  const JsonObject& object = snapshot.get_object();
  auto id = parse_id<ExecutionId>(get_string(object, "id"));
  auto workflow = parse_id<WorkflowId>(get_string(object, "workflow"));
  const Json* scopes = object.if_contains("scopes");
  if (!id || !workflow || scopes == nullptr || !scopes->is_array()) return damaged;
  State state;
  state.id = *id;
  state.workflow = *workflow;
  state.revision = static_cast<std::uint32_t>(get_int(object, "revision"));
  state.status = static_cast<RunStatus>(get_int(object, "status"));
  state.last_seq = static_cast<std::uint64_t>(get_int(object, "last_seq"));
  state.created_at = from_micros(get_int(object, "created_at"));
  state.last_at = from_micros(get_int(object, "last_at"));
  state.ended_at = get_time(object, "ended_at");
  state.deadline = get_time(object, "deadline");
  state.input = get_json(object, "input");
  state.context = get_json(object, "context");
  state.env = get_json(object, "env");
  state.output = get_json(object, "output");
  state.error = get_error(object, "error");
  state.cancel_reason = get_string(object, "cancel_reason");
  for (const Json& value : scopes->get_array()) {
    auto scope = scope_from_json(value);
    if (!scope) return damaged;
    for (const TaskState& task : scope->tasks) count_task(state.counts, std::nullopt, task.status);
    state.scopes.emplace(scope->id, std::move(*scope));
  }
  return state;
}

}  // namespace harmonia::execution
