#pragma once

#include "cli/command_line.h"
#include "server/environment.h"

namespace harmonia::cli {

// `harmonia run`: one run in this process, durable, with live progress.
int run(const RunCommand& command, const server::Environment& environment);

}  // namespace harmonia::cli
