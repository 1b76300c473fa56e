#pragma once

#include "cli/command_line.h"

namespace harmonia::cli {

// `harmonia validate`: exit code 1 when a file has errors (or warnings, with `strict`), 2 when one
// can't be read.
int validate(const ValidateCommand& command);

}  // namespace harmonia::cli
