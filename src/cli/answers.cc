#include "cli/answers.h"

#include "cli/input.h"

namespace harmonia::cli {
namespace {

using execution::IncidentAction;
using execution::WaitsFor;

constexpr std::string_view decided_by = "command line";

// `NAME=VALUE`, or a name alone. Names of tasks and events hold no `=`.
struct Pair {
  std::string name;
  std::optional<std::string> value;
};
Pair split(const std::string& text) {
  std::size_t equals = text.find('=');
  if (equals == std::string::npos) return {.name = text, .value = std::nullopt};
  return {.name = text.substr(0, equals), .value = text.substr(equals + 1)};
}

Result<SharedJson> read_payload(const Pair& pair, std::string_view option) {
  if (!pair.value) return SharedJson();
  TRY(Json value, read_value(*pair.value, option));
  return share(std::move(value));
}

bool means(const std::string& name, const std::string& path) {
  if (name == "*" || name == path) return true;
  return path.substr(path.find_last_of("/.") + 1) == name;
}

}  // namespace

std::optional<IncidentAction> parse_incident_action(std::string_view text) {
  if (text == "retry") return IncidentAction::retry;
  if (text == "skip") return IncidentAction::skip;
  if (text == "complete") return IncidentAction::complete;
  if (text == "fail") return IncidentAction::fail;
  return std::nullopt;
}

Result<Answers> Answers::read(const RunCommand& command) {
  Answers answers;
  for (const std::string& text : command.approve) {
    Pair pair = split(text);
    TRY(SharedJson data, read_payload(pair, "--approve"));
    answers.decisions_.push_back({.task = pair.name, .approved = true, .data = data});
  }
  for (const std::string& text : command.reject) {
    Pair pair = split(text);
    answers.decisions_.push_back({.task = pair.name, .comment = pair.value.value_or("")});
  }
  for (const std::string& text : command.events) {
    Pair pair = split(text);
    TRY(SharedJson payload, read_payload(pair, "--event"));
    answers.events_.push_back({.id = {},
                               .name = pair.name,
                               .correlation = {},
                               .payload = payload ? payload : share(nullptr)});
  }
  for (const std::string& text : command.resolve) {
    Pair pair = split(text);
    auto action = parse_incident_action(pair.value.value_or(""));
    if (!action) {
      return make_error(error_code::invalid_argument,
                        "--resolve " + text + ": write TASK=retry, skip, complete or fail");
    }
    answers.resolutions_.push_back({.task = pair.name, .action = *action});
  }
  return answers;
}

std::optional<execution::CommandBody> Answers::answer_to(const server::TaskView& task) {
  if (task.waits_for == WaitsFor::approval) {
    for (const Decision& one : decisions_) {
      if (!means(one.task, task.path)) continue;
      return execution::DecideApproval{.task = task.ref,
                                       .asked_seq = task.asked_seq,
                                       .approved = one.approved,
                                       .data = one.data,
                                       .decided_by = std::string(decided_by),
                                       .comment = one.comment};
    }
  }
  if (task.waits_for == WaitsFor::incident) {
    for (Resolution& one : resolutions_) {
      if (!means(one.task, task.path) || !one.used.insert(task.path).second) continue;
      return execution::ResolveIncident{.task = task.ref,
                                        .asked_seq = task.asked_seq,
                                        .action = one.action,
                                        .output = {},
                                        .resolved_by = std::string(decided_by)};
    }
  }
  return std::nullopt;
}

std::string option_for(const server::TaskView& task) {
  switch (task.waits_for) {
    case WaitsFor::approval: return "--approve '" + task.path + "'";
    case WaitsFor::incident: return "--resolve '" + task.path + "=retry'";
    case WaitsFor::event: {
      bool is_object = task.asked && task.asked->is_object();
      std::string name = is_object ? get_string(task.asked->get_object(), "event") : "";
      return "--event '" + name + "={}'";
    }
    case WaitsFor::time:
    case WaitsFor::slot:
    case WaitsFor::callback:
    case WaitsFor::lock:
    case WaitsFor::child: return {};
  }
  return {};
}

}  // namespace harmonia::cli
