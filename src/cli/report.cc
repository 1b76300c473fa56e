#include "cli/report.h"

#include "cli/terminal.h"

namespace harmonia::cli {
namespace {

struct Hint {
  std::string_view code;
  std::string_view text;
};

constexpr Hint hints[] = {
    {error_code::timeout, "give the task a longer `timeout`, or a `retry_policy`"},
    {error_code::expression,
     "use has(x.y), x.?y.orValue(0) or default(x, 0) where data may be missing"},
    {error_code::schema, "the input or output does not fit the schema in the definition"},
    {error_code::connection, "is the other side running and reachable from here?"},
    {error_code::refused, "the configuration of this server forbids it"},
    {error_code::unknown_component,
     "built-in components are http, script, transform, log and noop"},
    {error_code::loop_limit, "let the loop end sooner, or raise its max_iterations"},
    {error_code::rejected, "a `catch` clause for `rejected` can go on, or `on_reject: continue`"},
    {error_code::storage, "is the disk full or the folder read-only?"},
};

}  // namespace

void complain(std::string_view message) {
  std::string text = "harmonia: ";
  text.append(message);
  print_error(text += '\n');
}

void complain(const Error& error) { complain(error.detail); }

void complain_with_hint(const Error& error) {
  complain(error);
  for (const Problem& problem : error.problems) {
    print_error("  " + printable(problem.pointer) + ": " + printable(problem.message) + "\n");
  }
  std::string_view hint = hint_for(error.code);
  if (!hint.empty()) print_error("  hint: " + std::string(hint) + "\n");
}

std::string_view hint_for(std::string_view code) {
  for (const Hint& hint : hints) {
    if (hint.code == code) return hint.text;
  }
  return {};
}

std::string render_problems(const std::vector<Problem>& problems, std::string_view file_name) {
  std::string text;
  for (const Problem& problem : problems) text += workflow::render_problem(problem, file_name);
  return text;
}

JsonObject problem_to_json(const Problem& problem) {
  JsonObject object;
  object["severity"] = problem.severity == Severity::error ? "error" : "warning";
  object["pointer"] = problem.pointer;
  object["message"] = problem.message;
  if (!problem.hint.empty()) object["hint"] = problem.hint;
  if (problem.line > 0) {
    object["line"] = problem.line;
    object["column"] = problem.column;
  }
  if (!problem.excerpt.empty()) object["excerpt"] = problem.excerpt;
  return object;
}

}  // namespace harmonia::cli
