#include "cli/client_execution.h"

#include "cli/api_client.h"
#include "cli/execution_watch.h"
#include "cli/exit_code.h"
#include "cli/input.h"
#include "cli/report.h"
#include "cli/table.h"
#include "cli/terminal.h"

namespace harmonia::cli {
namespace {

int list(ApiClient& client, const ExecutionCommand& command) {
  std::string path = "/api/executions?limit=" + std::to_string(command.limit);
  if (!command.status.empty()) path += "&status=" + net::percent_encode(command.status);
  auto answer = client.get(path);
  if (!answer || command.target.as_json) return finish_call(answer);
  Table table({"ID", "WORKFLOW", "STATUS", "STARTED", "TIME", "TASKS", "ERROR"});
  for (const Json& item : items_of(*answer)) {
    const Json* counts = find_pointer(item, "/task_counts");
    const Json* error = find_pointer(item, "/error");
    bool has_error = error != nullptr && error->is_object();
    std::string tasks =
        counts != nullptr ? field(*counts, "completed") + "/" + field(*counts, "total") : "-";
    table.add({field(item, "id"), field(item, "workflow_name"), field(item, "status"),
               time_field(item, "created_at"), seconds_field(item, "duration"), tasks,
               has_error ? fit(printable(field(*error, "detail")), 60) : ""});
  }
  print_out(items_of(*answer).empty() ? "no runs\n" : table.to_text());
  return exit_success;
}

// What it waits for, or how far it is.
std::string wait_text(const Json& task) {
  if (std::string what = field(task, "waits_for"); what != "-") return "waits for " + what;
  const Json* progress = find_pointer(task, "/progress");
  if (progress == nullptr) return "";
  std::string text = field(*progress, "completed");
  if (std::string total = field(*progress, "total"); total != "-") text += " of " + total;
  return text + " done, " + field(*progress, "open") + " open";
}

std::string tasks_text(const JsonArray& tasks) {
  Table table({"TASK", "STATUS", "ATTEMPT", "STARTED", "TIME", "WORK", "ERROR"});
  for (const Json& task : tasks) {
    std::string work = field(task, "component");
    if (work.empty() || work == "-") work = field(task, "type");
    if (auto action = field(task, "action"); !action.empty() && action != "-") work += "." + action;
    const Json* error = find_pointer(task, "/error");
    std::string why = field(task, "reason");
    if (error != nullptr && error->is_object()) why = field(*error, "detail");
    table.add({field(task, "path"), field(task, "status"),
               field(task, "attempt") + "/" + field(task, "attempts_max"),
               time_field(task, "started_at"), seconds_field(task, "duration"), work,
               why == "-" ? wait_text(task) : fit(printable(why), 80)});
  }
  return table.to_text();
}

int get(ApiClient& client, const ExecutionCommand& command) {
  auto run = client.get(execution_path(command.id));
  if (!run || command.target.as_json) return finish_call(run);
  std::string text = field(*run, "workflow_name") + ": " + field(*run, "status") + "\n";
  text += "  id        " + field(*run, "id") + "\n";
  text += "  started   " + time_field(*run, "created_at") + "\n";
  text += "  ended     " + time_field(*run, "ended_at") + "\n";
  text += "  duration  " + seconds_field(*run, "duration") + "\n";
  const Json* error = find_pointer(*run, "/error");
  if (error != nullptr && error->is_object()) {
    text +=
        "  error     " + field(*error, "code") + ": " + printable(field(*error, "detail")) + "\n";
  }
  const Json* tasks = find_pointer(*run, "/tasks");
  if (tasks != nullptr && tasks->is_array()) text += "\n" + tasks_text(tasks->get_array());
  const Json* output = find_pointer(*run, "/output");
  if (output != nullptr && !output->is_null())
    text += "\noutput: " + to_pretty_text(*output) + "\n";
  print_out(text);
  return exit_success;
}

int history(ApiClient& client, const ExecutionCommand& command) {
  JsonArray all;
  std::string after = "0";
  while (true) {
    auto page = client.get(execution_path(command.id) + "/history?limit=1000&after=" + after);
    if (!page) return finish_call(page);
    const JsonArray& events = items_of(*page);
    if (events.empty()) break;
    for (const Json& event : events) {
      if (command.target.as_json) {
        all.push_back(event);
      } else {
        print_out(event_line(event));
      }
    }
    after = field(events.back(), "seq");
  }
  return command.target.as_json ? finish_call(Json(std::move(all))) : exit_success;
}

int tasks(ApiClient& client, const ExecutionCommand& command) {
  auto answer = client.get(execution_path(command.id) + "/tasks?limit=1000");
  if (!answer || command.target.as_json) return finish_call(answer);
  print_out(tasks_text(items_of(*answer)));
  return exit_success;
}

int print_status(const ExecutionCommand& command, const Result<Json>& answer) {
  if (!answer || command.target.as_json) return finish_call(answer);
  print_out("run " + command.id + ": " + field(*answer, "status") + "\n");
  return exit_success;
}

int change(ApiClient& client, const ExecutionCommand& command, const char* verb) {
  JsonObject body;
  if (!command.reason.empty()) body["reason"] = command.reason;
  auto answer = client.post(execution_path(command.id) + "/" + verb, body);
  return print_status(command, answer);
}

// An option's JSON as a member of the body; false when it is none, which is said.
bool add_value(JsonObject& body, std::string_view member, const std::string& typed,
               std::string_view option) {
  if (typed.empty()) return true;
  auto value = read_value(typed, option);
  if (!value) {
    complain(value.error());
    return false;
  }
  body[json_view(member)] = std::move(*value);
  return true;
}

void add_text(JsonObject& body, std::string_view member, const std::string& text) {
  if (!text.empty()) body[json_view(member)] = json_view(text);
}

int signal(ApiClient& client, const ExecutionCommand& command) {
  JsonObject body{{"name", json_view(command.name)}};
  if (!add_value(body, "payload", command.payload, "--payload")) return exit_usage;
  add_text(body, "correlation", command.correlation);
  add_text(body, "id", command.signal_id);
  return print_status(command, client.post(execution_path(command.id) + "/signal", body));
}

int decide(ApiClient& client, const ExecutionCommand& command, const char* verb) {
  JsonObject body;
  if (!add_value(body, "data", command.data, "--data")) return exit_usage;
  add_text(body, "comment", command.comment);
  add_text(body, "decided_by", command.by);
  std::string path = "/api/approvals/" + net::percent_encode(command.id) + "/" +
                     net::percent_encode(command.task) + "/" + verb;
  return print_status(command, client.post(path, body));
}

int resolve(ApiClient& client, const ExecutionCommand& command) {
  JsonObject body{{"action", json_view(command.resolution)}};
  if (!add_value(body, "output", command.output, "--output")) return exit_usage;
  add_text(body, "resolved_by", command.by);
  std::string path =
      execution_path(command.id) + "/tasks/" + net::percent_encode(command.task) + "/resolve";
  return print_status(command, client.post(path, body));
}

}  // namespace

int perform_execution(const ExecutionCommand& command, const server::Environment& environment) {
  ApiClient client(command.target, environment);
  switch (command.action) {
    case ExecutionAction::list: return list(client, command);
    case ExecutionAction::get: return get(client, command);
    case ExecutionAction::history: return history(client, command);
    case ExecutionAction::tasks: return tasks(client, command);
    case ExecutionAction::cancel: return change(client, command, "cancel");
    case ExecutionAction::pause: return change(client, command, "pause");
    case ExecutionAction::resume: return change(client, command, "resume");
    case ExecutionAction::signal: return signal(client, command);
    case ExecutionAction::approve: return decide(client, command, "approve");
    case ExecutionAction::reject: return decide(client, command, "reject");
    case ExecutionAction::resolve: return resolve(client, command);
    case ExecutionAction::watch: return watch_execution(client, command.id, command.target.as_json);
  }
  return exit_usage;
}

}  // namespace harmonia::cli
