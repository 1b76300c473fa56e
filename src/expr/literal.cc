#include "expr/literal.h"

#include <charconv>
#include <limits>

#include "base/utf8.h"
#include "expr/text.h"

namespace harmonia::expr {
namespace {

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 99;
}

// The escapes of one character, or '\0' for others.
char simple_escape(char c) {
  switch (c) {
    case 'a': return '\a';
    case 'b': return '\b';
    case 'f': return '\f';
    case 'n': return '\n';
    case 'r': return '\r';
    case 't': return '\t';
    case 'v': return '\v';
    case '\\':
    case '?':
    case '"':
    case '\'':
    case '`': return c;
    default: return '\0';
  }
}

// Reads the body of a literal, escape by escape.
struct EscapeDecoder {
  std::string_view body;
  bool is_bytes;
  std::size_t index = 0;
  DecodedText out = {};

  std::optional<std::uint32_t> digits(std::size_t count, int base) {
    if (index + count > body.size()) return std::nullopt;
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < count; ++i) {
      int digit = digit_value(body[index + i]);
      if (digit >= base) return std::nullopt;
      number = number * static_cast<std::uint32_t>(base) + static_cast<std::uint32_t>(digit);
    }
    index += count;
    return number;
  }

  // The four digits of \u; two of them that are a surrogate pair make one code point.
  std::optional<std::uint32_t> unicode_escape() {
    auto high = digits(4, 16);
    bool is_high = high && *high >= 0xd800 && *high < 0xdc00;
    if (!is_high || body.substr(index, 2) != "\\u") return high;
    index += 2;
    auto low = digits(4, 16);
    if (!low || *low < 0xdc00 || *low >= 0xe000) return high;  // refused as half a pair
    return 0x10000 + ((*high & 0x3ff) << 10 | (*low & 0x3ff));
  }

  void append(std::optional<std::uint32_t> code, bool is_octet) {
    if (!code) {
      out.problem = "an escape in a string lacks digits";
    } else if (is_octet && is_bytes) {
      if (*code > 0xff) out.problem = "an octal escape is above \\377";
      out.text += static_cast<char>(*code);
    } else if (is_bytes) {
      out.problem = "\\u and \\U are not allowed in bytes";
    } else if (*code > 0x10ffff || (*code >= 0xd800 && *code < 0xe000)) {
      out.problem = "an escape in a string is not a Unicode character";
    } else {
      append_utf8(out.text, *code);
    }
  }

  void escape() {
    char c = index < body.size() ? body[index++] : '\0';
    if (char simple = simple_escape(c)) {
      out.text += simple;
    } else if (c == 'x' || c == 'X') {
      append(digits(2, 16), true);
    } else if (c == 'u') {
      append(unicode_escape(), false);
    } else if (c == 'U') {
      append(digits(8, 16), false);
    } else if (c >= '0' && c <= '3') {
      --index;
      append(digits(3, 8), true);
    } else {
      out.problem = "a string has an unknown escape; a backslash itself is written \\\\";
    }
  }

  void run() {
    while (index < body.size() && out.problem.empty()) {
      char c = body[index++];
      if (c == '\\') {
        escape();
      } else {
        out.text += c;
      }
    }
  }
};

}  // namespace

DecodedText decode_text_literal(std::string_view token, bool is_bytes) {
  bool raw = false;
  while (token.front() != '"' && token.front() != '\'') {
    raw = raw || token.front() == 'r' || token.front() == 'R';
    token.remove_prefix(1);
  }
  bool triple = token.size() >= 6 && token[1] == token[0] && token[2] == token[0];
  std::size_t quotes = triple ? 3 : 1;
  std::string_view body = token.substr(quotes, token.size() - 2 * quotes);
  if (raw) return {std::string(body), {}};
  EscapeDecoder decoder{body, is_bytes};
  decoder.run();
  return std::move(decoder.out);
}

std::optional<Value> parse_int_literal(std::string_view digits, bool negative) {
  auto magnitude = parse_uint_literal(digits);
  if (!magnitude) return std::nullopt;
  constexpr auto max = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (magnitude->uint64 > max + (negative ? 1 : 0)) return std::nullopt;
  std::uint64_t bits = negative ? 0 - magnitude->uint64 : magnitude->uint64;
  return int_value(static_cast<std::int64_t>(bits));
}

std::optional<Value> parse_uint_literal(std::string_view digits) {
  if (digits.ends_with('u') || digits.ends_with('U')) digits.remove_suffix(1);
  int base = 10;
  if (digits.starts_with("0x") || digits.starts_with("0X")) {
    base = 16;
    digits.remove_prefix(2);
  }
  std::uint64_t number = 0;
  auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), number, base);
  if (status != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return uint_value(number);
}

double parse_double_literal(std::string_view text) {
  double number = 0;
  auto [_, status] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (status != std::errc::result_out_of_range) return number;
  // Too small or too large: the exponent's sign tells which.
  std::size_t exponent = text.find_first_of("eE");
  bool tiny = exponent != std::string_view::npos && text[exponent + 1] == '-';
  if (exponent == std::string_view::npos) tiny = text.front() == '0' || text.front() == '.';
  return tiny ? 0.0 : std::numeric_limits<double>::infinity();
}

}  // namespace harmonia::expr
