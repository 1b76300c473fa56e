#pragma once

#include <optional>
#include <string_view>

#include "base/json.h"

namespace harmonia::workflow {

// A plain YAML scalar by the core schema of YAML 1.2 (section 10.3.2): null, booleans (true and
// false only), integers (decimal, 0o, 0x), floats; all else is text. So `yes`, `012a` and
// `2026-11-21` are text and `012` is 12. Nothing for .inf and .nan and for floats beyond a double,
// which JSON can't hold.
std::optional<Json> type_plain_scalar(std::string_view text);

}  // namespace harmonia::workflow
