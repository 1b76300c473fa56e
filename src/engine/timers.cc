#include "engine/timers.h"

#include <algorithm>

namespace harmonia::engine {

Result<void> Timers::refill(store::Store& store, Timestamp now,
                            const std::function<bool(ExecutionId)>& is_mine) {
  bool clock_went_back = now < refilled_at_;
  bool near_end = now + horizon_ / 2 >= known_until_;
  bool has_due = !timers_.empty() && timers_.begin()->fire_at <= now;
  if (!clock_went_back && (!near_end || has_due || now < refilled_at_ + refill_pause)) return {};
  refilled_at_ = now;
  Timestamp until = now + horizon_;
  TRY(auto rows, store.read_timers({.due_before = until, .limit = page_size}));
  for (const auto& row : rows) {
    if (is_mine(row.execution)) {
      timers_.insert({.fire_at = row.wake.due, .execution = row.execution, .wake = row.wake});
    }
  }
  known_until_ = rows.size() < page_size ? until : rows.back().wake.due;
  return {};
}

void Timers::arm(ExecutionId execution, const execution::Wake& wake) {
  if (wake.due < known_until_)
    timers_.insert({.fire_at = wake.due, .execution = execution, .wake = wake});
}

void Timers::disarm(ExecutionId execution, const execution::Wake& wake) {
  timers_.erase({.fire_at = wake.due, .execution = execution, .wake = wake});
}

void Timers::postpone(ExecutionId execution, const execution::Wake& wake, Timestamp fire_at) {
  timers_.insert({.fire_at = fire_at, .execution = execution, .wake = wake});
}

std::vector<Timers::Timer> Timers::take_due(Timestamp now, std::size_t count_max) {
  std::vector<Timer> due;
  while (!timers_.empty() && timers_.begin()->fire_at <= now && due.size() < count_max) {
    due.push_back(*timers_.begin());
    timers_.erase(timers_.begin());
  }
  return due;
}

std::optional<Timestamp> Timers::next_due() const {
  // The next look into the store counts as due time too.
  Timestamp refill = std::max(known_until_ - horizon_ / 2, refilled_at_ + refill_pause);
  if (timers_.empty()) return refill;
  return std::min(refill, timers_.begin()->fire_at);
}

}  // namespace harmonia::engine
