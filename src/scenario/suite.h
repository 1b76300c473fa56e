#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "scenario/runner.h"

// Whole files of scenarios: finding them, running them in several modes, writing them anew. What
// `harmonia test` is made of.
namespace harmonia::scenario {

inline constexpr Mode all_modes[] = {Mode::plain, Mode::sqlite, Mode::crash_each, Mode::reload,
                                     Mode::twice};
std::optional<Mode> parse_mode(std::string_view name);

// A scenario: a .wft file, or a `wft` example in a page (.md).
struct Scenario {
  std::string path;
  std::string text;
  std::size_t begin = 0;  // of the text in its file
  int line = 1;           // likewise
};

// All in these files, and in all .wft and .md files below these folders, in the order of their
// paths. Errors: what can't be read.
Result<std::vector<Scenario>> find_scenarios(const std::vector<std::string>& paths);

// What was found wrong in one mode: `error` when the scenario could not be done at all.
struct Failure {
  Mode mode = Mode::plain;
  std::string error = {};
  std::vector<Mismatch> mismatches = {};

  bool same_as(const Failure& other) const;
};

struct SuiteOptions {
  std::vector<Mode> modes = {std::begin(all_modes), std::end(all_modes)};
  // Definitions are checked as by a server with these components; null: they are not known.
  const workflow::ActionTypes* actions = nullptr;
};

// The modes that failed; none: the scenario holds.
std::vector<Failure> test_scenario(const Scenario& scenario, const SuiteOptions& options);

// Writes what happens in memory into its file. Whether that changes anything; errors: the scenario
// can't be done, or the file not be written.
Result<bool> update_scenario(const Scenario& scenario, const SuiteOptions& options);

}  // namespace harmonia::scenario
