#include "engine/timers.h"

#include <algorithm>

namespace harmonia::engine {

Result<void> Timers::refill(store::Store& store, Timestamp now,
                            const std::function<bool(ExecutionId)>& is_mine) {
  bool clock_went_back = now < refilled_at_;
  bool has_due = !timers_.empty() && timers_.begin()->wake.due <= now;
  if (!clock_went_back && (has_due || now < refill_at())) return {};
  refilled_at_ = now;
  Timestamp until = now + horizon_;
  TRY(auto rows, store.read_timers({.due_before = until, .limit = page_size}));
  for (const auto& row : rows) {
    if (is_mine(row.execution)) {
      timers_.insert({.wake = row.wake, .execution = row.execution});
    }
  }
  page_was_full_ = rows.size() == page_size;
  known_until_ = page_was_full_ ? rows.back().wake.due : until;
  return {};
}

void Timers::arm(ExecutionId execution, const execution::Wake& wake) {
  if (wake.due < known_until_) timers_.insert({.wake = wake, .execution = execution});
}

void Timers::disarm(ExecutionId execution, const execution::Wake& wake) {
  timers_.erase({.wake = wake, .execution = execution});
}

std::vector<Timers::Timer> Timers::take_due(Timestamp now, std::size_t count_max) {
  std::vector<Timer> due;
  while (!timers_.empty() && timers_.begin()->wake.due <= now && due.size() < count_max) {
    due.push_back(*timers_.begin());
    timers_.erase(timers_.begin());
  }
  return due;
}

// Half a horizon before the known part ends. After a full page the known part may be short: then
// when most of what it brought has fired, or its end has come.
Timestamp Timers::refill_at() const {
  Timestamp earliest = refilled_at_ + refill_pause;
  if (!page_was_full_) return std::max(earliest, known_until_ - horizon_ / 2);
  return timers_.size() < page_size / 4 ? earliest : std::max(earliest, known_until_);
}

Timestamp Timers::next_due() const {
  // The next look into the store counts as due time too.
  return timers_.empty() ? refill_at() : std::min(refill_at(), timers_.begin()->wake.due);
}

}  // namespace harmonia::engine
