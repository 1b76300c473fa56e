#pragma once

#include <string>
#include <vector>

#include "scenario/script.h"
#include "scenario/world.h"

namespace harmonia::scenario {

using Lines = std::vector<std::string>;

// Does what one directive says, all but those that are about other directives (`loop`, `foreach`,
// `end`, `include`: runner.h), and returns what it prints. Refusals by the engine are printed
// (`refused: CODE: DETAIL`); an error is a directive that can't be understood or a store that
// fails.
Result<Lines> run_directive(World& world, const Block& block);

// How many events of each kind there are among the lines, for runs that have thousands. What is
// said once for a whole run stays.
Lines summarise(const Lines& lines);

}  // namespace harmonia::scenario
