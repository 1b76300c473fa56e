#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

// Text as CEL sees it: a sequence of Unicode code points held as UTF-8 (base/utf8.h).
namespace harmonia::expr {

// The byte offset of the code point with this number; the size of the text when it has exactly that
// many; nothing beyond.
std::optional<std::size_t> byte_offset(std::string_view text, std::size_t code_points);
// Unicode's White_Space property.
bool is_white_space(std::uint32_t code_point);

// The candidate most like `name`, if any is alike enough to be what was meant; else empty.
std::string_view nearest_name(std::string_view name, std::span<const std::string_view> candidates);

// "a, b, c and 4 more".
std::string list_names(std::span<const std::string> names, std::size_t count_max = 12);

// Shortest text that reads back; plain digits from 1e-7 up to 1e21; NaN, Infinity, -Infinity.
std::string double_text(double number);
// As above, but never with an exponent.
std::string plain_double_text(double number);

std::string base64_encode(std::string_view bytes);
// Padding may be absent. Nothing when malformed.
std::optional<std::string> base64_decode(std::string_view text);

}  // namespace harmonia::expr
