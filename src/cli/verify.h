#pragma once

#include "cli/command_line.h"
#include "server/environment.h"

namespace harmonia::cli {

// `harmonia verify`: exit code 1 when something was found.
int verify(const VerifyCommand& command, const server::Environment& environment);

}  // namespace harmonia::cli
