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

std::shared_ptr<const Error> get_shared_error(const JsonObject& object, std::string_view key) {
  auto error = get_error(object, key);
  return error ? std::make_shared<const Error>(std::move(*error)) : nullptr;
}

std::uint32_t get_count(const JsonObject& object, std::string_view key) {
  return static_cast<std::uint32_t>(get_int(object, key));
}

// A missing one is null, one that is null is written as [].
Json list_to_json(const std::vector<SharedJson>& values) {
  JsonArray list;
  for (const SharedJson& value : values) {
    JsonArray one;
    if (value) one.push_back(*value);
    list.push_back(std::move(one));
  }
  return list;
}

std::vector<SharedJson> list_from_json(const JsonObject& object, std::string_view key) {
  std::vector<SharedJson> values;
  const Json* list = object.if_contains(json_view(key));
  if (list == nullptr || !list->is_array()) return values;
  for (const Json& one : list->get_array()) {
    bool set = one.is_array() && !one.get_array().empty();
    values.push_back(set ? share(one.get_array().front()) : nullptr);
  }
  return values;
}

Json progress_to_json(const Progress& progress) {
  JsonObject object;
  object["phase"] = static_cast<std::int64_t>(progress.phase);
  if (progress.canceled) object["canceled"] = true;
  object["clause"] = std::int64_t{progress.clause};
  if (progress.caught) object["caught"] = error_to_json(*progress.caught);
  put_json(object, "pending_output", progress.pending_output);
  object["opened"] = std::int64_t{progress.opened};
  object["open"] = std::int64_t{progress.open};
  object["completed"] = std::int64_t{progress.completed};
  object["failed"] = std::int64_t{progress.failed};
  if (progress.failure) object["failure"] = error_to_json(*progress.failure);
  if (!progress.results.empty()) object["results"] = list_to_json(progress.results);
  put_json(object, "last", progress.last);
  if (progress.owns_scopes) object["owns_scopes"] = true;
  if (!progress.lock_key.empty()) object["lock_key"] = progress.lock_key;
  if (!progress.received.empty()) object["received"] = list_to_json(progress.received);
  if (progress.asked_seq > 0) object["asked_seq"] = static_cast<std::int64_t>(progress.asked_seq);
  put_time(object, "due", progress.due);
  return object;
}

Progress progress_from_json(const JsonObject& object) {
  return {.phase = static_cast<Phase>(get_int(object, "phase")),
          .canceled = object.contains("canceled"),
          .clause = get_count(object, "clause"),
          .caught = get_shared_error(object, "caught"),
          .pending_output = get_json(object, "pending_output"),
          .opened = get_count(object, "opened"),
          .open = get_count(object, "open"),
          .completed = get_count(object, "completed"),
          .failed = get_count(object, "failed"),
          .failure = get_shared_error(object, "failure"),
          .results = list_from_json(object, "results"),
          .last = get_json(object, "last"),
          .owns_scopes = object.contains("owns_scopes"),
          .lock_key = get_string(object, "lock_key"),
          .received = list_from_json(object, "received"),
          .asked_seq = static_cast<std::uint64_t>(get_int(object, "asked_seq")),
          .due = get_time(object, "due")};
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
  if (task.waits_for != WaitsFor::time)
    object["waits_for"] = static_cast<std::int64_t>(task.waits_for);
  if (task.progress) object["progress"] = progress_to_json(*task.progress);
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
  task.waits_for = static_cast<WaitsFor>(get_int(object, "waits_for"));
  const Json* progress = object.if_contains("progress");
  if (progress != nullptr && progress->is_object())
    task.progress.need() = progress_from_json(progress->get_object());
  return task;
}

Json ref_to_json(TaskRef ref) { return JsonArray{std::int64_t{ref.scope}, std::int64_t{ref.task}}; }

std::optional<TaskRef> ref_from_json(const Json* value) {
  if (value == nullptr || !value->is_array() || value->get_array().size() != 2) return std::nullopt;
  const JsonArray& pair = value->get_array();
  if (!pair[0].is_int64() || !pair[1].is_int64()) return std::nullopt;
  return TaskRef{.scope = static_cast<ScopeId>(pair[0].get_int64()),
                 .task = static_cast<workflow::TaskNumber>(pair[1].get_int64())};
}

