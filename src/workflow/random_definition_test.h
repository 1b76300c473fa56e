#pragma once

#include <cstdint>

#include "base/json.h"

namespace harmonia::workflow::examples {

// A valid definition, the same for the same seed: tasks of all types with random fields, nested
// bodies, handlers, and names and texts that are hard to write.
Json random_definition(std::uint64_t seed);

// Any JSON value.
Json random_value(std::uint64_t seed);

}  // namespace harmonia::workflow::examples
