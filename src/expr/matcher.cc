#include "expr/matcher.h"

#include <algorithm>

#include <re2/re2.h>

#include "base/utf8.h"

namespace harmonia::expr {
namespace {

constexpr std::int64_t pattern_memory_max = 4 << 20;

re2::StringPiece piece(std::string_view text) { return {text.data(), text.size()}; }

}  // namespace

Result<std::shared_ptr<const re2::RE2>> compile_pattern(std::string_view pattern) {
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(pattern_memory_max);
  auto compiled = std::make_shared<const RE2>(piece(pattern), options);
  if (!compiled->ok()) {
    return make_error(error_code::expression,
                      "the pattern '" + utf8_prefix(pattern, 80) +
                          "' is no regular expression: " + compiled->error());
  }
  return compiled;
}

std::size_t pattern_size(const re2::RE2& pattern) {
  return static_cast<std::size_t>(std::max(0, pattern.ProgramSize()));
}

std::uint64_t match_cost(const re2::RE2& pattern, std::size_t text_size) {
  return text_size / 16 + std::uint64_t{text_size} * pattern_size(pattern) / 1024;
}

bool matches_anywhere(const re2::RE2& pattern, std::string_view text) {
  return RE2::PartialMatch(piece(text), pattern);
}

}  // namespace harmonia::expr
