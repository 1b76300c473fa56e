#pragma once

#include <cstddef>

#include "base/json.h"

namespace harmonia::expr {

// The memory a copy of the value takes, in bytes, about.
std::size_t estimate_size(const Json& json);
std::size_t estimate_size(const JsonArray& array);
std::size_t estimate_size(const JsonObject& object);

}  // namespace harmonia::expr
