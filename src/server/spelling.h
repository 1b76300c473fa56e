#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace harmonia::server {

// The candidate that was probably meant, or "" when none is near (edit distance at most a third of
// the word's length, at least 1).
std::string nearest_word(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace harmonia::server
