#pragma once

#include "cli/command_line.h"
#include "server/environment.h"

namespace harmonia::cli {

// `harmonia workflow ...`: workflows on a server, over its API.
int perform_workflow(const WorkflowCommand& command, const server::Environment& environment);

}  // namespace harmonia::cli
