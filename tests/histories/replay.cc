#include "tests/histories/replay.h"

#include <map>

#include "execution/decide.h"
#include "workflow/parse.h"

namespace harmonia::histories {
namespace {

using execution::Event;
using execution::State;
using execution::TaskRef;
using Facts = std::map<std::string, Json>;

void put(JsonObject& object, std::string_view key, const std::optional<Timestamp>& time) {
  if (time) object[json_view(key)] = to_micros(*time);
}
void put(JsonObject& object, std::string_view key, const SharedJson& value) {
  if (value) object[json_view(key)] = *value;
}
void put(JsonObject& object, std::string_view key, const std::string& text) {
  if (!text.empty()) object[json_view(key)] = text;
}
void put(JsonObject& object, std::string_view key, std::uint64_t number) {
  if (number > 0) object[json_view(key)] = static_cast<std::int64_t>(number);
}
void put(JsonObject& object, std::string_view key, const Error* error) {
  if (error == nullptr) return;
  JsonObject members{{"code", error->code}, {"detail", error->detail}};
  put(members, "instance", error->instance);
  object[json_view(key)] = std::move(members);
}

JsonArray to_json(const std::vector<SharedJson>& values) {
  JsonArray list;
  for (const SharedJson& value : values) list.push_back(value ? *value : Json(nullptr));
  return list;
}

// All facts about one state, by name.
class Description {
 public:
  Description(const workflow::Definition& definition, const State& state)
      : definition_(definition), state_(state) {
    describe_run();
    for (const auto& [id, scope] : state.scopes) describe_scope(scope);
    for (const auto& signal : state.signals) describe_signal(signal);
    describe_owed();
  }

  Facts take() { return std::move(facts_); }

 private:
  std::string path(TaskRef ref) const {
    return std::to_string(ref.scope) + " " + execution::path_of(definition_, state_, ref);
  }

  void describe_run() {
    JsonObject run{{"status", json_view(execution::to_string(state_.status))},
                   {"seq", static_cast<std::int64_t>(state_.last_seq)}};
    put(run, "created_at", std::optional(state_.created_at));
    put(run, "last_at", std::optional(state_.last_at));
    put(run, "ended_at", state_.ended_at);
    put(run, "deadline", state_.deadline);
    put(run, "input", state_.input);
    put(run, "context", state_.context);
    put(run, "env", state_.env);
    put(run, "output", state_.output);
    put(run, "error", state_.error ? &*state_.error : nullptr);
    put(run, "cancel_reason", state_.cancel_reason);
    put(run, "key", state_.key);
    put(run, "public_url", state_.public_url);
    if (state_.timed_out) run["timed_out"] = true;
    put(run, "active", state_.active);
    put(run, "signals_received", state_.signals_received);
    if (!state_.turn.key.empty()) {
      run["turn"] = JsonObject{{"key", state_.turn.key},
                               {"limit", state_.turn.limit},
                               {"policy", static_cast<std::int64_t>(state_.turn.policy)}};
    }
    if (state_.parent) {
      run["parent"] = JsonObject{{"execution", to_string(state_.parent->execution)},
                                 {"scope", state_.parent->task.scope},
                                 {"task", state_.parent->task.task},
                                 {"attempt", state_.parent->attempt},
                                 {"depth", state_.parent->depth},
                                 {"waits", state_.parent->waits}};
    }
    facts_["run"] = std::move(run);
    JsonArray queue;
    for (TaskRef ref : state_.queue) queue.push_back(Json(path(ref)));
    if (!queue.empty()) facts_["queue"] = std::move(queue);
    const auto& counts = state_.counts;
    facts_["counts"] = JsonObject{{"total", counts.total},       {"completed", counts.completed},
                                  {"failed", counts.failed},     {"skipped", counts.skipped},
                                  {"canceled", counts.canceled}, {"running", counts.running},
                                  {"waiting", counts.waiting}};
  }

  static JsonObject undo_fact(const execution::Undo& undo) {
    JsonObject fact{{"path", undo.path}};
    put(fact, "input", undo.input);
    put(fact, "view", undo.view);
    put(fact, "error", undo.error ? &*undo.error : nullptr);
    return fact;
  }

  void describe_scope(const execution::Scope& scope) {
    JsonObject fact{{"body", scope.body}};
    if (scope.owner) fact["owner"] = path(*scope.owner);
    if (scope.parent) fact["parent"] = *scope.parent;
    put(fact, "index", scope.index);
    if (scope.undoes) fact["undoes"] = undo_fact(*scope.undoes);
    JsonArray undo;
    for (const auto& one : scope.undo) undo.push_back(undo_fact(one));
    if (!undo.empty()) fact["undo"] = std::move(undo);
    if (scope.failing) fact["failing"] = true;
    put(fact, "failure", scope.failure ? &*scope.failure : nullptr);
    facts_["scope " + std::to_string(scope.id)] = std::move(fact);
    const auto& numbers = definition_.bodies[scope.body].tasks;
    for (std::size_t i = 0; i < scope.tasks.size(); ++i)
      describe_task({.scope = scope.id, .task = numbers[i]}, scope.tasks[i]);
  }

