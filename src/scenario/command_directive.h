#pragma once

#include <string>

#include "base/result.h"
#include "execution/command.h"
#include "scenario/world.h"

namespace harmonia::scenario {

// The directives that are a command to a run that has been started: `pause`, `resume`, `cancel`,
// `signal`, `approve`, `reject`, `callback`, `resolve`.
struct CommandDirective {
  std::string label;  // of the run
  execution::CommandBody command;
};

// Reads one; docs/testing.md has their forms. Looks up the task it names in the run as it is now:
// not_found when there is none.
Result<CommandDirective> read_command(const std::string& directive, World& world);

// The directive `event`: to no run by name, but to those that wait.
Result<SentEvent> read_event(const std::string& directive);

}  // namespace harmonia::scenario
