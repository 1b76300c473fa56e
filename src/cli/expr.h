#pragma once

#include "cli/command_line.h"

namespace harmonia::cli {

// `harmonia expr`: exit code 1 when the expression is wrong or fails, 2 when its input can't be
// read.
int evaluate(const ExprCommand& command);

}  // namespace harmonia::cli
