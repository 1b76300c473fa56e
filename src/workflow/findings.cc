#include "workflow/findings.h"

#include <algorithm>
#include <numeric>

#include "base/json.h"

namespace harmonia::workflow {
namespace {

constexpr std::size_t compared_max = 64;  // bytes; longer names are not compared

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

// Changes, insertions, removals and swaps of neighbours between two names; case is no difference.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::vector<std::size_t> next(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    next[0] = i;
    for (std::size_t k = 1; k <= b.size(); ++k) {
      std::size_t changed = row[k - 1] + (lower(a[i - 1]) != lower(b[k - 1]));
      next[k] = std::min({changed, row[k] + 1, next[k - 1] + 1});
      bool swapped = i > 1 && k > 1 && a[i - 1] == b[k - 2] && a[i - 2] == b[k - 1];
      if (swapped) next[k] = std::min(next[k], before[k - 2] + 1);
    }
    std::swap(before, row);
    std::swap(row, next);
  }
  return row[b.size()];
}

}  // namespace

std::string child_pointer(std::string_view pointer, std::string_view token) {
  std::string child(pointer);
  child += '/';
  return child += escape_pointer_token(token);
}

std::string nearest_name(std::string_view name, std::span<const std::string_view> known) {
  if (name.size() > compared_max) return {};
  std::size_t best = std::max<std::size_t>(1, name.size() / 3) + 1;
  std::string_view nearest;
  for (std::string_view candidate : known) {
    std::size_t difference =
        std::max(candidate.size(), name.size()) - std::min(candidate.size(), name.size());
    if (candidate.size() > compared_max || difference >= best) continue;
    std::size_t steps = distance(name, candidate);
    if (steps >= best) continue;
    best = steps;
    nearest = candidate;
  }
  return std::string(nearest);
}

std::string did_you_mean(std::string_view name) {
  if (name.empty()) return {};
  std::string hint("did you mean '");
  return hint.append(name).append("'?");
}

}  // namespace harmonia::workflow
