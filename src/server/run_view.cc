#include "server/run_view.h"

#include <algorithm>

namespace harmonia::server {
namespace {

using execution::TaskRef;
using workflow::TaskType;

std::string work_of(const workflow::Task& task) {
  switch (task.type) {
    case TaskType::standard:
      return task.action.empty() ? task.component : task.component + "." + task.action;
    default: return std::string(to_string(task.type));
  }
}

std::string text_of(const Error& error) {
  return error.code.empty() ? error.detail : error.code + ": " + error.detail;
}

unsigned depth_of(const execution::State& state, execution::ScopeId scope) {
  unsigned depth = 0;
  for (auto parent = state.scope(scope).parent; parent; parent = state.scope(*parent).parent)
    ++depth;
  return depth;
}

// Adds a scope's tasks, each followed by the scopes it owns.
class Collector {
 public:
  Collector(const workflow::Definition& definition, const execution::State& state,
            std::vector<TaskView>& views, TaskPlaces* places)
      : definition_(definition), state_(state), views_(views), places_(places) {
    for (const auto& [id, scope] : state.scopes) {
      if (scope.owner) owned_[*scope.owner].push_back(id);
      if (!scope.owner && scope.parent) following_[*scope.parent].push_back(id);
    }
  }

  void collect(execution::ScopeId scope_id) {
    const execution::Scope& scope = state_.scope(scope_id);
    for (workflow::TaskNumber number : definition_.bodies[scope.body].tasks) {
      TaskRef ref{.scope = scope_id, .task = number};
      if (places_ != nullptr) (*places_)[ref] = views_.size();
      views_.push_back(view_of_task(definition_, state_, ref));
      auto children = owned_.find(ref);
      if (children == owned_.end()) continue;
      for (execution::ScopeId child : children->second) collect(child);
    }
    // Compensations and on_failure come behind the tasks of the scope that failed.
    auto following = following_.find(scope_id);
    if (following == following_.end()) return;
    for (execution::ScopeId child : following->second) collect(child);
  }

 private:
  const workflow::Definition& definition_;
  const execution::State& state_;
  std::vector<TaskView>& views_;
  TaskPlaces* places_;
  std::map<TaskRef, std::vector<execution::ScopeId>> owned_;
  std::map<execution::ScopeId, std::vector<execution::ScopeId>> following_;
};

// The task that made the run fail: the one whose failure the run took over.
std::string failed_task_of(const workflow::Definition& definition, const execution::State& state) {
  if (!state.error) return {};
  for (const auto& [id, scope] : state.scopes) {
    const auto& numbers = definition.bodies[scope.body].tasks;
    for (std::size_t i = 0; i < scope.tasks.size(); ++i) {
      const execution::TaskState& task = scope.tasks[i];
      if (task.status != TaskStatus::failed || task.failure_continued) continue;
      return path_of(definition, state, {.scope = id, .task = numbers[i]});
    }
  }
  return {};
}

std::string attempt_suffix(std::uint32_t attempt) {
  return attempt > 1 ? " (attempt " + std::to_string(attempt) + ")" : std::string();
}

constexpr std::string_view log_component = "log";

// What a log task wrote, which its output repeats.
std::string said_by(const Json& output) {
  const Json* message = find_pointer(output, "/message");
  if (message == nullptr) return to_text(output);
  return message->is_string() ? std::string(text_view(message->get_string())) : to_text(*message);
}

struct Describer {
  const workflow::Definition& definition;
  const execution::State& state;
  const execution::Event& event;
  Timestamp at = event.at;

  std::string path(TaskRef) const { return path_of(definition, event); }

