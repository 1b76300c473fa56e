#pragma once

#include <functional>
#include <set>
#include <vector>

#include "execution/decide.h"
#include "store/store.h"

namespace harmonia::engine {

// The timers of one shard that are due soon. Later ones stay in the store and are read when their
// time is near, so a million sleepers cost disk and not memory. Single-threaded.
class Timers {
 public:
  struct Timer {
    execution::Wake wake;  // first: timers are ordered by when they are due
    ExecutionId execution;

    auto operator<=>(const Timer&) const = default;
  };

  explicit Timers(Duration horizon) : horizon_(horizon) {}

  // Reads further timers of the store when their time comes near. `is_mine` tells whose executions
  // this shard owns.
  Result<void> refill(store::Store& store, Timestamp now,
                      const std::function<bool(ExecutionId)>& is_mine);

  void arm(ExecutionId execution, const execution::Wake& wake);
  void disarm(ExecutionId execution, const execution::Wake& wake);
  std::vector<Timer> take_due(Timestamp now, std::size_t count_max);
  Timestamp next_due() const;
  std::size_t size() const { return timers_.size(); }

 private:
  static constexpr std::size_t page_size = 10'000;
  static constexpr Duration refill_pause = std::chrono::milliseconds(50);

  Timestamp refill_at() const;

  const Duration horizon_;
  std::set<Timer> timers_;
  Timestamp known_until_{};  // every timer of this shard due before is in the set
  bool page_was_full_ = false;
  Timestamp refilled_at_{};
};

}  // namespace harmonia::engine
