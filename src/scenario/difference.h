#pragma once

#include "scenario/directives.h"

namespace harmonia::scenario {

// A line of two texts laid side by side.
struct DifferenceLine {
  enum class Kind { common, expected, actual } kind = Kind::common;
  std::string text;
};

// The fewest lines to take away from what was expected and to add to it, so that it becomes what
// came. Common lines far from any other are left out, but for a line that counts them.
std::vector<DifferenceLine> difference(const Lines& expected, const Lines& actual);

}  // namespace harmonia::scenario
