#include "base/json.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>
#include <deque>
#include <set>
#include <vector>

#include <boost/json/basic_parser_impl.hpp>

#include "base/hash.h"
#include "base/utf8.h"

namespace harmonia {
namespace {

namespace bj = boost::json;

// Boost's parser with numbers read by std::from_chars, and with duplicate keys refused.
struct ExactHandler {
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

  bj::value_stack stack;
  std::string number;  // the part of a number seen so far, when it comes in pieces

  explicit ExactHandler(unsigned char* buffer, std::size_t size) : stack({}, buffer, size) {
    stack.reset();
  }

  bool on_document_begin(bj::error_code&) { return true; }
  bool on_document_end(bj::error_code&) { return true; }
  bool on_object_begin(bj::error_code&) { return true; }
  bool on_object_end(std::size_t size, bj::error_code&) {
    stack.push_object(size);
    return true;
  }
  bool on_array_begin(bj::error_code&) { return true; }
  bool on_array_end(std::size_t size, bj::error_code&) {
    stack.push_array(size);
    return true;
  }
  bool on_key_part(bj::string_view text, std::size_t, bj::error_code&) {
    stack.push_chars(text);
    return true;
  }
  bool on_key(bj::string_view text, std::size_t, bj::error_code&) {
    stack.push_key(text);
    return true;
  }
  bool on_string_part(bj::string_view text, std::size_t, bj::error_code&) {
    stack.push_chars(text);
    return true;
  }
  bool on_string(bj::string_view text, std::size_t, bj::error_code&) {
    stack.push_string(text);
    return true;
  }
  bool on_number_part(bj::string_view text, bj::error_code&) {
    number.append(text.data(), text.size());
    return true;
  }
  bool on_int64(std::int64_t value, bj::string_view, bj::error_code&) {
    number.clear();
    stack.push_int64(value);
    return true;
  }
  bool on_uint64(std::uint64_t value, bj::string_view, bj::error_code&) {
    number.clear();
    stack.push_uint64(value);
    return true;
  }
  bool on_double(double approximate, bj::string_view text, bj::error_code& failure) {
    const char* begin = text.data();
    const char* end = begin + text.size();
    if (!number.empty()) {
      number.append(text.data(), text.size());
      begin = number.data();
      end = begin + number.size();
    }
    double value = approximate;
    auto [_, status] = std::from_chars(begin, end, value);
    // JSON can't hold an infinity: 1e400 is refused rather than changed.
    if (status == std::errc::result_out_of_range) {
      if (std::isinf(approximate)) {
        failure = bj::error::exponent_overflow;
        return false;
      }
      value = approximate;
    } else if (status != std::errc{}) {
      failure = bj::error::syntax;
      return false;
    }
    number.clear();
    stack.push_double(value);
    return true;
  }
  bool on_bool(bool value, bj::error_code&) {
    stack.push_bool(value);
    return true;
  }
  bool on_null(bj::error_code&) {
    stack.push_null();
    return true;
  }
  bool on_comment_part(bj::string_view, bj::error_code&) { return true; }
  bool on_comment(bj::string_view, bj::error_code&) { return true; }
};

std::string describe(const bj::error_code& failure, const JsonLimits& limits) {
  if (failure == bj::error::incomplete) return "the text ends before the value is complete";
  if (failure == bj::error::extra_data) return "there is text after the end of the value";
  if (failure == bj::error::too_deep) {
    return "arrays and objects nest deeper than " + std::to_string(limits.depth_max) + " levels";
  }
  if (failure == bj::error::illegal_leading_surrogate ||
      failure == bj::error::illegal_trailing_surrogate ||
      failure == bj::error::expected_hex_digit) {
    return "a \\u escape is not a valid character";
  }
  if (failure == bj::error::expected_utf16_escape) return "a \\u escape is not a valid character";
  if (failure == bj::error::exponent_overflow) return "a number is too large for a 64-bit double";
  if (failure == bj::error::syntax) return "unexpected character";
  return failure.message();
}

Error malformed(std::string_view text, std::size_t offset, std::string what) {
  auto position = position_at(text, offset);
  Error error = make_error(error_code::malformed_json,
                           "JSON, line " + std::to_string(position.line) + ", column " +
                               std::to_string(position.column) + ": " + what);
  error.problems.push_back(
      {.message = std::move(what), .line = position.line, .column = position.column});
  return error;
}

// The name that a key with escapes stands for; `quoted` is part of a text that was accepted.
std::string unescaped(std::string_view quoted) {
  bj::error_code failure;
  const Json name = bj::parse(json_view(quoted), failure);
  return std::string(text_view(name.get_string()));
}

// Boost keeps the last of two equal keys; a document with both is ambiguous, so it is refused.
// Works on tokens because the parsed value no longer knows.
std::optional<std::size_t> find_duplicate_key(std::string_view text) {
  std::vector<std::set<std::string_view, std::less<>>> objects;
  std::deque<std::string> unescaped_names;  // what views into `text` can't show
  std::vector<bool> is_object;
  std::size_t i = 0;
  bool expects_key = false;
  while (i < text.size()) {
    char c = text[i];
    if (c == '"') {
      std::size_t start = i++;
      while (text[i] != '"') i += text[i] == '\\' ? 2 : 1;
      ++i;
      if (!expects_key) continue;
      std::string_view name = text.substr(start + 1, i - start - 2);
      if (name.find('\\') != std::string_view::npos)
        name = unescaped_names.emplace_back(unescaped(text.substr(start, i - start)));
      if (!objects.back().insert(name).second) return start;
      expects_key = false;
      continue;
    }
    if (c == '{') {
      objects.emplace_back();
      is_object.push_back(true);
      expects_key = true;
    } else if (c == '[') {
      is_object.push_back(false);
      expects_key = false;
    } else if (c == '}') {
      objects.pop_back();
      is_object.pop_back();
      expects_key = false;
    } else if (c == ']') {
      is_object.pop_back();
      expects_key = false;
    } else if (c == ',') {
      expects_key = !is_object.empty() && is_object.back();
    }
    ++i;
  }
  return std::nullopt;
}

void append_double(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  std::array<char, 40> buffer{};
  auto [end, _] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  std::string_view digits(buffer.data(), static_cast<std::size_t>(end - buffer.data()));
  out += digits;
  // Keeps a double a double when it is read back: 3 -> 3.0.
  if (digits.find_first_of(".e") == std::string_view::npos) out += ".0";
}

template <class Integer>
void append_integer(std::string& out, Integer value) {
  std::array<char, 24> buffer{};
  auto [end, _] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  out.append(buffer.data(), end);
}

// `indent` < 0: compact.
void append_value(std::string& out, const Json& value, int indent);

void append_break(std::string& out, int indent) {
  if (indent < 0) return;
  out += '\n';
  out.append(static_cast<std::size_t>(indent) * 2, ' ');
}

void append_array(std::string& out, const JsonArray& array, int indent) {
  int inner = indent < 0 ? -1 : indent + 1;
  out += '[';
  for (std::size_t i = 0; i < array.size(); ++i) {
    if (i > 0) out += ',';
    append_break(out, inner);
    append_value(out, array[i], inner);
  }
  if (!array.empty()) append_break(out, indent);
  out += ']';
}

void append_object(std::string& out, const JsonObject& object, int indent) {
  int inner = indent < 0 ? -1 : indent + 1;
  out += '{';
  bool first = true;
  for (const auto& member : object) {
    if (!first) out += ',';
    first = false;
    append_break(out, inner);
    append_quoted(out, text_view(member.key()));
    out += indent < 0 ? ":" : ": ";
    append_value(out, member.value(), inner);
  }
  if (!object.empty()) append_break(out, indent);
  out += '}';
}

void append_value(std::string& out, const Json& value, int indent) {
  switch (value.kind()) {
    case bj::kind::null: out += "null"; return;
    case bj::kind::bool_: out += value.get_bool() ? "true" : "false"; return;
    case bj::kind::int64: append_integer(out, value.get_int64()); return;
    case bj::kind::uint64: append_integer(out, value.get_uint64()); return;
    case bj::kind::double_: append_double(out, value.get_double()); return;
    case bj::kind::string: append_quoted(out, text_view(value.get_string())); return;
    case bj::kind::array: append_array(out, value.get_array(), indent); return;
    case bj::kind::object: append_object(out, value.get_object(), indent); return;
  }
}

// Where the first byte at or behind `begin` is that needs an escape; eight at a time, because most
// texts have none.
std::size_t plain_length(std::string_view text, std::size_t begin) {
  constexpr std::uint64_t ones = 0x0101010101010101;
  constexpr std::uint64_t highs = 0x8080808080808080;
  // Bytes of which one is zero give a high bit; bits above the lowest one may be wrong.
  auto has_zero = [](std::uint64_t bytes) { return (bytes - ones) & ~bytes & highs; };
  std::size_t at = begin;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, text.data() + at, sizeof bytes);
    std::uint64_t control = (bytes - ones * 0x20) & ~bytes & highs;
    if ((control | has_zero(bytes ^ (ones * '"')) | has_zero(bytes ^ (ones * '\\'))) != 0) break;
  }
  for (; at < text.size(); ++at) {
    auto c = static_cast<unsigned char>(text[at]);
    if (c < 0x20 || c == '"' || c == '\\') return at;
  }
  return text.size();
}

