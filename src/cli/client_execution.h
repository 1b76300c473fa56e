#pragma once

#include "cli/command_line.h"
#include "server/environment.h"

namespace harmonia::cli {

// `harmonia execution ...`: runs on a server, over its API.
int perform_execution(const ExecutionCommand& command, const server::Environment& environment);

}  // namespace harmonia::cli
