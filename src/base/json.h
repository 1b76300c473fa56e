#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "base/result.h"

namespace harmonia {

// JSON values are Boost.JSON's, but text is read and written by the functions below only:
// Boost 1.81 parses doubles inexactly and prints 12.5 as 1.25E1. Integers stay integers up to 64
// bits (int64, then uint64), all else is double. Object members keep their order.
using Json = boost::json::value;
using JsonObject = boost::json::object;
using JsonArray = boost::json::array;

// Payloads (inputs, outputs) are shared between state, events and readers instead of being copied.
// Never null where a payload is expected: absent data is a null JSON value.
using SharedJson = std::shared_ptr<const Json>;

inline SharedJson share(Json value) { return std::make_shared<const Json>(std::move(value)); }

struct JsonLimits {
  std::size_t depth_max = 128;
  std::size_t size_max = 64u << 20;  // bytes of text
};

// Strict RFC 8259: one value, UTF-8, no comments, no trailing commas, duplicate keys are an error.
// On failure the error is malformed_json, with line and column in its only problem and in its
// detail.
Result<Json> parse_json(std::string_view text, const JsonLimits& limits = {});

// Compact text; doubles in the shortest form that reads back exactly; non-finite doubles as null.
std::string to_text(const Json& value);
void append_text(std::string& out, const Json& value);
void append_quoted(std::string& out, std::string_view text);
// Two spaces of indentation, for people.
std::string to_pretty_text(const Json& value);

// The value at `pointer` (RFC 6901) within `value`, or null when there is none or the pointer is
// malformed.
const Json* find_pointer(const Json& value, std::string_view pointer);
// "a/b" -> "a~1b", for building pointers.
std::string escape_pointer_token(std::string_view token);
// "/a~1b/0" -> {"a/b", "0"}. Nothing when the pointer is malformed: it begins with something else
// than '/', or has a '~' that neither 0 nor 1 follows.
std::optional<std::vector<std::string>> split_pointer(std::string_view pointer);
// What a token means in an array: digits without a leading zero. Nothing for all else, also for
// "-", the place after the last item.
std::optional<std::size_t> pointer_index(std::string_view token);

// Deep equality with numbers compared by their exact value (1 == 1.0) and members in any order.
bool json_equal(const Json& a, const Json& b);
// Equal for equal values. Not for storing, and no protection against values made to collide.
std::uint64_t json_hash(const Json& value);

// Members read with a default; wrong types give the default too. For trusted documents such as our
// own rows.
std::string get_string(const JsonObject& object, std::string_view key,
                       std::string_view fallback = {});
std::int64_t get_int(const JsonObject& object, std::string_view key, std::int64_t fallback = 0);

inline boost::json::string_view json_view(std::string_view text) {
  return {text.data(), text.size()};
}
inline std::string_view text_view(boost::json::string_view text) {
  return {text.data(), text.size()};
}

// The line and column (1-based, column in bytes) of a byte offset.
struct TextPosition {
  int line = 1;
  int column = 1;
};
TextPosition position_at(std::string_view text, std::size_t offset);

}  // namespace harmonia