// A double and an integer are equal when the double is that whole number exactly: compared as
// doubles, different integers beyond 2^53 would be equal to the same one.
bool is_whole(double value, const Json& integer) {
  constexpr double end = 18446744073709551616.0;  // 2^64
  if (integer.is_uint64() || integer.get_int64() >= 0) {
    std::uint64_t magnitude = integer.is_uint64() ? integer.get_uint64()
                                                  : static_cast<std::uint64_t>(integer.get_int64());
    return value >= 0 && value < end && std::trunc(value) == value &&
           static_cast<std::uint64_t>(value) == magnitude;
  }
  return value < 0 && value >= -end / 2 && std::trunc(value) == value &&
         static_cast<std::int64_t>(value) == integer.get_int64();
}

bool numbers_equal(const Json& a, const Json& b) {
  if (a.is_double() && b.is_double()) return a.get_double() == b.get_double();
  if (a.is_double()) return is_whole(a.get_double(), b);
  if (b.is_double()) return is_whole(b.get_double(), a);
  bool negative_a = a.is_int64() && a.get_int64() < 0;
  bool negative_b = b.is_int64() && b.get_int64() < 0;
  if (negative_a || negative_b) return negative_a && negative_b && a.get_int64() == b.get_int64();
  auto magnitude = [](const Json& n) {
    return n.is_uint64() ? n.get_uint64() : static_cast<std::uint64_t>(n.get_int64());
  };
  return magnitude(a) == magnitude(b);
}

