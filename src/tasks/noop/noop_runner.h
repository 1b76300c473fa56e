#pragma once

#include <memory>

#include "tasks/runner.h"

namespace harmonia::tasks {

// Component `noop`, any action: does nothing. Its output is the input's member `output` if there is
// one, else the input. Answers at once, on the caller's thread.
std::unique_ptr<Runner> make_noop_runner();

}  // namespace harmonia::tasks
