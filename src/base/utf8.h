#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

// UTF-8 as the Unicode standard defines it: overlong forms, surrogates and what lies beyond
// U+10FFFF are not well-formed.
namespace harmonia {

// The offset of the first byte that is not part of a well-formed sequence; nothing when all is
// well.
std::optional<std::size_t> find_invalid_utf8(std::string_view text);
bool is_valid_utf8(std::string_view text);

// Decodes the code point at `offset` and moves past it. A stray byte decodes as U+FFFD of one byte.
std::uint32_t next_code_point(std::string_view text, std::size_t& offset);
// Appends one code point, which must be at most 0x10FFFF.
void append_utf8(std::string& out, std::uint32_t code_point);
// A stray byte counts as one.
std::size_t count_code_points(std::string_view text);

// The longest beginning of at most `size_max` bytes that ends between characters, for messages that
// show a part of a text.
std::string utf8_prefix(std::string_view text, std::size_t size_max);

// The text with each run of stray bytes replaced by one U+FFFD.
std::string repaired_utf8(std::string_view text);

}  // namespace harmonia
