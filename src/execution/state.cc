#include "execution/state.h"

#include <array>

namespace harmonia::execution {
namespace {

constexpr std::array<std::string_view, 6> run_status_names = {"pending",   "running", "paused",
                                                              "completed", "failed",  "canceled"};
constexpr std::array<std::string_view, 7> task_status_names = {
    "pending", "running", "waiting", "completed", "failed", "skipped", "canceled"};

}  // namespace

std::string_view to_string(RunStatus status) {
  return run_status_names[static_cast<std::size_t>(status)];
}
std::string_view to_string(TaskStatus status) {
  return task_status_names[static_cast<std::size_t>(status)];
}

std::optional<RunStatus> parse_run_status(std::string_view text) {
  if (text == "cancelled") return RunStatus::canceled;
  for (std::size_t i = 0; i < run_status_names.size(); ++i) {
    if (run_status_names[i] == text) return static_cast<RunStatus>(i);
  }
  return std::nullopt;
}

bool is_terminal(RunStatus status) {
  return status == RunStatus::completed || status == RunStatus::failed ||
         status == RunStatus::canceled;
}

bool is_terminal(TaskStatus status) {
  return status == TaskStatus::completed || status == TaskStatus::failed ||
         status == TaskStatus::skipped || status == TaskStatus::canceled;
}

Scope& State::scope(ScopeId scope_id) {
  auto found = scopes.find(scope_id);
  ASSERT(found != scopes.end());
  return found->second;
}

const Scope& State::scope(ScopeId scope_id) const {
  auto found = scopes.find(scope_id);
  ASSERT(found != scopes.end());
  return found->second;
}

const Scope* State::find_scope(ScopeId scope_id) const {
  auto found = scopes.find(scope_id);
  return found == scopes.end() ? nullptr : &found->second;
}

const TaskState& State::task(const workflow::Definition& definition, TaskRef ref) const {
  const Scope& owner = scope(ref.scope);
  auto position = ref.task - definition.bodies[owner.body].tasks.front();
  ASSERT(position < owner.tasks.size());
  return owner.tasks[position];
}

std::string path_of(const workflow::Definition& definition, const State& state, TaskRef ref) {
  return state.scope(ref.scope).prefix + definition.tasks[ref.task].id;
}

std::optional<TaskRef> find_path(const workflow::Definition& definition, const State& state,
                                 std::string_view path) {
  // The latest first: an earlier attempt may have left scopes of the same paths.
  for (auto at = state.scopes.rbegin(); at != state.scopes.rend(); ++at) {
    const auto& [id, scope] = *at;
    if (!path.starts_with(scope.prefix)) continue;
    if (auto task = definition.find_task(scope.body, path.substr(scope.prefix.size())))
      return TaskRef{.scope = id, .task = *task};
  }
  return std::nullopt;
}

std::uint64_t asked_seq(const TaskState& task) {
  bool waits = task.status == TaskStatus::waiting && task.progress;
  return waits ? task.progress->asked_seq : 0;
}

bool is_dispatched(workflow::TaskType type) {
  return type == workflow::TaskType::standard || type == workflow::TaskType::webhook;
}

bool holds_scopes(workflow::TaskType type) {
  switch (type) {
    case workflow::TaskType::parallel:
    case workflow::TaskType::loop:
    case workflow::TaskType::map:
    case workflow::TaskType::try_block:
    case workflow::TaskType::critical: return true;
    default: return false;
  }
}

namespace {

Json value_of(const SharedJson& value) { return value ? *value : Json(nullptr); }

// The texts are our own: they were JSON values before.
Json read_result(const std::string& text) {
  if (text.empty()) return nullptr;
  auto value = parse_json(text, {.depth_max = 256, .size_max = text.size()});
  ASSERT(value.ok());
  return std::move(*value);
}

Json list_of(const std::vector<std::string>& results) {
  JsonArray list;
  list.reserve(results.size());
  for (const std::string& text : results) list.push_back(read_result(text));
  return list;
}

}  // namespace

Json composite_output(const workflow::Task& task, const Progress& progress) {
  if (const auto* parallel = std::get_if<workflow::Parallel>(&task.structure)) {
    JsonObject outputs;
    for (std::size_t i = 0; i < progress.results.size(); ++i) {
      if (progress.results[i].empty()) continue;
      outputs[parallel->branches[i].name] = read_result(progress.results[i]);
    }
    return outputs;
  }
  if (const auto* loop = std::get_if<workflow::Loop>(&task.structure)) {
    JsonObject output{{"iterations", std::int64_t{progress.completed}},
                      {"last", value_of(progress.last)}};
    if (loop->collect) output["results"] = list_of(progress.results);
    return output;
  }
  if (task.type == workflow::TaskType::map) return list_of(progress.results);
  return value_of(progress.last);
}

void count_task(TaskCounts& counts, std::optional<TaskStatus> before, TaskStatus after) {
  auto add = [&counts](TaskStatus status, std::uint32_t amount) {
    switch (status) {
      case TaskStatus::pending: break;
      case TaskStatus::running: counts.running += amount; break;
      case TaskStatus::waiting: counts.waiting += amount; break;
      case TaskStatus::completed: counts.completed += amount; break;
      case TaskStatus::failed: counts.failed += amount; break;
      case TaskStatus::skipped: counts.skipped += amount; break;
      case TaskStatus::canceled: counts.canceled += amount; break;
    }
  };
  // Unsigned arithmetic wraps: adding the largest value takes one away.
  if (before) add(*before, static_cast<std::uint32_t>(-1));
  if (!before) ++counts.total;
  add(after, 1);
}

}  // namespace harmonia::execution
