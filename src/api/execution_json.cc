#include "api/execution_json.h"

#include <algorithm>

namespace harmonia::api {
namespace {

using execution::TaskState;

Json time_or_null(const std::optional<Timestamp>& time) {
  if (!time) return nullptr;
  return json_view(to_rfc3339(*time));
}

Json payload_or_null(const SharedJson& value) { return value ? *value : Json(nullptr); }

// Seconds between the two, once both are known.
Json duration_or_null(const std::optional<Timestamp>& begin, const std::optional<Timestamp>& end) {
  if (!begin || !end) return nullptr;
  return to_seconds(*end - *begin);
}

// The number of scopes a task will open, where its input says so.
Json total_of(const workflow::Task& task, const TaskState& now) {
  if (const auto* parallel = std::get_if<workflow::Parallel>(&task.structure))
    return parallel->branches.size();
  if (!now.input) return nullptr;
  if (const auto* map = std::get_if<workflow::Map>(&task.structure)) {
    if (!now.input->is_array()) return nullptr;
    std::size_t batch = std::max<std::size_t>(map->batch_size, 1);
    return (now.input->get_array().size() + batch - 1) / batch;
  }
  if (now.input->is_array()) return now.input->get_array().size();
  const Json* times = find_pointer(*now.input, "/times");
  return times != nullptr ? *times : Json(nullptr);
}

std::string_view phase_of(const TaskState& now) {
  if (!now.progress) return "work";
  switch (now.progress->phase) {
    case execution::Phase::work: return "work";
    case execution::Phase::handling: return "handling";
    case execution::Phase::cleanup: return "cleanup";
  }
  return "work";
}

std::string_view role_of(workflow::BodyRole role) {
  switch (role) {
    case workflow::BodyRole::root: return "root";
    case workflow::BodyRole::work: return "work";
    case workflow::BodyRole::handler: return "handler";
    case workflow::BodyRole::cleanup: return "cleanup";
    case workflow::BodyRole::undo: return "undo";
    case workflow::BodyRole::on_failure: return "on_failure";
  }
  return "root";
}

// Where the task stands among those that hold it: its scope and the task that owns that.
void add_place(JsonObject& object, const execution::State& state,
               const workflow::Definition& definition, execution::TaskRef ref) {
  const execution::Scope& scope = state.scope(ref.scope);
  object["scope"] = scope.id;
  object["role"] = json_view(role_of(definition.bodies[scope.body].role));
  object["parent"] = scope.owner
                         ? Json(json_view(execution::path_of(definition, state, *scope.owner)))
                         : Json(nullptr);
  bool counts = scope.owner && definition.bodies[scope.body].role == workflow::BodyRole::work;
  object["index"] = counts ? Json(scope.index) : Json(nullptr);
}

// How far a task has come that holds others.
void add_progress(JsonObject& object, const workflow::Task& task, const TaskState& now) {
  if (!execution::holds_scopes(task.type) || !now.progress) return;
  object["progress"] = JsonObject{{"total", total_of(task, now)},
                                  {"opened", now.progress->opened},
                                  {"open", now.progress->open},
                                  {"completed", now.progress->completed},
                                  {"failed", now.progress->failed}};
}

JsonObject task_to_json(const execution::State& state, const workflow::Definition& definition,
                        execution::TaskRef ref) {
  const workflow::Task& task = definition.tasks[ref.task];
  const TaskState& now = state.task(definition, ref);
  JsonObject object{{"path", json_view(execution::path_of(definition, state, ref))},
                    {"task_id", json_view(task.id)},
                    {"name", json_view(task.name)},
                    {"type", json_view(to_string(task.type))},
                    {"component", json_view(task.component)},
                    {"action", json_view(task.action)},
                    {"status", json_view(to_string(now.status))},
                    {"attempt", now.attempt},
                    {"attempts_max", task.retry ? task.retry->max_retries + 1 : 1},
                    {"started_at", time_or_null(now.started_at)},
                    {"ended_at", time_or_null(now.ended_at)},
                    {"duration", duration_or_null(now.started_at, now.ended_at)},
                    {"due_at", time_or_null(now.due)},
                    {"deadline", time_or_null(now.deadline)},
                    {"input", payload_or_null(now.input)},
                    {"output", payload_or_null(now.output)},
                    {"error", now.error ? error_to_json(*now.error) : Json(nullptr)}};
  if (now.status == execution::TaskStatus::waiting)
    object["waits_for"] = json_view(execution::to_string(now.waits_for));
  if (!is_terminal(now.status)) object["phase"] = json_view(phase_of(now));
  add_place(object, state, definition, ref);
  add_progress(object, task, now);
  if (!now.reason.empty()) object["reason"] = json_view(now.reason);
  if (now.failure_continued) object["failure_continued"] = true;
  return object;
}

}  // namespace

Json error_to_json(const Error& error) {
  JsonObject object{{"code", json_view(error.code)},
                    {"title", json_view(error_title(error.code))},
                    {"detail", json_view(error.detail)}};
  if (!error.instance.empty()) object["instance"] = json_view(error.instance);
  return object;
}

Json task_counts_to_json(const execution::TaskCounts& counts) {
  std::uint32_t begun = counts.completed + counts.failed + counts.skipped + counts.canceled +
                        counts.running + counts.waiting;
  return JsonObject{{"total", counts.total},         {"pending", counts.total - begun},
                    {"running", counts.running},     {"waiting", counts.waiting},
                    {"completed", counts.completed}, {"failed", counts.failed},
                    {"skipped", counts.skipped},     {"canceled", counts.canceled}};
}

Json summary_to_json(const store::Summary& summary) {
  JsonArray tags;
  for (const std::string& tag : summary.tags) tags.emplace_back(json_view(tag));
  Json error = nullptr;
  if (!summary.error_code.empty()) {
    error = error_to_json({.code = summary.error_code, .detail = summary.error_detail});
  }
  return JsonObject{{"id", json_view(to_string(summary.id))},
                    {"workflow_id", json_view(to_string(summary.workflow))},
                    {"workflow_name", json_view(summary.workflow_name)},
                    {"revision", summary.revision},
                    {"status", json_view(to_string(summary.status))},
                    {"tags", std::move(tags)},
                    {"created_at", json_view(to_rfc3339(summary.created_at))},
                    {"ended_at", time_or_null(summary.ended_at)},
                    {"duration", duration_or_null(summary.created_at, summary.ended_at)},
                    {"task_counts", task_counts_to_json(summary.tasks)},
                    {"error", std::move(error)}};
}

std::size_t count_all_tasks(const execution::State& state) {
  std::size_t count = 0;
  for (const auto& [_, scope] : state.scopes) count += scope.tasks.size();
  return count;
}

JsonArray tasks_to_json(const execution::State& state, const workflow::Definition& definition,
                        const TaskPage& page) {
  JsonArray tasks;
  std::size_t skip = page.offset;
  for (const auto& [id, scope] : state.scopes) {
    if (skip >= scope.tasks.size()) {
      skip -= scope.tasks.size();
      continue;
    }
    const auto& numbers = definition.bodies[scope.body].tasks;
    for (std::size_t i = skip; i < scope.tasks.size(); ++i) {
      if (tasks.size() == page.limit) return tasks;
      tasks.push_back(task_to_json(state, definition, {.scope = id, .task = numbers[i]}));
    }
    skip = 0;
  }
  return tasks;
}

Json execution_to_json(const ExecutionView& view) {
  const execution::State& state = view.state;
  Json value = summary_to_json(view.summary);
  JsonObject& object = value.get_object();
  object["version"] = state.last_seq;
  object["updated_at"] = json_view(to_rfc3339(state.last_at));
  object["deadline"] = time_or_null(state.deadline);
  object["input"] = payload_or_null(state.input);
  object["output"] = payload_or_null(state.output);
  object["context"] = payload_or_null(state.context);
  object["error"] = state.error ? error_to_json(*state.error) : Json(nullptr);
  if (!state.cancel_reason.empty()) object["cancel_reason"] = json_view(state.cancel_reason);
  JsonArray tasks = tasks_to_json(state, view.definition, {});
  object["tasks_truncated"] = tasks.size() < count_all_tasks(state);
  object["tasks"] = std::move(tasks);
  return value;
}

}  // namespace harmonia::api
