#pragma once

#include <string>

#include "base/result.h"

namespace harmonia::scenario {

// Files that scenarios name: definitions and other scenarios. Errors name the file.
Result<std::string> read_file(const std::string& path);

// A path as seen from the folder of the file that names it.
std::string beside(const std::string& file, const std::string& path);

}  // namespace harmonia::scenario
