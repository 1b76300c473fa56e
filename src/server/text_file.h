#pragma once

#include <cstddef>
#include <string>

#include "base/result.h"

namespace harmonia::server {

// The bytes of a file; of standard input for `-`. Errors name the file and what is wrong with it:
// absent, a folder, not readable, larger than `size_max`.
Result<std::string> read_text_file(const std::string& path, std::size_t size_max);

}  // namespace harmonia::server
