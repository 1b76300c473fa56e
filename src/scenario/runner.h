#pragma once

#include <string>
#include <vector>

#include "scenario/directives.h"

namespace harmonia::scenario {

// A block whose output is not the expected one.
struct Mismatch {
  std::string file;
  int line = 0;
  std::string directive;
  Lines expected;
  Lines actual;
};

struct RunReport {
  std::vector<Mismatch> mismatches;
  ScenarioFile updated;  // with the output of this run
};

// Executes the blocks in order, those within loops as often as these say, with `<NAME>` replaced.
// An error is a directive that can't be understood or a store that fails, with its place
// (`greeting.wft:12: ...`).
Result<RunReport> run_scenario(const ScenarioFile& file, World& world);

// False for the mode that crashes after each commit when the file says `uninterrupted`: it is about
// something that is kept in memory only.
bool runs_in(const ScenarioFile& file, Mode mode);

}  // namespace harmonia::scenario
