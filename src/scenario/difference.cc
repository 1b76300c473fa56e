#include "scenario/difference.h"

#include <map>

#include "workflow/edit_script.h"

namespace harmonia::scenario {
namespace {

using Kind = DifferenceLine::Kind;

constexpr std::size_t comparisons_max = 10'000'000;
constexpr std::size_t context_lines = 3;  // common lines shown around others

// Lines as numbers, equal for equal ones.
std::vector<std::uint32_t> number(const Lines& lines, std::map<std::string, std::uint32_t>& known) {
  std::vector<std::uint32_t> numbers;
  for (const std::string& line : lines) {
    auto next = static_cast<std::uint32_t>(known.size());
    numbers.push_back(known.try_emplace(line, next).first->second);
  }
  return numbers;
}

std::vector<DifferenceLine> whole_difference(const Lines& expected, const Lines& actual) {
  std::map<std::string, std::uint32_t> known;
  auto from = number(expected, known);
  auto to = number(actual, known);
  std::size_t steps = comparisons_max;
  auto edits = workflow::shortest_edits(from, to, steps);
  std::vector<DifferenceLine> lines;
  if (edits.empty()) {
    for (const std::string& line : expected) lines.push_back({Kind::expected, line});
    for (const std::string& line : actual) lines.push_back({Kind::actual, line});
    return lines;
  }
  std::size_t i = 0;
  std::size_t j = 0;
  for (workflow::Edit edit : edits) {
    switch (edit) {
      case workflow::Edit::keep:
        lines.push_back({Kind::common, expected[i++]});
        ++j;
        break;
      case workflow::Edit::remove: lines.push_back({Kind::expected, expected[i++]}); break;
      case workflow::Edit::insert: lines.push_back({Kind::actual, actual[j++]}); break;
    }
  }
  return lines;
}

}  // namespace

std::vector<DifferenceLine> difference(const Lines& expected, const Lines& actual) {
  auto all = whole_difference(expected, actual);
  std::vector<bool> shown(all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (all[i].kind == Kind::common) continue;
    std::size_t begin = i > context_lines ? i - context_lines : 0;
    std::size_t end = std::min(i + context_lines + 1, all.size());
    for (std::size_t near = begin; near < end; ++near) shown[near] = true;
  }
  std::vector<DifferenceLine> lines;
  std::size_t hidden = 0;
  auto count_hidden = [&lines, &hidden] {
    if (hidden > 0) lines.push_back({Kind::common, "... " + std::to_string(hidden) + " more"});
    hidden = 0;
  };
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (!shown[i]) {
      ++hidden;
      continue;
    }
    count_hidden();
    lines.push_back(std::move(all[i]));
  }
  count_hidden();
  return lines;
}

}  // namespace harmonia::scenario
