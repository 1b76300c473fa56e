#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace harmonia::workflow {

// The offset of the first byte that is not part of a well-formed UTF-8 sequence (overlong forms and
// surrogates are not well-formed); nothing when all is well.
std::optional<std::size_t> find_invalid_utf8(std::string_view text);

// How many characters (code points) a well-formed UTF-8 text has.
std::size_t count_code_points(std::string_view text);

// Appends one code point, which must be at most 0x10FFFF.
void append_utf8(std::string& out, char32_t code_point);

}  // namespace harmonia::workflow
