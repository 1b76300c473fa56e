#pragma once

#include "cli/command_line.h"

namespace harmonia::cli {

// `harmonia validate`: exit code 2 when a file has errors or can't be read.
int validate(const ValidateCommand& command);

}  // namespace harmonia::cli
