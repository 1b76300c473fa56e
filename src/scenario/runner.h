#pragma once

#include <string>
#include <vector>

#include "scenario/script.h"
#include "scenario/world.h"

namespace harmonia::scenario {

// A block whose output is not the expected one.
struct Mismatch {
  int line = 0;
  std::string directive;
  std::vector<std::string> expected;
  std::vector<std::string> actual;
};

struct RunReport {
  std::vector<Mismatch> mismatches;
  ScenarioFile updated;  // with the output of this run
};

// Executes the blocks in order. An error is a directive that can't be understood or a store that
// fails; refusals by the engine are output (`refused: code: detail`).
Result<RunReport> run_scenario(const ScenarioFile& file, World& world);

// False for the mode that crashes after each commit when the file says `uninterrupted`: it is about
// something that is kept in memory only.
bool runs_in(const ScenarioFile& file, Mode mode);

// A mismatch as lines with - and +, for people.
std::string render_mismatch(const Mismatch& mismatch, const std::string& file_name, Mode mode);

}  // namespace harmonia::scenario
