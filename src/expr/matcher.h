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
bool matches_anywhere(const re2::RE2& pattern, std::string_view text);

}  // namespace harmonia::expr
