#pragma once

#include <memory>
#include <string_view>

#include "base/result.h"

namespace re2 {
class RE2;
}

// Regular expressions in linear time (RE2's syntax), for matches().
namespace harmonia::expr {

Result<std::shared_ptr<const re2::RE2>> compile_pattern(std::string_view pattern);
// True when any part of the text matches.
// How many instructions it was compiled to.
std::size_t pattern_size(const re2::RE2& pattern);
// Steps that looking through so many bytes costs: linear in the text, but for patterns that outgrow
// their memory also in the size of the pattern.
std::uint64_t match_cost(const re2::RE2& pattern, std::size_t text_size);

bool matches_anywhere(const re2::RE2& pattern, std::string_view text);

}  // namespace harmonia::expr