  void describe_task(TaskRef ref, const execution::TaskState& task) {
    JsonObject fact{{"status", json_view(execution::to_string(task.status))}};
    if (task.status == execution::TaskStatus::waiting)
      fact["waits_for"] = json_view(execution::to_string(task.waits_for));
    put(fact, "attempt", task.attempt);
    put(fact, "started_at", task.started_at);
    put(fact, "ended_at", task.ended_at);
    put(fact, "due", task.due);
    put(fact, "deadline", task.deadline);
    put(fact, "input", task.input);
    put(fact, "output", task.output);
    put(fact, "error", task.error.get());
    put(fact, "reason", task.reason);
    if (task.failure_continued) fact["continued"] = true;
    if (task.progress) describe_progress(fact, *task.progress);
    facts_["task " + path(ref)] = std::move(fact);
  }

  // Not the results of its scopes one by one: they are seen when the task completes.
  static void describe_progress(JsonObject& fact, const execution::Progress& progress) {
    put(fact, "phase", static_cast<std::uint64_t>(progress.phase));
    put(fact, "clause", progress.clause);
    put(fact, "caught", progress.caught.get());
    put(fact, "pending_output", progress.pending_output);
    put(fact, "opened", progress.opened);
    put(fact, "open", progress.open);
    put(fact, "scopes_completed", progress.completed);
    put(fact, "scopes_failed", progress.failed);
    put(fact, "lock_key", progress.lock_key);
    if (!progress.received.empty()) fact["received"] = to_json(progress.received);
    put(fact, "goes_on_at", progress.due);
  }

  void describe_signal(const execution::KeptSignal& signal) {
    JsonObject fact{{"name", signal.name}};
    put(fact, "correlation", signal.correlation);
    put(fact, "payload", signal.payload);
    facts_["signal " + std::to_string(signal.number)] = std::move(fact);
  }

  void describe_owed() {
    execution::Owed owed = execution::owed(definition_, state_);
    JsonArray list;
    for (const auto& one : owed.dispatches)
      list.push_back(JsonArray{"dispatch", Json(path(one.task)), one.attempt});
    for (const auto& one : owed.wakes) {
      bool is_run = one.kind == execution::TimerKind::run_timeout;
      list.push_back(JsonArray{"wake", static_cast<std::int64_t>(one.kind),
                               Json(is_run ? "run" : path(one.task)), one.attempt,
                               to_micros(one.due)});
    }
    for (const auto& one : owed.interests) {
      list.push_back(JsonArray{"interest", static_cast<std::int64_t>(one.kind),
                               Json(one.task ? path(*one.task) : "run"), one.attempt, one.key,
                               one.limit, static_cast<std::int64_t>(one.policy)});
    }
    if (!list.empty()) facts_["owed"] = std::move(list);
  }

  const workflow::Definition& definition_;
  const State& state_;
  Facts facts_;
};

std::string describe_change(const State& state, const Facts& before, const Facts& after) {
  JsonObject set;
  for (const auto& [name, fact] : after) {
    auto old = before.find(name);
    if (old == before.end() || old->second != fact) set[name] = fact;
  }
  JsonArray gone;
  for (const auto& [name, _] : before) {
    if (!after.contains(name)) gone.push_back(Json(name));
  }
  JsonObject line{{"after", static_cast<std::int64_t>(state.last_seq)}, {"set", std::move(set)}};
  if (!gone.empty()) line["gone"] = std::move(gone);
  return to_text(line);
}

Error fault(std::size_t row, const std::string& what) {
  return make_error(error_code::internal, "row " + std::to_string(row + 1) + ": " + what);
}

}  // namespace

Result<std::vector<std::string>> replay(std::string_view definition,
                                        const std::vector<std::string>& rows) {
  TRY(Json canonical, parse_json(definition));
  auto outcome = workflow::parse_definition(canonical, {}, {.findings = false});
  if (!outcome.ok()) return workflow::to_error(outcome);
  const workflow::Definition& compiled = *outcome.definition;
  std::vector<std::string> lines;
  State state;
  State reloaded;  // goes through a snapshot after each row
  Facts facts;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    TRY(auto events, execution::parse_events_text(rows[i]));
    std::string again;
    execution::append_events_text(again, events);
    if (again != rows[i]) return fault(i, "it is written as " + again);
    for (const Event& event : events) {
      execution::evolve(state, compiled, event);
      execution::evolve(reloaded, compiled, event);
    }
    Facts next = Description(compiled, state).take();
    TRY(reloaded, execution::read_snapshot(execution::write_snapshot(reloaded)));
    if (Description(compiled, reloaded).take() != next)
      return fault(i, "the state is another one after a snapshot");
    lines.push_back(describe_change(state, facts, next));
    facts = std::move(next);
  }
  return lines;
}

}  // namespace harmonia::histories
