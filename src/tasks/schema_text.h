#pragma once

#include <string_view>

#include "base/json.h"

namespace harmonia::tasks {

// An input schema as the runners write it down.
inline Json schema_from_text(std::string_view text) {
  auto schema = parse_json(text);
  ASSERT(schema.ok());
  return std::move(schema).value();
}

}  // namespace harmonia::tasks
