#include "cli/client_workflow.h"

#include "cli/api_client.h"
#include "cli/execution_watch.h"
#include "cli/exit_code.h"
#include "cli/input.h"
#include "cli/report.h"
#include "cli/table.h"
#include "cli/terminal.h"

namespace harmonia::cli {
namespace {

std::string path_of(const std::string& id) { return "/api/workflows/" + net::percent_encode(id); }

// The definition as the JSON that is sent. Checked here first, because only here the source text
// with its lines is known.
Result<Json> read_definition(const std::string& file) {
  TRY(std::string text, read_definition_text(file));
  auto outcome = workflow::parse_definition(text);
  print_error(render_problems(outcome.problems, display_name(file)));
  if (!outcome.ok()) {
    return make_error(error_code::invalid_definition,
                      "nothing was sent, because of the errors in " + display_name(file));
  }
  return outcome.definition->canonical;
}

std::string list_text(const Json& answer) {
  Table table({"ID", "NAME", "VERSION", "REVISION", "TASKS", "UPDATED"});
  for (const Json& item : items_of(answer)) {
    table.add({field(item, "id"), field(item, "name"), field(item, "version"),
               field(item, "revision"), field(item, "task_count"), time_field(item, "updated_at")});
  }
  std::string text = table.to_text();
  if (items_of(answer).empty()) text = "no workflows; make one: harmonia workflow create FILE\n";
  return text;
}

int print_list(const Result<Json>& answer, bool as_json) {
  if (!answer || as_json) return finish_call(answer);
  print_out(list_text(*answer));
  return exit_success;
}

int print_stored(const Result<Json>& answer, bool as_json) {
  if (!answer || as_json) return finish_call(answer);
  std::string id = field(*answer, "id");
  print_out(field(*answer, "name") + " is workflow " + id + ", revision " +
            field(*answer, "revision") + "\n");
  print_error("Next: harmonia workflow execute " + id + " --wait\n");
  return exit_success;
}

int send_definition(ApiClient& client, const WorkflowCommand& command) {
  auto definition = read_definition(command.file);
  if (!definition) {
    complain(definition.error());
    return exit_usage;
  }
  auto answer = command.action == WorkflowAction::create
                    ? client.post("/api/workflows", *definition)
                    : client.put(path_of(command.id), *definition);
  return print_stored(answer, command.target.as_json);
}

Problem problem_from(const JsonObject& object) {
  bool is_warning = get_string(object, "severity") == "warning";
  return {.severity = is_warning ? Severity::warning : Severity::error,
          .pointer = get_string(object, "pointer"),
          .message = printable(get_string(object, "message")),
          .hint = printable(get_string(object, "hint")),
          .line = static_cast<int>(get_int(object, "line")),
          .column = static_cast<int>(get_int(object, "column")),
          .excerpt = get_string(object, "excerpt")};
}

std::vector<Problem> problems_of(const Json& answer) {
  std::vector<Problem> problems;
  const Json* list = find_pointer(answer, "/problems");
  if (list == nullptr || !list->is_array()) return problems;
  for (const Json& one : list->get_array()) {
    if (one.is_object()) problems.push_back(problem_from(one.get_object()));
  }
  return problems;
}

// The source goes to the server as it is: what it can't read it is to say itself.
int validate_there(ApiClient& client, const WorkflowCommand& command) {
  auto text = read_definition_text(command.file);
  if (!text) {
    complain(text.error());
    return exit_usage;
  }
  std::size_t first = std::min(text->find_first_not_of(" \t\r\n"), text->size());
  bool is_json = text->compare(first, 1, "{") == 0;
  auto answer = client.post_text("/api/workflows/validate",
                                 is_json ? "application/json" : "application/yaml", *text);
  if (!answer) return finish_call(answer);
  bool is_valid = field(*answer, "valid") == "true";
  if (command.target.as_json) {
    print_out(to_pretty_text(*answer) + "\n");
  } else {
    std::string name = display_name(command.file);
    print_out(render_problems(problems_of(*answer), name) + name +
              (is_valid ? ": valid\n" : ": not valid\n"));
  }
  return is_valid ? exit_success : exit_failed;
}

int execute(ApiClient& client, const WorkflowCommand& command) {
  auto input = read_input(command.input);
  if (!input) {
    complain(input.error());
    return exit_usage;
  }
  auto answer = client.post(path_of(command.id) + "/execute", JsonObject{{"input", *input}});
  if (!answer) return finish_call(answer);
  std::string id = field(*answer, "id");
  if (id == "-") id = field(*answer, "execution_id");
  if (command.wait) return wait_for_end(client, id, command.target.as_json);
  if (command.target.as_json) return finish_call(answer);
  print_out("run " + id + " started\n");
  print_error("Next: harmonia execution watch " + id + "\n");
  return exit_success;
}

int remove(ApiClient& client, const WorkflowCommand& command) {
  auto answer = client.remove(path_of(command.id));
  if (!answer || command.target.as_json) return finish_call(answer);
  print_out("workflow " + command.id + " deleted\n");
  return exit_success;
}

}  // namespace

int perform_workflow(const WorkflowCommand& command, const server::Environment& environment) {
  ApiClient client(command.target, environment);
  switch (command.action) {
    case WorkflowAction::list:
      return print_list(client.get("/api/workflows?limit=1000"), command.target.as_json);
    case WorkflowAction::get: return finish_call(client.get(path_of(command.id)));
    case WorkflowAction::create:
    case WorkflowAction::update: return send_definition(client, command);
    case WorkflowAction::remove: return remove(client, command);
    case WorkflowAction::validate: return validate_there(client, command);
    case WorkflowAction::execute: return execute(client, command);
  }
  return exit_usage;
}

}  // namespace harmonia::cli
