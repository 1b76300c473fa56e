#include "scenario/event_line.h"

#include <algorithm>
#include <cstdio>

namespace harmonia::scenario {
namespace {

using namespace execution;

// What stands behind the name of the event.
struct Details {
  const workflow::Definition& definition;
  const State& state;

  std::string task(const TaskRef& ref, std::uint32_t attempt = 0) const {
    std::string text = " " + path_of(definition, state, ref);
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

  std::string operator()(const ExecutionStarted& event) const {
    return json("input", event.input) + time("deadline", event.deadline);
  }
  std::string operator()(const TaskScheduled& event) const {
    return task(event.task, event.attempt) + json("input", event.input) +
           time("deadline", event.deadline);
  }
  std::string operator()(const TaskWaiting& event) const {
    return task(event.task) + time("until", event.due);
  }
  std::string operator()(const AttemptFailed& event) const {
    return task(event.task, event.attempt) + error(event.error) + time("retry-at", event.retry_at);
  }
  std::string operator()(const TaskCompleted& event) const {
    return task(event.task, event.attempt) + json("output", event.output);
  }
  std::string operator()(const TaskFailed& event) const {
    return task(event.task, event.attempt) + error(event.error) +
           (event.fails_scope ? "" : " continued");
  }
  std::string operator()(const TaskSkipped& event) const {
    return task(event.task) + reason(event.reason);
  }
  std::string operator()(const TaskCanceled& event) const {
    return task(event.task) + reason(event.reason);
  }
  std::string operator()(const ExecutionPaused&) const { return {}; }
  std::string operator()(const ExecutionResumed&) const { return {}; }
  std::string operator()(const ExecutionCompleted& event) const {
    return json("output", event.output);
  }
  std::string operator()(const ExecutionFailed& event) const { return error(event.error); }
  std::string operator()(const ExecutionCanceled& event) const {
    return event.reason.empty() ? std::string() : reason(event.reason);
  }
};

}  // namespace

std::string time_text(Timestamp time) {
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%.3f", to_seconds(time - scenario_epoch));
  return buffer;
}

std::string event_line(const workflow::Definition& definition, const State& state,
                       const Event& event) {
  std::string name(event_name(event.body));
  std::replace(name.begin(), name.end(), '_', '-');
  return time_text(event.at) + " " + std::to_string(event.seq) + " " + name +
         std::visit(Details{.definition = definition, .state = state}, event.body);
}

}  // namespace harmonia::scenario
