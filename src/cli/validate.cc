#include "cli/validate.h"

#include "cli/exit_code.h"
#include "cli/input.h"
#include "cli/report.h"
#include "cli/terminal.h"
#include "server/runtime.h"

namespace harmonia::cli {
namespace {

struct Checked {
  std::string name;
  workflow::ParseOutcome outcome;
  std::string unreadable;  // why the file could not be read
  std::size_t errors = 0;
  std::size_t warnings = 0;
  bool passes = false;
};

Checked check_file(const std::string& path, bool strict, const workflow::ActionTypes& actions) {
  Checked checked{.name = display_name(path), .outcome = {}, .unreadable = {}};
  auto text = read_definition_text(path);
  if (!text) {
    checked.unreadable = text.error().detail;
    checked.errors = 1;
    return checked;
  }
  checked.outcome =
      workflow::parse_definition(*text, workflow::Format::automatic, {}, {.actions = &actions});
  for (const Problem& problem : checked.outcome.problems) {
    ++(problem.severity == Severity::error ? checked.errors : checked.warnings);
  }
  checked.passes = checked.outcome.ok() && !(strict && checked.warnings > 0);
  return checked;
}

std::string count_of(std::size_t count, std::string_view noun) {
  return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
}

std::string counts_of(std::size_t errors, std::size_t warnings) {
  std::string text = errors > 0 ? count_of(errors, "error") : "";
  if (warnings > 0) text += (text.empty() ? "" : ", ") + count_of(warnings, "warning");
  return text;
}

std::string describe(const Checked& checked) {
  if (!checked.unreadable.empty()) return "harmonia: " + checked.unreadable + "\n";
  std::string text = render_problems(checked.outcome.problems, checked.name);
  for (const std::string& translation : checked.outcome.translations) {
    text += checked.name + ": " + translation + "\n";
  }
  std::string counts = counts_of(checked.errors, checked.warnings);
  if (!checked.passes) return text + checked.name + ": not valid: " + counts + "\n";
  const auto& definition = *checked.outcome.definition;
  return text + checked.name + ": valid: " + printable(definition.name) + ", " +
         count_of(definition.tasks.size(), "task") + (counts.empty() ? "" : ", " + counts) + "\n";
}

JsonObject to_json(const Checked& checked) {
  JsonArray problems;
  if (!checked.unreadable.empty()) {
    problems.push_back(problem_to_json({.message = checked.unreadable}));
  }
  for (const Problem& problem : checked.outcome.problems) {
    problems.push_back(problem_to_json(problem));
  }
  JsonArray translations;
  for (const std::string& translation : checked.outcome.translations) {
    translations.push_back(boost::json::string(translation));
  }
  return {{"file", checked.name},
          {"valid", checked.passes},
          {"errors", checked.errors},
          {"warnings", checked.warnings},
          {"problems", std::move(problems)},
          {"translations", std::move(translations)}};
}

// Of all files together.
struct Total {
  std::size_t files = 0;
  std::size_t valid = 0;
  std::size_t errors = 0;
  std::size_t warnings = 0;
  bool all_readable = true;

  void add(const Checked& checked) {
    ++files;
    valid += checked.passes;
    errors += checked.errors;
    warnings += checked.warnings;
    all_readable = all_readable && checked.unreadable.empty();
  }
  bool passes() const { return valid == files; }
  int exit_code() const {
    if (!all_readable) return exit_usage;
    return passes() ? exit_success : exit_failed;
  }
};

std::string describe(const Total& total) {
  std::string counts = counts_of(total.errors, total.warnings);
  return count_of(total.files, "file") + ": " + std::to_string(total.valid) + " valid, " +
         std::to_string(total.files - total.valid) + " not" +
         (counts.empty() ? "" : "; " + counts) + "\n";
}

void print(std::string_view text, bool passes) { passes ? print_out(text) : print_error(text); }

}  // namespace

int validate(const ValidateCommand& command) {
  const auto actions = server::built_in_actions();
  Total total;
  JsonArray files;
  for (const std::string& path : command.files) {
    Checked checked = check_file(path, command.strict, actions);
    total.add(checked);
    if (command.as_json) {
      files.push_back(to_json(checked));
    } else {
      print(describe(checked), checked.passes);
    }
  }
  if (command.as_json) {
    JsonObject result{{"valid", total.passes()},
                      {"errors", total.errors},
                      {"warnings", total.warnings},
                      {"files", std::move(files)}};
    print_out(to_pretty_text(result) + "\n");
  } else if (total.files > 1) {
    print(describe(total), total.passes());
  }
  return total.exit_code();
}

}  // namespace harmonia::cli
