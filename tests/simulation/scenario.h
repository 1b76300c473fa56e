#pragma once

#include <memory>
#include <optional>

#include "tests/simulation/broken_law.h"
#include "tests/simulation/coverage.h"
#include "tests/simulation/hostility.h"
#include "tests/simulation/steps.h"

namespace harmonia::simulation {

// All that makes a simulated world: the same one gives the same world. A seed draws it, but for its
// steps, which are drawn while it goes on; with its steps it is replayed.
struct Scenario {
  std::uint64_t seed = 0;
  Hostility hostility = {};
  std::vector<Json> texts = {};  // definitions; the first `workflows` of them are saved
  std::size_t workflows = 0;     // named `w0`, `w1` ...; text i is of workflow i % workflows
  std::vector<Step> steps = {};

  static Scenario draw(std::uint64_t seed);
};

// What came of a world.
struct Outcome {
  std::optional<BrokenLaw> broken;
  std::size_t broken_at = 0;  // how many steps had been taken
  std::uint64_t commands = 0;
  std::uint64_t commits = 0;
  std::uint64_t digest = 0;  // of everything that was committed, in its order
};

struct RunOptions {
  // Steps are drawn until so many commands have been handled; 0: those of the scenario are
  // replayed.
  std::uint64_t commands = 0;
  bool trace = false;
};

// Runs a world to its end. Steps that are drawn are added to the scenario.
Outcome run_world(Scenario& scenario, const RunOptions& options, Coverage& coverage);

}  // namespace harmonia::simulation