std::uint64_t hash_number(const Json& value) {
  double number = value.to_number<double>() + 0.0;  // -0.0 becomes 0.0
  std::array<char, sizeof(double)> bytes;
  std::memcpy(bytes.data(), &number, sizeof(double));
  return stable_hash({bytes.data(), bytes.size()}, 1);
}

}  // namespace

Result<Json> parse_json(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.size_max) {
    return make_error(error_code::payload_too_large,
                      "the JSON text has " + std::to_string(text.size()) +
                          " bytes, more than the limit of " + std::to_string(limits.size_max));
  }
  std::array<unsigned char, 4096> buffer;
  bj::parse_options options;
  options.max_depth = limits.depth_max;
  bj::basic_parser<ExactHandler> parser(options, buffer.data(), buffer.size());
  bj::error_code failure;
  std::size_t used = parser.write_some(false, text.data(), text.size(), failure);
  if (!failure && used < text.size()) failure = bj::error::extra_data;
  if (failure) {
    if (auto invalid = find_invalid_utf8(text); invalid && *invalid <= used + 4) {
      return malformed(text, *invalid, "the text is not valid UTF-8");
    }
    return malformed(text, used, describe(failure, limits));
  }
  if (auto offset = find_duplicate_key(text)) {
    return malformed(text, *offset, "this key stands twice in its object");
  }
  return parser.handler().stack.release();
}