Json undo_to_json(const Undo& undo) {
  JsonObject object{{"seq", static_cast<std::int64_t>(undo.seq)},
                    {"body", std::int64_t{undo.body}},
                    {"path", undo.path}};
  put_json(object, "input", undo.input);
  put_json(object, "view", undo.view);
  if (undo.error) object["error"] = error_to_json(*undo.error);
  return object;
}

Undo undo_from_json(const Json& value) {
  const JsonObject empty;
  const JsonObject& object = value.is_object() ? value.get_object() : empty;
  return {.seq = static_cast<std::uint64_t>(get_int(object, "seq")),
          .body = get_count(object, "body"),
          .path = get_string(object, "path"),
          .input = get_json(object, "input"),
          .view = get_json(object, "view"),
          .error = get_error(object, "error")};
}

const JsonArray& get_list(const JsonObject& object, std::string_view key) {
  static const JsonArray none;
  const Json* value = object.if_contains(json_view(key));
  return value != nullptr && value->is_array() ? value->get_array() : none;
}

Json texts_to_json(const auto& texts) {
  JsonArray list;
  for (const std::string& text : texts) list.emplace_back(json_view(text));
  return list;
}

Json scope_to_json(const Scope& scope) {
  JsonObject object;
  object["id"] = std::int64_t{scope.id};
  object["body"] = std::int64_t{scope.body};
  if (scope.owner) object["owner"] = ref_to_json(*scope.owner);
  if (scope.parent) object["parent"] = std::int64_t{*scope.parent};
  if (scope.index > 0) object["index"] = std::int64_t{scope.index};
  if (!scope.prefix.empty()) object["prefix"] = scope.prefix;
  if (scope.undoes) object["undoes"] = undo_to_json(*scope.undoes);
  JsonArray undo;
  for (const Undo& one : scope.undo) undo.push_back(undo_to_json(one));
  if (!undo.empty()) object["undo"] = std::move(undo);
  if (!scope.not_undone.empty()) object["not_undone"] = texts_to_json(scope.not_undone);
  if (scope.follow_up) object["follow_up"] = std::int64_t{*scope.follow_up};
  if (scope.failing) object["failing"] = true;
  if (scope.failure) object["failure"] = error_to_json(*scope.failure);
  if (scope.closed) object["closed"] = true;
  if (scope.has_inner) object["has_inner"] = true;
  JsonArray tasks;
  for (const TaskState& task : scope.tasks) tasks.push_back(task_to_json(task));
  object["tasks"] = std::move(tasks);
  return object;
}

std::optional<ScopeId> get_scope_id(const JsonObject& object, std::string_view key) {
  if (!object.contains(json_view(key))) return std::nullopt;
  return get_count(object, key);
}

std::optional<Scope> scope_from_json(const Json& value) {
  if (!value.is_object()) return std::nullopt;
  const JsonObject& object = value.get_object();
  Scope scope;
  scope.id = get_count(object, "id");
  scope.body = get_count(object, "body");
  scope.owner = ref_from_json(object.if_contains("owner"));
  scope.parent = get_scope_id(object, "parent");
  scope.index = get_count(object, "index");
  scope.prefix = get_string(object, "prefix");
  if (const Json* undoes = object.if_contains("undoes"))
    scope.undoes.need() = undo_from_json(*undoes);
  for (const Json& one : get_list(object, "undo")) scope.undo.push_back(undo_from_json(one));
  for (const Json& path : get_list(object, "not_undone")) {
    if (path.is_string()) scope.not_undone.emplace_back(text_view(path.get_string()));
  }
  scope.follow_up = get_scope_id(object, "follow_up");
  scope.failing = object.contains("failing");
  scope.failure = get_error(object, "failure");
  scope.closed = object.contains("closed");
  scope.has_inner = object.contains("has_inner");
  const Json* tasks = object.if_contains("tasks");
  if (tasks == nullptr || !tasks->is_array()) return std::nullopt;
  for (const Json& task : tasks->get_array()) {
    if (!task.is_object()) return std::nullopt;
    scope.tasks.push_back(task_from_json(task.get_object()));
    if (!is_terminal(scope.tasks.back().status)) ++scope.open_tasks;
  }
  return scope;
}

Json counts_to_json(const TaskCounts& counts) {
  return JsonArray{counts.total,    counts.completed, counts.failed, counts.skipped,
                   counts.canceled, counts.running,   counts.waiting};
}

