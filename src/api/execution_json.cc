#include "api/execution_json.h"

#include <algorithm>

#include "base/json_writer.h"

namespace harmonia::api {
namespace {

using execution::TaskState;

void add_payload(ObjectWriter& w, std::string_view key, const SharedJson& value) {
  if (value) return append_text(w.member(key), *value);
  w.null(key);
}

void add_time(ObjectWriter& w, std::string_view key, const std::optional<Timestamp>& time) {
  if (!time) return w.null(key);
  w.text(key, to_rfc3339(*time));
}

// Seconds between the two, once both are known.
void add_duration(ObjectWriter& w, const std::optional<Timestamp>& begin,
                  const std::optional<Timestamp>& end) {
  if (!begin || !end) return w.null("duration");
  append_text(w.member("duration"), to_seconds(*end - *begin));
}

void add_error(ObjectWriter& w, const Error* error) {
  if (error == nullptr) return w.null("error");
  append_text(w.member("error"), error_to_json(*error));
}

void add_counts(ObjectWriter& w, const execution::TaskCounts& counts) {
  std::uint32_t begun = counts.completed + counts.failed + counts.skipped + counts.canceled +
                        counts.running + counts.waiting;
  ObjectWriter inner(w.member("task_counts"));
  inner.number("total", counts.total);
  inner.number("pending", counts.total - begun);
  inner.number("running", counts.running);
  inner.number("waiting", counts.waiting);
  inner.number("completed", counts.completed);
  inner.number("failed", counts.failed);
  inner.number("skipped", counts.skipped);
  inner.number("canceled", counts.canceled);
}

void add_summary(ObjectWriter& w, const store::Summary& summary, const Error* error) {
  w.text("id", to_string(summary.id));
  w.text("workflow_id", to_string(summary.workflow));
  w.text("workflow_name", summary.workflow_name);
  w.number("revision", summary.revision);
  w.text("status", to_string(summary.status));
  w.list("tags", summary.tags, append_quoted);
  w.text("created_at", to_rfc3339(summary.created_at));
  add_time(w, "ended_at", summary.ended_at);
  add_duration(w, summary.created_at, summary.ended_at);
  add_counts(w, summary.tasks);
  add_error(w, error);
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
void add_place(ObjectWriter& w, const execution::State& state,
               const workflow::Definition& definition, execution::TaskRef ref) {
  const execution::Scope& scope = state.scope(ref.scope);
  workflow::BodyRole role = definition.bodies[scope.body].role;
  w.number("scope", scope.id);
  w.text("role", role_of(role));
  if (!scope.owner) {
    w.null("parent");
    return w.null("index");
  }
  w.text("parent", execution::path_of(definition, state, *scope.owner));
  if (role != workflow::BodyRole::work) return w.null("index");
  w.number("index", scope.index);
}

// How far a task has come that holds others.
void add_progress(ObjectWriter& w, const workflow::Task& task, const TaskState& now) {
  if (!execution::holds_scopes(task.type) || !now.progress) return;
  ObjectWriter inner(w.member("progress"));
  append_text(inner.member("total"), total_of(task, now));
  inner.number("opened", now.progress->opened);
  inner.number("open", now.progress->open);
  inner.number("completed", now.progress->completed);
  inner.number("failed", now.progress->failed);
}

void append_task(std::string& out, const execution::State& state,
                 const workflow::Definition& definition, execution::TaskRef ref) {
  const workflow::Task& task = definition.tasks[ref.task];
  const TaskState& now = state.task(definition, ref);
  ObjectWriter w(out);
  w.text("path", execution::path_of(definition, state, ref));
  w.text("task_id", task.id);
  w.text("name", task.name);
  w.text("type", to_string(task.type));
  w.text("component", task.component);
  w.text("action", task.action);
  w.text("status", to_string(now.status));
  w.number("attempt", now.attempt);
  w.number("attempts_max", task.retry ? task.retry->max_retries + 1 : 1);
  add_time(w, "started_at", now.started_at);
  add_time(w, "ended_at", now.ended_at);
  add_duration(w, now.started_at, now.ended_at);
  add_time(w, "due_at", now.due);
  add_time(w, "deadline", now.deadline);
  add_payload(w, "input", now.input);
  add_payload(w, "output", now.output);
  add_error(w, now.error.get());
  if (now.status == execution::TaskStatus::waiting)
    w.text("waits_for", execution::to_string(now.waits_for));
  if (!is_terminal(now.status)) w.text("phase", phase_of(now));
  add_place(w, state, definition, ref);
  add_progress(w, task, now);
  if (!now.reason.empty()) w.text("reason", now.reason);
  if (now.failure_continued) w.flag("failure_continued");
}

}  // namespace

Json error_to_json(const Error& error) {
  JsonObject object{{"code", json_view(error.code)},
                    {"title", json_view(error_title(error.code))},
                    {"detail", json_view(error.detail)}};
  if (!error.instance.empty()) object["instance"] = json_view(error.instance);
  return object;
}

void append_summary(std::string& out, const store::Summary& summary) {
  Error error{.code = summary.error_code, .detail = summary.error_detail};
  ObjectWriter w(out);
  add_summary(w, summary, summary.error_code.empty() ? nullptr : &error);
}

std::size_t count_all_tasks(const execution::State& state) {
  std::size_t count = 0;
  for (const auto& [_, scope] : state.scopes) count += scope.tasks.size();
  return count;
}

std::size_t append_tasks(std::string& out, const execution::State& state,
                         const workflow::Definition& definition, const TaskPage& page) {
  std::size_t count = 0;
  std::size_t skip = page.offset;
  out += '[';
  for (const auto& [id, scope] : state.scopes) {
    if (skip >= scope.tasks.size()) {
      skip -= scope.tasks.size();
      continue;
    }
    const auto& numbers = definition.bodies[scope.body].tasks;
    for (std::size_t i = skip; i < scope.tasks.size() && count < page.limit; ++i) {
      if (count++ > 0) out += ',';
      append_task(out, state, definition, {.scope = id, .task = numbers[i]});
    }
    skip = 0;
    if (count == page.limit) break;
  }
  out += ']';
  return count;
}

void append_execution(std::string& out, const ExecutionView& view) {
  constexpr std::size_t usual_size = 512;  // of a task, and of the rest
  const execution::State& state = view.state;
  std::size_t count = count_all_tasks(state);
  out.reserve(out.size() + usual_size * (1 + std::min(count, TaskPage{}.limit)));
  ObjectWriter w(out);
  add_summary(w, view.summary, state.error ? &*state.error : nullptr);
  w.number("version", static_cast<std::int64_t>(state.last_seq));
  w.text("updated_at", to_rfc3339(state.last_at));
  add_time(w, "deadline", state.deadline);
  add_payload(w, "input", state.input);
  add_payload(w, "output", state.output);
  add_payload(w, "context", state.context);
  if (!state.cancel_reason.empty()) w.text("cancel_reason", state.cancel_reason);
  std::size_t shown = append_tasks(w.member("tasks"), state, view.definition, {});
  w.boolean("tasks_truncated", shown < count);
}

}  // namespace harmonia::api
