#pragma once

#include <cstddef>

#include "base/json.h"

namespace harmonia::expr {

// How large a JSON value is.
struct JsonMeasure {
  std::size_t bytes = 0;  // of memory that a copy takes, about
  std::size_t depth = 0;  // 0 for scalars, 1 for lists and maps of scalars
};

JsonMeasure measure(const Json& json);
JsonMeasure measure(const JsonArray& array);
JsonMeasure measure(const JsonObject& object);

}  // namespace harmonia::expr