std::string to_text(const Json& value) {
  std::string out;
  append_value(out, value, -1);
  return out;
}

void append_text(std::string& out, const Json& value) { append_value(out, value, -1); }

std::string to_pretty_text(const Json& value) {
  std::string out;
  append_value(out, value, 0);
  return out;
}

void append_quoted(std::string& out, std::string_view text) {
  constexpr char digits[] = "0123456789abcdef";
  out += '"';
  std::size_t run = 0;
  for (std::size_t i = plain_length(text, 0); i < text.size(); i = plain_length(text, i + 1)) {
    auto c = static_cast<unsigned char>(text[i]);
    out.append(text, run, i - run);
    run = i + 1;
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      case '\b': out += "\\b"; break;
      case '\f': out += "\\f"; break;
      default: out.append("\\u00").append(1, digits[c >> 4]).append(1, digits[c & 15]);
    }
  }
  out.append(text, run, text.size() - run);
  out += '"';
}

bool json_equal(const Json& a, const Json& b) {
  if (a.is_number() && b.is_number()) return numbers_equal(a, b);
  if (a.kind() != b.kind()) return false;
  if (a.is_array()) {
    const auto& left = a.get_array();
    const auto& right = b.get_array();
    return std::equal(left.begin(), left.end(), right.begin(), right.end(), json_equal);
  }
  if (a.is_object()) {
    const auto& left = a.get_object();
    const auto& right = b.get_object();
    if (left.size() != right.size()) return false;
    for (const auto& member : left) {
      const Json* other = right.if_contains(member.key());
      if (other == nullptr || !json_equal(member.value(), *other)) return false;
    }
    return true;
  }
  return a == b;
}

std::uint64_t json_hash(const Json& value) {
  if (value.is_number()) return hash_number(value);
  if (value.is_string()) return stable_hash(text_view(value.get_string()), 2);
  if (value.is_bool()) return value.get_bool() ? 3 : 4;
  std::uint64_t hash = 5;
  if (value.is_array()) {
    for (const Json& item : value.get_array()) hash = hash * 31 + json_hash(item);
  } else if (value.is_object()) {
    for (const auto& member : value.get_object()) {
      hash += stable_hash(text_view(member.key()), json_hash(member.value()));
    }
  }
  return hash;
}

std::string get_string(const JsonObject& object, std::string_view key, std::string_view fallback) {
  const Json* value = object.if_contains(json_view(key));
  return std::string(value != nullptr && value->is_string() ? text_view(value->get_string())
                                                            : fallback);
}

std::int64_t get_int(const JsonObject& object, std::string_view key, std::int64_t fallback) {
  const Json* value = object.if_contains(json_view(key));
  return value != nullptr && value->is_int64() ? value->get_int64() : fallback;
}

TextPosition position_at(std::string_view text, std::size_t offset) {
  TextPosition position;
  std::size_t line_start = 0;
  offset = std::min(offset, text.size());
  for (std::size_t i = 0; i < offset; ++i) {
    if (text[i] == '\n') {
      ++position.line;
      line_start = i + 1;
    }
  }
  position.column = static_cast<int>(offset - line_start) + 1;
  return position;
}

}  // namespace harmonia
