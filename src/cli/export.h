#pragma once

#include "cli/command_line.h"

namespace harmonia::cli {

// `harmonia export`: prints a definition file in another form. Exit code 1 when it has errors, 2
// when it can't be read. What was translated from another dialect goes to standard error.
int export_file(const ExportCommand& command);

}  // namespace harmonia::cli
