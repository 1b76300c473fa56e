#include "cli/test.h"

#include <unistd.h>

#include "base/log.h"
#include "cli/exit_code.h"
#include "cli/report.h"
#include "cli/terminal.h"
#include "scenario/difference.h"
#include "scenario/suite.h"
#include "server/runtime.h"

namespace harmonia::cli {
namespace {

using scenario::Failure;
using scenario::Mode;
using scenario::Scenario;

// What a user's workflow is worth testing in: the others differ by what the engine promises anyway.
constexpr Mode default_modes[] = {Mode::plain, Mode::crash_each};

constexpr std::string_view red = "\x1b[31m";
constexpr std::string_view green = "\x1b[32m";
constexpr std::string_view bold = "\x1b[1m";
constexpr std::string_view plain = "\x1b[0m";

class Report {
 public:
  explicit Report(bool colour) : colour_(colour) {}

  void print(const std::vector<Failure>& failures) const {
    std::vector<bool> said(failures.size());
    for (std::size_t i = 0; i < failures.size(); ++i) {
      if (said[i]) continue;
      std::string modes(to_string(failures[i].mode));
      for (std::size_t j = i + 1; j < failures.size(); ++j) {
        if (said[j] || !failures[i].same_as(failures[j])) continue;
        said[j] = true;
        modes.append(", ").append(to_string(failures[j].mode));
      }
      print_out(render(failures[i], modes));
    }
  }

 private:
  std::string render(const Failure& failure, const std::string& modes) const {
    if (!failure.error.empty()) return printable(failure.error) + "\n";
    std::string text;
    for (const scenario::Mismatch& mismatch : failure.mismatches) {
      std::string place =
          mismatch.file + ":" + std::to_string(mismatch.line) + ": " + mismatch.directive;
      text += in(bold, printable(place)) + "  (" + modes + ")\n";
      for (const auto& line : scenario::difference(mismatch.expected, mismatch.actual))
        text += render(line);
    }
    return text;
  }

  std::string render(const scenario::DifferenceLine& line) const {
    using Kind = scenario::DifferenceLine::Kind;
    switch (line.kind) {
      case Kind::common: return "    " + printable(line.text) + "\n";
      case Kind::expected: return in(red, "  - " + printable(line.text)) + "\n";
      case Kind::actual: return in(green, "  + " + printable(line.text)) + "\n";
    }
    return {};
  }

  std::string in(std::string_view style, const std::string& text) const {
    if (!colour_) return text;
    return std::string(style) + text + std::string(plain);
  }

  bool colour_;
};

std::vector<Mode> modes_of(const TestCommand& command) {
  if (command.modes.empty()) return {std::begin(default_modes), std::end(default_modes)};
  std::vector<Mode> modes;
  for (Mode mode : scenario::all_modes) {
    auto names = [mode](const std::string& name) {
      return name == "all" || name == to_string(mode);
    };
    if (std::any_of(command.modes.begin(), command.modes.end(), names)) modes.push_back(mode);
  }
  return modes;
}

// Expectations that nobody has read prove nothing.
bool runs_unattended(const server::Environment& environment) {
  auto found = environment.find("CI");
  return found != environment.end() && !found->second.empty() && found->second != "false";
}

// From the end, so that writing one does not move those before it in the same page.
bool update(const std::vector<Scenario>& scenarios, const scenario::SuiteOptions& options) {
  std::size_t changed = 0;
  bool all_done = true;
  for (auto one = scenarios.rbegin(); one != scenarios.rend(); ++one) {
    auto written = scenario::update_scenario(*one, options);
    if (!written.ok()) {
      print_out(printable(written.error().detail) + "\n");
      all_done = false;
    } else if (*written) {
      print_out("updated " + one->path + ":" + std::to_string(one->line) + "\n");
      ++changed;
    }
  }
  if (changed > 0)
    print_error("Read what was written: it is what happens, not what should happen.\n");
  return all_done;
}

}  // namespace

int test(const TestCommand& command, const server::Environment& environment) {
  if (command.update && runs_unattended(environment)) {
    complain("--update is for people who read what it writes, and CI is set");
    return exit_usage;
  }
  auto scenarios = scenario::find_scenarios(command.files);
  if (scenarios.ok() && scenarios->empty())
    scenarios = make_error(error_code::not_found, "there is no .wft file and no wft example here");
  if (!scenarios.ok()) {
    complain(scenarios.error());
    return exit_usage;
  }
  // What the engine warns of is part of what scenarios provoke, and stands in them.
  log::configure({.level = log::Level::error});
  const auto actions = server::built_in_actions();
  scenario::SuiteOptions options{.modes = modes_of(command), .actions = &actions};
  if (command.update) {
    bool all_done = update(*scenarios, options);
    // A scenario that was updated in one mode may differ in another.
    scenarios = scenario::find_scenarios(command.files);
    if (!all_done || !scenarios.ok()) return exit_failed;
  }
  Report report(examine_terminal(STDOUT_FILENO, environment).colour);
  std::size_t failed = 0;
  for (const Scenario& one : *scenarios) {
    auto failures = scenario::test_scenario(one, options);
    report.print(failures);
    failed += failures.empty() ? 0 : 1;
  }
  print_out(std::to_string(scenarios->size() - failed) + " passed, " + std::to_string(failed) +
            " failed\n");
  return failed > 0 ? exit_failed : exit_success;
}

}  // namespace harmonia::cli
