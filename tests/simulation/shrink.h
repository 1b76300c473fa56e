#pragma once

#include <chrono>
#include <string>

#include "tests/simulation/scenario.h"

namespace harmonia::simulation {

// Leaves out steps, faults, tasks and settings as long as the same law is broken, and as long as
// there is time.
Scenario shrink(Scenario scenario, const std::string& law, std::chrono::seconds time);

// The scenario as a file for people to go on with: `.wft` as far as it can say what happens, with
// comments for the rest.
std::string to_wft(const Scenario& scenario, const BrokenLaw& broken);

}  // namespace harmonia::simulation
