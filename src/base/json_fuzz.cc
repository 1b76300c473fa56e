#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/assert.h"
#include "base/json.h"
#include "base/utf8.h"

// Feeds any bytes to the reader of JSON: what it accepts it writes and reads back as the same, and
// what it refuses has its place. Built with clang only; see cmake/fuzz.cmake.
namespace harmonia {
namespace {

std::size_t count_members(const Json& value) {
  std::size_t count = 0;
  if (value.is_array()) {
    for (const Json& item : value.get_array()) count += count_members(item);
  } else if (value.is_object()) {
    for (const auto& member : value.get_object()) count += 1 + count_members(member.value());
  }
  return count;
}

// In a text that was accepted: each belongs to one member.
std::size_t count_colons(std::string_view text) {
  std::size_t count = 0;
  bool in_string = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (in_string && text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      in_string = !in_string;
    } else if (text[i] == ':' && !in_string) {
      ++count;
    }
  }
  return count;
}

void check_written(const Json& value, const std::string& written) {
  auto again = parse_json(written);
  ASSERT(again.ok());
  ASSERT(json_equal(*again, value) && json_equal(value, *again));
  ASSERT(json_hash(*again) == json_hash(value));
  ASSERT(to_text(*again) == to_text(value));
}

void check_accepted(std::string_view text, const Json& value) {
  ASSERT(is_valid_utf8(text));
  ASSERT(count_members(value) == count_colons(text));
  check_written(value, to_text(value));
  check_written(value, to_pretty_text(value));
}

void check_refused(std::string_view text, const Error& error) {
  ASSERT(error.code == error_code::malformed_json);
  ASSERT(error.problems.size() == 1);
  const Problem& problem = error.problems.front();
  TextPosition end = position_at(text, text.size());
  ASSERT(problem.line >= 1 && problem.line <= end.line && problem.column >= 1);
  ASSERT(problem.line < end.line || problem.column <= end.column);
}

void check_text(std::string_view text) {
  auto parsed = parse_json(text);
  if (parsed.ok()) {
    check_accepted(text, *parsed);
  } else {
    check_refused(text, parsed.error());
  }
}

}  // namespace
}  // namespace harmonia

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  harmonia::check_text({reinterpret_cast<const char*>(data), size});
  return 0;
}
