#include "cli/validate.h"

#include <algorithm>

#include "cli/exit_code.h"
#include "cli/input.h"
#include "cli/report.h"
#include "cli/terminal.h"

namespace harmonia::cli {
namespace {

struct Checked {
  std::string name;
  std::string text;
  workflow::ParseOutcome outcome;
  std::string unreadable;  // why the file could not be read
};

Checked check_file(const std::string& path) {
  Checked checked{.name = display_name(path), .text = {}, .outcome = {}, .unreadable = {}};
  auto text = read_definition_text(path);
  if (!text) {
    checked.unreadable = text.error().detail;
    return checked;
  }
  checked.text = std::move(*text);
  checked.outcome = workflow::parse_definition(checked.text);
  return checked;
}

std::string count_of(std::size_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

std::string describe(const Checked& checked) {
  if (!checked.unreadable.empty()) return "harmonia: " + checked.unreadable + "\n";
  const auto& problems = checked.outcome.problems;
  auto errors = static_cast<std::size_t>(
      std::count_if(problems.begin(), problems.end(),
                    [](const Problem& problem) { return problem.severity == Severity::error; }));
  std::string text = render_problems(checked.outcome, checked.text, checked.name);
  for (const std::string& translation : checked.outcome.translations) {
    text += checked.name + ": " + translation + "\n";
  }
  std::size_t warnings = problems.size() - errors;
  std::string suffix = warnings > 0 ? ", " + count_of(warnings, "warning") : "";
  if (checked.outcome.ok()) {
    const auto& definition = *checked.outcome.definition;
    return text + checked.name + ": valid: " + printable(definition.name) + ", " +
           count_of(definition.tasks.size(), "task") + suffix + "\n";
  }
  return text + checked.name + ": " + count_of(errors, "error") + suffix + "\n";
}

JsonObject to_json(const Checked& checked) {
  JsonObject object;
  object["file"] = checked.name;
  object["valid"] = checked.outcome.ok();
  JsonArray problems;
  if (!checked.unreadable.empty()) {
    problems.push_back(problem_to_json({.message = checked.unreadable}));
  }
  for (const Problem& problem : checked.outcome.problems) {
    problems.push_back(problem_to_json(problem));
  }
  object["problems"] = std::move(problems);
  JsonArray translations;
  for (const std::string& translation : checked.outcome.translations) {
    translations.push_back(boost::json::string(translation));
  }
  object["translations"] = std::move(translations);
  return object;
}

}  // namespace

int validate(const ValidateCommand& command) {
  bool all_valid = true;
  JsonArray files;
  for (const std::string& path : command.files) {
    Checked checked = check_file(path);
    all_valid = all_valid && checked.outcome.ok();
    if (command.as_json) {
      files.push_back(to_json(checked));
    } else if (checked.outcome.ok()) {
      print_out(describe(checked));
    } else {
      print_error(describe(checked));
    }
  }
  if (command.as_json) {
    JsonObject result;
    result["valid"] = all_valid;
    result["files"] = std::move(files);
    print_out(to_pretty_text(result) + "\n");
  }
  return all_valid ? exit_success : exit_usage;
}

}  // namespace harmonia::cli
