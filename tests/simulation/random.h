#pragma once

#include <cstdint>
#include <random>
#include <vector>

namespace harmonia::simulation {

// All chance of a simulation comes from here. The same seed gives the same numbers everywhere:
// nothing of <random>'s distributions is used, because those differ between libraries.
class Random {
 public:
  explicit Random(std::uint64_t seed) : engine_(seed) {}

  std::uint64_t next() { return engine_(); }
  // From 0 to count - 1; 0 when there is nothing to choose from.
  std::uint32_t pick(std::size_t count) {
    return count == 0 ? 0 : static_cast<std::uint32_t>(engine_() % count);
  }
  bool one_in(std::size_t count) { return pick(count) == 0; }
  bool chance(double probability) {
    constexpr double scale = 1.0 / static_cast<double>(1ULL << 53);
    return static_cast<double>(engine_() >> 11) * scale < probability;
  }
  // `from` and `to` included.
  std::int64_t between(std::int64_t from, std::int64_t to) {
    return from + static_cast<std::int64_t>(engine_() % static_cast<std::uint64_t>(to - from + 1));
  }
  template <class T>
  const T& one_of(const std::vector<T>& list) {
    return list[pick(list.size())];
  }
  // By weight; the position of the one that was chosen.
  std::size_t weighted(const std::vector<double>& weights) {
    double total = 0;
    for (double weight : weights) total += weight;
    constexpr double scale = 1.0 / static_cast<double>(1ULL << 53);
    double point = static_cast<double>(engine_() >> 11) * scale * total;
    for (std::size_t i = 0; i < weights.size(); ++i) {
      point -= weights[i];
      if (point < 0) return i;
    }
    return weights.size() - 1;
  }
  // Another source, which goes on independently of this one.
  Random fork() { return Random(next()); }

 private:
  std::mt19937_64 engine_;
};

}  // namespace harmonia::simulation
