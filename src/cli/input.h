#pragma once

#include <string>

#include "base/json.h"
#include "base/result.h"

namespace harmonia::cli {

// What --input means: JSON text, `@file`, or `-` for standard input; absent: {}. Errors name where
// the text came from and the position of what is malformed in it.
Result<Json> read_input(const std::string& argument);

// The text of a definition file, or of standard input for `-`.
Result<std::string> read_definition_text(const std::string& path);
// How a file is called in messages.
std::string display_name(const std::string& path);

}  // namespace harmonia::cli