  std::string operator()(const execution::ExecutionStarted&) const {
    return "run of " + definition.name + " started";
  }
  std::string operator()(const execution::TaskScheduled& body) const {
    return path(body.task) + ": started" + attempt_suffix(body.attempt);
  }
  std::string operator()(const execution::TaskWaiting& body) const {
    return path(body.task) + ": waits " + to_human(body.due - at);
  }
  std::string operator()(const execution::AttemptFailed& body) const {
    return path(body.task) + ": attempt " + std::to_string(body.attempt) +
           " failed: " + text_of(body.error) + "; next in " + to_human(body.retry_at - at);
  }
  std::string operator()(const execution::TaskCompleted& body) const {
    if (definition.tasks[body.task.task].component == log_component && body.output) {
      return path(body.task) + ": " + said_by(*body.output);
    }
    std::string line = path(body.task) + ": completed";
    // Its scope may have left the state since.
    if (state.find_scope(body.task.scope) == nullptr) return line;
    const auto& task = state.task(definition, body.task);
    if (task.started_at && at > *task.started_at) line += " in " + to_human(at - *task.started_at);
    return line;
  }
  std::string operator()(const execution::TaskFailed& body) const {
    return path(body.task) + ": failed" + (body.fails_scope ? "" : ", the run continues") + ": " +
           text_of(body.error);
  }
  std::string operator()(const execution::TaskSkipped& body) const {
    return path(body.task) + ": skipped" + (body.reason.empty() ? "" : ": " + body.reason);
  }
  std::string operator()(const execution::TaskCanceled& body) const {
    return path(body.task) + ": canceled" + (body.reason.empty() ? "" : ": " + body.reason);
  }
  std::string operator()(const execution::TaskStarted& body) const {
    return path(body.task) + ": started" + attempt_suffix(body.attempt);
  }
  std::string operator()(const execution::TaskQueued& body) const {
    return path(body.task) + ": waits for its turn";
  }
  std::string operator()(const execution::TaskAwaiting& body) const {
    return path(body.task) + ": waits for " + std::string(to_string(body.waits_for));
  }
  std::string operator()(const execution::ErrorCaught& body) const {
    return path(body.task) + ": failed and is handled: " + text_of(body.error);
  }
  std::string operator()(const execution::CleanupStarted& body) const {
    return path(body.task) + ": finally";
  }
  std::string operator()(const execution::SignalReceived& body) const {
    return "event " + body.name + " received";
  }
  std::string operator()(const execution::IncidentRaised& body) const {
    return path(body.task) + ": waits for an operator: " + text_of(body.error);
  }
  // The rest shows in what its tasks say.
  std::string operator()(const execution::TaskDeferred&) const { return {}; }
  std::string operator()(const execution::ScopeOpened&) const { return {}; }
  std::string operator()(const execution::ScopeClosed&) const { return {}; }
  std::string operator()(const execution::UndoRegistered&) const { return {}; }
  std::string operator()(const execution::SignalTaken&) const { return {}; }
  std::string operator()(const execution::ExecutionQueued& body) const {
    return "run waits for its turn: " + body.key;
  }
  std::string operator()(const execution::ExecutionAdmitted&) const { return "run admitted"; }
  std::string operator()(const execution::ExecutionPaused&) const { return "run paused"; }
  std::string operator()(const execution::ExecutionResumed&) const { return "run resumed"; }
  std::string operator()(const execution::ExecutionCompleted&) const {
    if (at <= state.created_at) return "run completed";
    return "run completed in " + to_human(at - state.created_at);
  }
  std::string operator()(const execution::ExecutionFailed& body) const {
    return "run failed: " + text_of(body.error);
  }
  std::string operator()(const execution::ExecutionCanceled& body) const {
    return "run canceled" + (body.reason.empty() ? "" : ": " + body.reason);
  }
};

}  // namespace

TaskView view_of_task(const workflow::Definition& definition, const execution::State& state,
                      TaskRef ref) {
  const workflow::Task& task = definition.tasks[ref.task];
  const execution::TaskState& now = state.task(definition, ref);
  TaskView view{.path = path_of(definition, state, ref),
                .title = task.name == task.id ? std::string() : task.name,
                .work = work_of(task),
                .depth = depth_of(state, ref.scope),
                .status = now.status,
                .failure_continued = now.failure_continued,
                .attempt = now.attempt,
                .attempts_max = task.retry ? task.retry->max_retries + 1 : 1,
                .started_at = now.started_at,
                .ended_at = now.ended_at,
                .due = now.due,
                .error = {},
                .reason = now.reason};
  if (now.error) view.error = text_of(*now.error);
  return view;
}

RunView view_of_run(const workflow::Definition& definition, const execution::State& state,
                    TaskPlaces* places) {
  RunView view{.id = state.id,
               .workflow_name = definition.name,
               .status = state.status,
               .created_at = state.created_at,
               .ended_at = state.ended_at,
               .tasks = {},
               .error = {},
               .error_task = {}};
  if (places != nullptr) places->clear();
  if (state.exists())
    Collector(definition, state, view.tasks, places).collect(execution::root_scope);
  if (state.error) {
    view.error = text_of(*state.error);
    view.error_task = failed_task_of(definition, state);
  }
  return view;
}

bool is_log_message(const workflow::Definition& definition, const execution::Event& event) {
  const auto* completed = std::get_if<execution::TaskCompleted>(&event.body);
  return completed != nullptr && definition.tasks[completed->task.task].component == log_component;
}

std::string describe_event(const workflow::Definition& definition, const execution::State& state,
                           const execution::Event& event) {
  return std::visit(Describer{definition, state, event}, event.body);
}

}  // namespace harmonia::server
