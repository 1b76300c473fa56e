#pragma once

#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"

namespace harmonia::cli {

// What an option such as --input means: JSON text of an object, `@file`, or `-` for standard input;
// absent: {}. Errors name where the text came from and the position of what is malformed in it.
Result<Json> read_input(const std::string& argument, std::string_view option = "--input");

// The same for a value that need not be an object; absent: null.
Result<Json> read_value(const std::string& argument, std::string_view option);

// What an argument that is text means: itself, `@file`, or `-` for standard input, without the line
// break at its end.
Result<std::string> read_text_argument(const std::string& argument);

// The text of a definition file, or of standard input for `-`.
Result<std::string> read_definition_text(const std::string& path);
// How a file is called in messages.
std::string display_name(const std::string& path);

}  // namespace harmonia::cli
