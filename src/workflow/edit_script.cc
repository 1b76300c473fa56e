#include "workflow/edit_script.h"

#include <algorithm>

namespace harmonia::workflow {
namespace {

// Edits of one script: the search remembers each of its rounds, which is quadratic in this.
constexpr std::size_t edits_max = 1000;

// Diagonal k holds the pairs (x, y) with x - y == k. A round knows the furthest x on each diagonal
// from -round to round.
class Search {
 public:
  Search(std::span<const std::uint32_t> from, std::span<const std::uint32_t> to)
      : from_(from), to_(to), furthest_(2 * edits_max + 3, 0) {}

  // False when the steps do not suffice.
  bool run(std::size_t& steps) {
    std::size_t rounds_max = std::min(edits_max, from_.size() + to_.size());
    for (std::size_t round = 0; round <= rounds_max; ++round) {
      auto bound = static_cast<std::int64_t>(round);
      for (std::int64_t k = -bound; k <= bound; k += 2) {
        std::size_t begin = first_x(bound, k);
        std::size_t x = follow(begin, k);
        std::size_t cost = x - begin + 1;
        if (cost > steps) return false;
        steps -= cost;
        at(k) = x;
        if (x >= from_.size() && y_of(x, k) >= to_.size()) return true;
      }
      remember(bound);
    }
    return false;
  }

  std::vector<Edit> script() const {
    std::vector<Edit> edits;
    std::size_t x = from_.size();
    std::size_t y = to_.size();
    for (std::size_t round = rounds_.size(); round > 0; --round) {
      auto k = static_cast<std::int64_t>(x) - static_cast<std::int64_t>(y);
      bool inserts = comes_from_above(rounds_[round - 1], static_cast<std::int64_t>(round), k);
      std::int64_t before = inserts ? k + 1 : k - 1;
      std::size_t begin = in_round(rounds_[round - 1], before) + (inserts ? 0 : 1);
      for (; x > begin; --x, --y) edits.push_back(Edit::keep);
      edits.push_back(inserts ? Edit::insert : Edit::remove);
      inserts ? --y : --x;
    }
    edits.insert(edits.end(), x, Edit::keep);
    std::reverse(edits.begin(), edits.end());
    return edits;
  }

 private:
  using Round = std::vector<std::size_t>;  // x of the diagonals -round .. round

  std::size_t& at(std::int64_t k) {
    return furthest_[static_cast<std::size_t>(k + static_cast<std::int64_t>(edits_max) + 1)];
  }
  static std::size_t y_of(std::size_t x, std::int64_t k) {
    return static_cast<std::size_t>(static_cast<std::int64_t>(x) - k);
  }
  static std::size_t in_round(const Round& round, std::int64_t k) {
    auto bound = static_cast<std::int64_t>(round.size() / 2);
    return round[static_cast<std::size_t>(k + bound)];
  }

  // Where round `bound` begins on diagonal k: one insertion below k + 1 or one removal after k - 1.
  std::size_t first_x(std::int64_t bound, std::int64_t k) {
    if (bound == 0) return 0;
    bool inserts = k == -bound || (k != bound && at(k - 1) < at(k + 1));
    return inserts ? at(k + 1) : at(k - 1) + 1;
  }
  static bool comes_from_above(const Round& before, std::int64_t bound, std::int64_t k) {
    return k == -bound || (k != bound && in_round(before, k - 1) < in_round(before, k + 1));
  }

  std::size_t follow(std::size_t x, std::int64_t k) const {
    std::size_t y = y_of(x, k);
    while (x < from_.size() && y < to_.size() && from_[x] == to_[y]) ++x, ++y;
    return x;
  }

  void remember(std::int64_t bound) {
    Round round;
    round.reserve(static_cast<std::size_t>(2 * bound + 1));
    for (std::int64_t k = -bound; k <= bound; ++k) round.push_back(at(k));
    rounds_.push_back(std::move(round));
  }

  std::span<const std::uint32_t> from_;
  std::span<const std::uint32_t> to_;
  std::vector<std::size_t> furthest_;
  std::vector<Round> rounds_;  // those before the last
};

}  // namespace

std::vector<Edit> shortest_edits(std::span<const std::uint32_t> from,
                                 std::span<const std::uint32_t> to, std::size_t& steps) {
  Search search(from, to);
  if (!search.run(steps)) return {};
  return search.script();
}

}  // namespace harmonia::workflow
