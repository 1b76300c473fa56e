#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/json.h"

// Bytes of the outside world on their way into JSON, which holds UTF-8 only.
namespace harmonia::tasks {

// At most `size_max` bytes and "...", never half a character. The text is UTF-8.
std::string shortened(std::string_view text, std::size_t size_max);

// Each byte that is not part of well-formed UTF-8 as U+FFFD.
std::string valid_utf8(std::string_view bytes);

// Sets `name` to the text, or, when it is not UTF-8, to its base64 and `name`_encoding to "base64".
void put_bytes(JsonObject& object, std::string_view name, std::string_view bytes);

// A scalar as text: strings as they are, others as JSON.
std::string scalar_text(const Json& value);

}  // namespace harmonia::tasks
