#pragma once

#include "cli/command_line.h"
#include "server/environment.h"

namespace harmonia::cli {

// The exit codes of `harmonia approvals`, `harmonia incidents` and `harmonia event`.
int list_waiting(const WaitingCommand& command, const server::Environment& environment);
int send_event(const EventCommand& command, const server::Environment& environment);

}  // namespace harmonia::cli
