// Reads what write_snapshot wrote. Values are moved out of the document: they may be large.
#include <span>

#include "execution/state.h"

namespace harmonia::execution {
namespace {

std::optional<Timestamp> get_time(const JsonObject& object, std::string_view key) {
  const Json* value = object.if_contains(json_view(key));
  if (value == nullptr || !value->is_int64()) return std::nullopt;
  return from_micros(value->get_int64());
}

SharedJson take_json(JsonObject& object, std::string_view key) {
  Json* value = object.if_contains(json_view(key));
  return value == nullptr ? nullptr : share(std::move(*value));
}

std::optional<Error> get_error(const JsonObject& object, std::string_view key) {
  const Json* value = object.if_contains(json_view(key));
  if (value == nullptr || !value->is_object()) return std::nullopt;
  const JsonObject& members = value->get_object();
  return make_error(get_string(members, "code"), get_string(members, "detail"),
                    get_string(members, "instance"));
}

std::shared_ptr<const Error> get_shared_error(const JsonObject& object, std::string_view key) {
  auto error = get_error(object, key);
  return error ? std::make_shared<const Error>(std::move(*error)) : nullptr;
}

std::uint32_t get_count(const JsonObject& object, std::string_view key) {
  return static_cast<std::uint32_t>(get_int(object, key));
}

std::span<Json> get_list(JsonObject& object, std::string_view key) {
  Json* value = object.if_contains(json_view(key));
  if (value == nullptr || !value->is_array()) return {};
  return {value->get_array().data(), value->get_array().size()};
}

std::vector<std::string> split_results(const JsonObject& object) {
  std::vector<std::string> results;
  const Json* joined = object.if_contains("results");
  if (joined == nullptr || !joined->is_string()) return results;
  std::string_view rest = text_view(joined->get_string());
  for (auto end = rest.find('\n'); end != std::string_view::npos; end = rest.find('\n')) {
    results.emplace_back(rest.substr(0, end));
    rest.remove_prefix(end + 1);
  }
  return results;
}

std::vector<SharedJson> take_list(JsonObject& object, std::string_view key) {
  std::vector<SharedJson> values;
  for (Json& one : get_list(object, key)) {
    bool set = one.is_array() && !one.get_array().empty();
    values.push_back(set ? share(std::move(one.get_array().front())) : nullptr);
  }
  return values;
}

Progress progress_from_json(JsonObject& object) {
  return {.phase = static_cast<Phase>(get_int(object, "phase")),
          .canceled = object.contains("canceled"),
          .clause = get_count(object, "clause"),
          .caught = get_shared_error(object, "caught"),
          .pending_output = take_json(object, "pending_output"),
          .opened = get_count(object, "opened"),
          .open = get_count(object, "open"),
          .completed = get_count(object, "completed"),
          .failed = get_count(object, "failed"),
          .failure = get_shared_error(object, "failure"),
          .results = split_results(object),
          .last = take_json(object, "last"),
          .owns_scopes = object.contains("owns_scopes"),
          .lock_key = get_string(object, "lock_key"),
          .received = take_list(object, "received"),
          .asked_seq = static_cast<std::uint64_t>(get_int(object, "asked_seq")),
          .due = get_time(object, "due")};
}

TaskState task_from_json(JsonObject& object) {
  TaskState task;
  task.status = static_cast<TaskStatus>(get_int(object, "status"));
  task.failure_continued = object.contains("continued");
  task.attempt = static_cast<std::uint32_t>(get_int(object, "attempt"));
  task.started_at = get_time(object, "started_at");
  task.ended_at = get_time(object, "ended_at");
  task.due = get_time(object, "due");
  task.deadline = get_time(object, "deadline");
  task.input = take_json(object, "input");
  task.output = take_json(object, "output");
  if (auto error = get_error(object, "error"))
    task.error = std::make_shared<const Error>(std::move(*error));
  task.reason = get_string(object, "reason");
  task.waits_for = static_cast<WaitsFor>(get_int(object, "waits_for"));
  Json* progress = object.if_contains("progress");
  if (progress != nullptr && progress->is_object())
    task.progress.need() = progress_from_json(progress->get_object());
  return task;
}

std::optional<TaskRef> ref_from_json(const Json* value) {
  if (value == nullptr || !value->is_array() || value->get_array().size() != 2) return std::nullopt;
  const JsonArray& pair = value->get_array();
  if (!pair[0].is_int64() || !pair[1].is_int64()) return std::nullopt;
  return TaskRef{.scope = static_cast<ScopeId>(pair[0].get_int64()),
                 .task = static_cast<workflow::TaskNumber>(pair[1].get_int64())};
}

Undo undo_from_json(JsonObject& object) {
  return {.seq = static_cast<std::uint64_t>(get_int(object, "seq")),
          .body = get_count(object, "body"),
          .path = get_string(object, "path"),
          .input = take_json(object, "input"),
          .view = take_json(object, "view"),
          .error = get_error(object, "error")};
}

std::optional<ScopeId> get_scope_id(const JsonObject& object, std::string_view key) {
  if (!object.contains(json_view(key))) return std::nullopt;
  return get_count(object, key);
}

std::optional<Scope> scope_from_json(JsonObject& object) {
  Scope scope;
  scope.id = get_count(object, "id");
  scope.body = get_count(object, "body");
  scope.owner = ref_from_json(object.if_contains("owner"));
  scope.parent = get_scope_id(object, "parent");
  scope.index = get_count(object, "index");
  scope.prefix = get_string(object, "prefix");
  Json* undoes = object.if_contains("undoes");
  if (undoes != nullptr && undoes->is_object())
    scope.undoes.need() = undo_from_json(undoes->get_object());
  for (Json& one : get_list(object, "undo")) {
    if (one.is_object()) scope.undo.push_back(undo_from_json(one.get_object()));
  }
  for (const Json& path : get_list(object, "not_undone")) {
    if (path.is_string()) scope.not_undone.emplace_back(text_view(path.get_string()));
  }
  scope.follow_up = get_scope_id(object, "follow_up");
  scope.failing = object.contains("failing");
  scope.failure = get_error(object, "failure");
  scope.closed = object.contains("closed");
  scope.has_inner = object.contains("has_inner");
  for (Json& task : get_list(object, "tasks")) {
    if (!task.is_object()) return std::nullopt;
    scope.tasks.push_back(task_from_json(task.get_object()));
    if (!is_terminal(scope.tasks.back().status)) ++scope.open_tasks;
  }
  return scope;
}

TaskCounts counts_from_json(JsonObject& object) {
  std::span<Json> list = get_list(object, "counts");
  auto at = [&list](std::size_t i) {
    return i < list.size() && list[i].is_number() ? list[i].to_number<std::uint32_t>() : 0u;
  };
  return {.total = at(0),
          .completed = at(1),
          .failed = at(2),
          .skipped = at(3),
          .canceled = at(4),
          .running = at(5),
          .waiting = at(6)};
}

// Its turn and its parent.
void get_relations(JsonObject& object, State& state) {
  auto count = [](const Json& value) {
    return value.is_int64() ? static_cast<std::uint32_t>(value.get_int64()) : 0u;
  };
  std::span<Json> turn = get_list(object, "turn");
  if (turn.size() == 3 && turn[0].is_string()) {
    state.turn = {.key = std::string(text_view(turn[0].get_string())),
                  .limit = count(turn[1]),
                  .policy = static_cast<workflow::ConcurrencyPolicy>(count(turn[2]))};
  }
  std::span<Json> parent = get_list(object, "parent");
  if (parent.size() != 6 || !parent[0].is_string()) return;
  auto id = parse_id<ExecutionId>(text_view(parent[0].get_string()));
  if (!id) return;
  state.parent = Parent{.execution = *id,
                        .task = {.scope = count(parent[1]), .task = count(parent[2])},
                        .attempt = count(parent[3]),
                        .depth = count(parent[4]),
                        .waits = parent[5].is_bool() && parent[5].get_bool()};
}

void get_signals(JsonObject& object, State& state) {
  state.signals_received = static_cast<std::uint64_t>(get_int(object, "signals_received"));
  for (Json& value : get_list(object, "signals")) {
    if (!value.is_object()) continue;
    JsonObject& one = value.get_object();
    state.signals.push_back({.number = static_cast<std::uint64_t>(get_int(one, "number")),
                             .name = get_string(one, "name"),
                             .correlation = get_string(one, "correlation"),
                             .payload = take_json(one, "payload")});
  }
  for (const Json& id : get_list(object, "signal_ids")) {
    if (id.is_string()) state.signal_ids.emplace_back(text_view(id.get_string()));
  }
}

Error damaged() {
  return make_error(error_code::storage, "a snapshot of an execution can't be read: it is damaged");
}

}  // namespace

Result<State> read_snapshot(std::string_view text) {
  // As deep as histories may be.
  auto snapshot = parse_json(text, {.depth_max = 256, .size_max = text.size()});
  if (!snapshot.ok() || !snapshot->is_object()) return damaged();
  JsonObject& object = snapshot->get_object();
  auto id = parse_id<ExecutionId>(get_string(object, "id"));
  auto workflow = parse_id<WorkflowId>(get_string(object, "workflow"));
  if (!id || !workflow) return damaged();
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
  state.timed_out = object.contains("timed_out");
  state.input = take_json(object, "input");
  state.context = take_json(object, "context");
  state.env = take_json(object, "env");
  state.output = take_json(object, "output");
  state.error = get_error(object, "error");
  state.cancel_reason = get_string(object, "cancel_reason");
  state.key = get_string(object, "key");
  state.public_url = get_string(object, "public_url");
  get_relations(object, state);
  state.last_scope = get_count(object, "last_scope");
  state.active = get_count(object, "active");
  state.counts = counts_from_json(object);
  for (const Json& value : get_list(object, "queue")) {
    if (auto ref = ref_from_json(&value)) state.queue.push_back(*ref);
  }
  get_signals(object, state);
  for (Json& value : get_list(object, "scopes")) {
    if (!value.is_object()) return damaged();
    auto scope = scope_from_json(value.get_object());
    if (!scope) return damaged();
    state.scopes.emplace(scope->id, std::move(*scope));
  }
  if (state.scopes.empty()) return damaged();
  return state;
}

}  // namespace harmonia::execution