TaskCounts counts_from_json(const JsonObject& object) {
  const JsonArray& list = get_list(object, "counts");
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

void put_signals(JsonObject& object, const State& state) {
  object["signals_received"] = static_cast<std::int64_t>(state.signals_received);
  JsonArray signals;
  for (const KeptSignal& signal : state.signals) {
    JsonObject one{{"number", static_cast<std::int64_t>(signal.number)},
                   {"name", signal.name},
                   {"correlation", signal.correlation}};
    put_json(one, "payload", signal.payload);
    signals.push_back(std::move(one));
  }
  object["signals"] = std::move(signals);
  object["signal_ids"] = texts_to_json(state.signal_ids);
}

// Its turn and its parent.
void get_relations(const JsonObject& object, State& state) {
  auto count = [](const Json& value) {
    return value.is_int64() ? static_cast<std::uint32_t>(value.get_int64()) : 0u;
  };
  const JsonArray& turn = get_list(object, "turn");
  if (turn.size() == 3 && turn[0].is_string()) {
    state.turn = {.key = std::string(text_view(turn[0].get_string())),
                  .limit = count(turn[1]),
                  .policy = static_cast<workflow::ConcurrencyPolicy>(count(turn[2]))};
  }
  const JsonArray& parent = get_list(object, "parent");
  if (parent.size() != 6 || !parent[0].is_string()) return;
  auto id = parse_id<ExecutionId>(text_view(parent[0].get_string()));
  if (!id) return;
  state.parent = Parent{.execution = *id,
                        .task = {.scope = count(parent[1]), .task = count(parent[2])},
                        .attempt = count(parent[3]),
                        .depth = count(parent[4]),
                        .waits = parent[5].is_bool() && parent[5].get_bool()};
}

void get_signals(const JsonObject& object, State& state) {
  state.signals_received = static_cast<std::uint64_t>(get_int(object, "signals_received"));
  for (const Json& value : get_list(object, "signals")) {
    if (!value.is_object()) continue;
    const JsonObject& one = value.get_object();
    state.signals.push_back({.number = static_cast<std::uint64_t>(get_int(one, "number")),
                             .name = get_string(one, "name"),
                             .correlation = get_string(one, "correlation"),
                             .payload = get_json(one, "payload")});
  }
  for (const Json& id : get_list(object, "signal_ids")) {
    if (id.is_string()) state.signal_ids.emplace_back(text_view(id.get_string()));
  }
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
  if (state.timed_out) object["timed_out"] = true;
  put_json(object, "input", state.input);
  put_json(object, "context", state.context);
  put_json(object, "env", state.env);
  put_json(object, "output", state.output);
  if (state.error) object["error"] = error_to_json(*state.error);
  if (!state.cancel_reason.empty()) object["cancel_reason"] = state.cancel_reason;
  if (!state.key.empty()) object["key"] = state.key;
  if (!state.public_url.empty()) object["public_url"] = state.public_url;
  if (!state.turn.key.empty()) {
    object["turn"] = JsonArray{json_view(state.turn.key), std::int64_t{state.turn.limit},
                               static_cast<std::int64_t>(state.turn.policy)};
  }
  if (state.parent) {
    object["parent"] = JsonArray{json_view(to_string(state.parent->execution)),
                                 std::int64_t{state.parent->task.scope},
                                 std::int64_t{state.parent->task.task},
                                 std::int64_t{state.parent->attempt},
                                 std::int64_t{state.parent->depth},
                                 state.parent->waits};
  }
  object["last_scope"] = std::int64_t{state.last_scope};
  object["active"] = std::int64_t{state.active};
  object["counts"] = counts_to_json(state.counts);
  JsonArray queue;
  for (TaskRef ref : state.queue) queue.push_back(ref_to_json(ref));
  if (!queue.empty()) object["queue"] = std::move(queue);
  if (state.signals_received > 0) put_signals(object, state);
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
  state.timed_out = object.contains("timed_out");
  state.input = get_json(object, "input");
  state.context = get_json(object, "context");
  state.env = get_json(object, "env");
  state.output = get_json(object, "output");
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
  for (const Json& value : scopes->get_array()) {
    auto scope = scope_from_json(value);
    if (!scope) return damaged;
    state.scopes.emplace(scope->id, std::move(*scope));
  }
  return state;
}

}  // namespace harmonia::execution
