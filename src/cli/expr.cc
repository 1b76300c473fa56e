#include "cli/expr.h"

#include "cli/exit_code.h"
#include "cli/input.h"
#include "cli/report.h"
#include "cli/terminal.h"
#include "workflow/evaluate.h"

namespace harmonia::cli {
namespace {

Result<Json> evaluate_text(const std::string& text, const JsonObject& roots) {
  bool is_template = text.find("${") != std::string::npos;
  return is_template ? workflow::evaluate_template(Json(text), roots)
                     : workflow::evaluate_expression(text, roots);
}

Json to_json(const Result<Json>& value) {
  if (value.ok()) {
    return JsonObject{{"result", *value}, {"type", json_view(workflow::type_name(*value))}};
  }
  const Error& error = value.error();
  JsonArray problems;
  for (const Problem& problem : error.problems) problems.push_back(problem_to_json(problem));
  return JsonObject{{"error", JsonObject{{"code", error.code},
                                         {"message", error.detail},
                                         {"problems", std::move(problems)}}}};
}

void print_failure(const Error& error) {
  if (error.problems.empty()) return complain_with_hint(error);
  print_error(render_problems(error.problems, "expression"));
}

void print_value(const Json& value, bool as_text) {
  bool is_plain = as_text && value.is_string();
  std::string text = is_plain ? std::string(text_view(value.get_string())) : to_pretty_text(value);
  print_out(text + "\n");
}

}  // namespace

int evaluate(const ExprCommand& command) {
  auto text = read_text_argument(command.text);
  auto roots = text.ok() ? read_input(command.with, "--with") : Result<Json>(text.error());
  if (!roots.ok()) {
    complain(roots.error());
    return exit_usage;
  }
  auto value = evaluate_text(*text, roots->get_object());
  if (command.as_json) {
    print_out(to_pretty_text(to_json(value)) + "\n");
  } else if (value.ok()) {
    print_value(*value, command.as_text);
  } else {
    print_failure(value.error());
  }
  return value.ok() ? exit_success : exit_failed;
}

}  // namespace harmonia::cli
