#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "expr/value.h"

namespace harmonia::expr {

// The characters of a string or bytes token: quotes and prefixes removed, escapes decoded.
// `problem` is set on a bad escape.
struct DecodedText {
  std::string text;
  std::string_view problem;
};
DecodedText decode_text_literal(std::string_view token, bool is_bytes);

// Decimal or 0x hexadecimal. Nothing when out of range.
std::optional<Value> parse_int_literal(std::string_view digits, bool negative);
std::optional<Value> parse_uint_literal(std::string_view digits_with_suffix);
// Beyond the range gives an infinity or zero, as IEEE 754 does.
double parse_double_literal(std::string_view text);

}  // namespace harmonia::expr
