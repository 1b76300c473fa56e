#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace harmonia::server {

// The candidate that was probably meant, or "" when none is near (at most a third of its letters
// differ, at least one).
std::string nearest_word(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace harmonia::server
