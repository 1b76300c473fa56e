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

// What a path begins with that the tree shows above the task already.
std::string path_above(const workflow::Definition& definition, const execution::State& state,
                       const execution::Scope& scope) {
  if (scope.owner) return path_of(definition, state, *scope.owner);
  return scope.parent ? state.scope(*scope.parent).prefix : std::string();
}

std::string label_of(const workflow::Definition& definition, const execution::State& state,
                     TaskRef ref) {
  std::string path = path_of(definition, state, ref);
  std::string label = path.substr(path_above(definition, state, state.scope(ref.scope)).size());
  bool joins = !label.empty() && (label.front() == '.' || label.front() == '/');
  return joins ? label.substr(1) : label;
}

std::optional<std::uint64_t> total_of(const workflow::Task& task, const execution::TaskState& now) {
  if (const auto* parallel = std::get_if<workflow::Parallel>(&task.structure))
    return parallel->branches.size();
  if (!now.input) return std::nullopt;
  if (const auto* map = std::get_if<workflow::Map>(&task.structure)) {
    if (!now.input->is_array()) return std::nullopt;
    std::size_t batch = std::max<std::size_t>(map->batch_size, 1);
    return (now.input->get_array().size() + batch - 1) / batch;
  }
  if (now.input->is_array()) return now.input->get_array().size();
  const Json* times = find_pointer(*now.input, "/times");
  bool known = times != nullptr && times->is_int64();
  return known ? std::optional(static_cast<std::uint64_t>(times->get_int64())) : std::nullopt;
}

std::optional<ScopeCounts> scopes_of(const workflow::Task& task, const execution::TaskState& now) {
  bool works = now.progress && now.progress->phase == execution::Phase::work;
  if (!works || !execution::holds_scopes(task.type)) return std::nullopt;
  return ScopeCounts{.total = total_of(task, now),
                     .open = now.progress->open,
                     .completed = now.progress->completed,
                     .failed = now.progress->failed};
}

// The task that made the run fail: the one whose failure the run took over.
std::string failed_task_of(const workflow::Definition& definition, const execution::State& state) {
  if (!state.error) return {};
  // The error knows where it comes from, unless it is about a value of the run.
  const std::string& place = state.error->instance;
  if (!place.empty() && place.front() != '/') return place;
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
    std::string line = path(body.task) + ": waits for " + std::string(to_string(body.waits_for));
    if (!body.input || !body.input->is_object()) return line;
    const JsonObject& input = body.input->get_object();
    if (auto event_name = get_string(input, "event"); !event_name.empty()) line += " " + event_name;
    if (auto correlation = get_string(input, "correlation"); !correlation.empty())
      line += " of " + correlation;
    if (auto title = get_string(input, "title"); !title.empty()) line += ": " + title;
    return line;
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
  std::string operator()(const execution::ScopeOpened& body) const {
    workflow::BodyRole role = definition.bodies[body.body].role;
    if (role == workflow::BodyRole::undo) return event.path + ": is undone";
    return role == workflow::BodyRole::on_failure ? "run fails: on_failure" : std::string();
  }
  std::string operator()(const execution::ScopeClosed&) const { return {}; }
  std::string operator()(const execution::UndoRegistered&) const { return {}; }
  std::string operator()(const execution::SignalTaken&) const { return {}; }
  std::string operator()(const execution::ExecutionQueued& body) const {
    return "run waits for its turn: " + body.key;
  }
  std::string operator()(const execution::ExecutionAdmitted&) const { return "run admitted"; }
  std::string operator()(const execution::ExecutionFailing& body) const {
    return "run fails: " + body.error.detail;
  }
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
  TaskView view{.ref = ref,
                .path = path_of(definition, state, ref),
                .label = label_of(definition, state, ref),
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
                .deadline = now.deadline,
                .error = {},
                .reason = now.reason,
                .waits_for = now.waits_for,
                .scopes = scopes_of(task, now)};
  if (now.error) view.error = text_of(*now.error);
  if (now.progress) view.phase = now.progress->phase;
  view.asked_seq = execution::asked_seq(now);
  if (waits_for_somebody(view)) view.asked = now.input;
  bool undoes = definition.bodies[task.body].role == workflow::BodyRole::undo;
  if (undoes) view.work.insert(0, "undo ");
  return view;
}

RunView head_of_run(const workflow::Definition& definition, const execution::State& state) {
  RunView view{.id = state.id,
               .workflow_name = definition.name,
               .status = state.status,
               .created_at = state.created_at,
               .ended_at = state.ended_at,
               .deadline = state.deadline,
               .counts = state.counts,
               .tasks = {},
               .error = {},
               .error_task = {}};
  if (state.error) {
    view.error = text_of(*state.error);
    view.error_task = failed_task_of(definition, state);
  }
  return view;
}

bool waits_for_somebody(const TaskView& task) {
  using execution::WaitsFor;
  if (task.status != TaskStatus::waiting) return false;
  return task.waits_for == WaitsFor::approval || task.waits_for == WaitsFor::event ||
         task.waits_for == WaitsFor::callback || task.waits_for == WaitsFor::incident;
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
