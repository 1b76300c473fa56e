#pragma once

#include "tasks/runner.h"
#include "tasks/script/command.h"
#include "tasks/script/script_process.h"

namespace harmonia::tasks {

// What the end of a child means to the task; the end is not `canceled`.
Outcome script_outcome(const Command& command, const ScriptOptions& options, ScriptEnd end);

}  // namespace harmonia::tasks
