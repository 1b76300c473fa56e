#include "execution/state.h"

#include <array>

namespace harmonia::execution {
namespace {

constexpr std::array<std::string_view, 6> run_status_names = {"pending",   "running", "paused",
                                                              "completed", "failed",  "canceled"};
constexpr std::array<std::string_view, 7> task_status_names = {
    "pending", "running", "waiting", "completed", "failed", "skipped", "canceled"};

std::string scope_prefix(const workflow::Definition& definition, const State& state, ScopeId id) {
  const Scope& scope = state.scope(id);
  if (!scope.owner) return {};
  return path_of(definition, state, *scope.owner) + scope.label + "/";
}

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

const TaskState& State::task(const workflow::Definition& definition, TaskRef ref) const {
  const Scope& owner = scope(ref.scope);
  auto position = ref.task - definition.bodies[owner.body].tasks.front();
  ASSERT(position < owner.tasks.size());
  return owner.tasks[position];
}

std::string path_of(const workflow::Definition& definition, const State& state, TaskRef ref) {
  return scope_prefix(definition, state, ref.scope) + definition.tasks[ref.task].id;
}

std::optional<TaskRef> find_path(const workflow::Definition& definition, const State& state,
                                 std::string_view path) {
  for (const auto& [id, scope] : state.scopes) {
    std::string prefix = scope_prefix(definition, state, id);
    if (!path.starts_with(prefix)) continue;
    if (auto task = definition.find_task(scope.body, path.substr(prefix.size()))) {
      return TaskRef{.scope = id, .task = *task};
    }
  }
  return std::nullopt;
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
