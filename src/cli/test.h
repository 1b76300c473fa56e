#pragma once

#include "cli/command_line.h"
#include "server/environment.h"

namespace harmonia::cli {

// `harmonia test`: runs scenarios and shows what differs. The last line on standard output is
// `N passed, M failed`. Returns the exit code.
int test(const TestCommand& command, const server::Environment& environment);

}  // namespace harmonia::cli
