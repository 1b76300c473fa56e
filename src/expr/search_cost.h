#pragma once

#include <string_view>

#include "expr/evaluation.h"

namespace harmonia::expr {

// Charges for looking for `part` in `text`, whose worst case is the product of their sizes. False
// when the budget is used up.
inline bool spend_search(Evaluation& evaluation, std::string_view text, std::string_view part) {
  std::uint64_t product = std::uint64_t{text.size()} * part.size();
  return evaluation.spend(1 + (text.size() + part.size()) / 64 + product / 4096);
}

}  // namespace harmonia::expr
