#include "scenario/event_line.h"

#include <algorithm>
#include <cstdio>

namespace harmonia::scenario {
namespace {

using namespace execution;

// What stands behind the name of the event.
struct Details {
  const workflow::Definition& definition;
  const Event& event;

  std::string task(const TaskRef&, std::uint32_t attempt = 0) const {
    std::string text = " " + path_of(definition, event);
    if (attempt > 0) text += "#" + std::to_string(attempt);
    return text;
  }
  static std::string json(std::string_view name, const SharedJson& value) {
    if (!value) return {};
    return " " + std::string(name) + "=" + to_text(*value);
  }
  static std::string time(std::string_view name, const std::optional<Timestamp>& value) {
    if (!value) return {};
    return " " + std::string(name) + "=" + time_text(*value);
  }
  static std::string error(const Error& value) {
    std::string text = " " + value.code + " ";
    append_quoted(text, value.detail);
    return text;
  }
  static std::string reason(const std::string& value) {
    std::string text = " ";
    append_quoted(text, value);
    return text;
  }

  std::string operator()(const ExecutionStarted& body) const {
    return json("input", body.input) + time("deadline", body.deadline);
  }
  std::string operator()(const TaskScheduled& body) const {
    return task(body.task, body.attempt) + json("input", body.input) +
           time("deadline", body.deadline);
  }
  std::string operator()(const TaskWaiting& body) const {
    return task(body.task) + time("until", body.due);
  }
  std::string operator()(const AttemptFailed& body) const {
    return task(body.task, body.attempt) + error(body.error) + time("retry-at", body.retry_at);
  }
  std::string operator()(const TaskCompleted& body) const {
    return task(body.task, body.attempt) + json("output", body.output);
  }
  std::string operator()(const TaskFailed& body) const {
    return task(body.task, body.attempt) + error(body.error) +
           (body.fails_scope ? "" : " continued");
  }
  std::string operator()(const TaskSkipped& body) const {
    return task(body.task) + reason(body.reason);
  }
  std::string operator()(const TaskCanceled& body) const {
    return task(body.task) + reason(body.reason);
  }
  std::string scope(ScopeId id) const { return " " + event.path + " scope=" + std::to_string(id); }

  std::string operator()(const TaskStarted& body) const {
    return task(body.task, body.attempt) + json("input", body.input) +
           time("deadline", body.deadline);
  }
  std::string operator()(const TaskQueued& body) const {
    return task(body.task, body.attempt) + json("input", body.input);
  }
  std::string operator()(const TaskAwaiting& body) const {
    return task(body.task, body.attempt) + " for=" + std::string(to_string(body.waits_for)) +
           json("input", body.input) + json("response", body.response) +
           time("deadline", body.deadline);
  }
  std::string operator()(const TaskDeferred& body) const {
    return task(body.task) + time("until", body.due);
  }
  std::string operator()(const ScopeOpened& body) const { return scope(body.scope); }
  std::string operator()(const ScopeClosed& body) const {
    std::string text = scope(body.scope) + " " + std::string(to_string(body.outcome));
    if (body.error) text += error(*body.error);
    return text + json("output", body.output);
  }
  std::string operator()(const ErrorCaught& body) const {
    return task(body.task, body.attempt) + " clause=" + std::to_string(body.clause) +
           error(body.error);
  }
  std::string operator()(const CleanupStarted& body) const {
    return task(body.task, body.attempt) + json("output", body.output) +
           (body.error ? error(*body.error) : "") + (body.canceled ? " canceled" : "");
  }
  std::string operator()(const UndoRegistered& body) const {
    return task(body.task) + (body.error ? error(*body.error) : "") + json("input", body.input) +
           json("view", body.view);
  }
  std::string operator()(const SignalReceived& body) const {
    std::string text = " " + body.name;
    if (!body.id.empty()) text += " id=" + body.id;
    if (!body.correlation.empty()) text += " correlation=" + body.correlation;
    return text + json("payload", body.payload);
  }
  std::string operator()(const SignalTaken& body) const {
    return task(body.task) + " signal=" + std::to_string(body.signal);
  }
  std::string operator()(const IncidentRaised& body) const {
    return task(body.task, body.attempt) + error(body.error);
  }
  std::string operator()(const ExecutionQueued& body) const {
    return " key=" + body.key + " limit=" + std::to_string(body.limit);
  }
  std::string operator()(const ExecutionAdmitted&) const { return {}; }
  std::string operator()(const ExecutionFailing& body) const {
    return error(body.error) + time("deadline", body.deadline);
  }
  std::string operator()(const ExecutionPaused&) const { return {}; }
  std::string operator()(const ExecutionResumed&) const { return {}; }
  std::string operator()(const ExecutionCompleted& body) const {
    return json("output", body.output);
  }
  std::string operator()(const ExecutionFailed& body) const { return error(body.error); }
  std::string operator()(const ExecutionCanceled& body) const {
    return body.reason.empty() ? std::string() : reason(body.reason);
  }
};

}  // namespace

std::string time_text(Timestamp time) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.3f", to_seconds(time - scenario_epoch));
  return buffer;
}

std::string event_line(const workflow::Definition& definition, const Event& event) {
  std::string name(event_name(event.body));
  std::replace(name.begin(), name.end(), '_', '-');
  return time_text(event.at) + " " + std::to_string(event.seq) + " " + name +
         std::visit(Details{.definition = definition, .event = event}, event.body);
}

}  // namespace harmonia::scenario
