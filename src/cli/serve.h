#pragma once

#include "cli/command_line.h"
#include "server/environment.h"

namespace harmonia::cli {

// `harmonia serve`: until SIGINT or SIGTERM; a second one leaves at once.
int serve(const ServeCommand& command, const server::Environment& environment);

}  // namespace harmonia::cli
