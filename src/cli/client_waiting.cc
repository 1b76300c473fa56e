#include "cli/client_waiting.h"

#include "cli/api_client.h"
#include "cli/exit_code.h"
#include "cli/input.h"
#include "cli/report.h"
#include "cli/table.h"
#include "cli/terminal.h"

namespace harmonia::cli {
namespace {

std::string approvals_text(const JsonArray& items) {
  Table table({"RUN", "TASK", "WORKFLOW", "SINCE", "UNTIL", "FOR", "TITLE"});
  for (const Json& item : items) {
    std::string assignees;
    const Json* list = find_pointer(item, "/assignees");
    if (list != nullptr && list->is_array()) {
      for (const Json& one : list->get_array()) {
        if (!assignees.empty()) assignees += ", ";
        assignees += one.is_string() ? std::string(text_view(one.get_string())) : to_text(one);
      }
    }
    table.add({field(item, "execution_id"), field(item, "path"), field(item, "workflow_name"),
               time_field(item, "since"), time_field(item, "deadline"), fit(assignees, 30),
               fit(printable(field(item, "title")), 60)});
  }
  return table.to_text();
}

std::string incidents_text(const JsonArray& items) {
  Table table({"RUN", "TASK", "WORKFLOW", "SINCE", "ATTEMPTS", "ERROR"});
  for (const Json& item : items) {
    const Json* error = find_pointer(item, "/error");
    bool has_error = error != nullptr && error->is_object();
    std::string why;
    if (has_error) why = field(*error, "code") + ": " + field(*error, "detail");
    table.add({field(item, "execution_id"), field(item, "path"), field(item, "workflow_name"),
               time_field(item, "since"), field(item, "attempt"), fit(printable(why), 80)});
  }
  return table.to_text();
}

}  // namespace

int list_waiting(const WaitingCommand& command, const server::Environment& environment) {
  ApiClient client(command.target, environment);
  bool approvals = command.kind == WaitingKind::approvals;
  std::string path = approvals ? "/api/approvals" : "/api/incidents";
  path += "?limit=" + std::to_string(command.limit);
  if (!command.workflow.empty()) path += "&workflow=" + net::percent_encode(command.workflow);
  if (!command.assignee.empty()) path += "&assignee=" + net::percent_encode(command.assignee);
  // With filters a page may be empty though more follow.
  JsonArray items;
  auto limit = static_cast<std::size_t>(command.limit);
  for (std::string cursor; items.size() < limit;) {
    auto page = client.get(cursor.empty() ? path : path + "&cursor=" + net::percent_encode(cursor));
    if (!page) return finish_call(page);
    for (const Json& item : items_of(*page)) {
      if (items.size() < limit) items.push_back(item);
    }
    cursor = field(*page, "next_cursor");
    if (cursor == "-") break;
  }
  if (command.target.as_json) return finish_call(Json(std::move(items)));
  if (items.empty()) {
    print_out(approvals ? "nothing waits for a decision\n" : "no incidents\n");
  } else {
    print_out(approvals ? approvals_text(items) : incidents_text(items));
  }
  return exit_success;
}

int send_event(const EventCommand& command, const server::Environment& environment) {
  JsonObject body{{"name", json_view(command.name)},
                  {"correlation", json_view(command.correlation)}};
  if (!command.id.empty()) body["id"] = json_view(command.id);
  auto payload = read_value(command.payload, "--payload");
  if (!payload) {
    complain(payload.error());
    return exit_usage;
  }
  body["payload"] = std::move(*payload);
  ApiClient client(command.target, environment);
  auto answer = client.post("/api/events", body);
  if (!answer || command.target.as_json) return finish_call(answer);
  bool repeated = field(*answer, "repeated") == "true";
  print_out("event " + field(*answer, "id") + (repeated ? " was sent before\n" : " is sent\n"));
  return exit_success;
}

}  // namespace harmonia::cli
