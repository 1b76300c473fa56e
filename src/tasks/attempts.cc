#include "tasks/attempts.h"

#include <algorithm>
#include <utility>

namespace harmonia::tasks {
namespace {

using SteadyTime = std::chrono::steady_clock::time_point;

constexpr auto idle_time = std::chrono::hours(1);

// Two beats may be late before the lease expires.
Duration beat_interval(Duration timeout) { return timeout / 3; }

}  // namespace

std::optional<Attempts::Ticket> Attempts::add(const engine::AttemptKey& key, Attempt attempt) {
  const std::lock_guard lock(mutex_);
  if (closed_ || entries_.contains(key)) return std::nullopt;
  Entry entry{.ticket = ++last_ticket_, .attempt = std::move(attempt), .next_beat = {}};
  if (auto timeout = entry.attempt.heartbeat_timeout) {
    entry.next_beat = std::chrono::steady_clock::now() + beat_interval(*timeout);
    ++beaten_count_;
  }
  entries_.emplace(key, std::move(entry));
  return last_ticket_;
}

std::optional<Attempts::Attempt> Attempts::take(const engine::AttemptKey& key, Ticket ticket) {
  const std::lock_guard lock(mutex_);
  auto found = entries_.find(key);
  if (found == entries_.end() || found->second.ticket != ticket) return std::nullopt;
  Attempt attempt = std::move(found->second.attempt);
  if (attempt.heartbeat_timeout) --beaten_count_;
  entries_.erase(found);
  return attempt;
}

Runner* Attempts::cancel(const engine::AttemptKey& key) {
  const std::lock_guard lock(mutex_);
  auto found = entries_.find(key);
  if (found == entries_.end()) return nullptr;
  Runner* runner = found->second.attempt.runner;
  if (found->second.attempt.heartbeat_timeout) --beaten_count_;
  entries_.erase(found);
  return runner;
}

std::vector<Attempts::Held> Attempts::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  std::vector<Held> held;
  for (const auto& [key, entry] : entries_) held.push_back({key, entry.attempt.runner});
  entries_.clear();
  beaten_count_ = 0;
  return held;
}

Attempts::Beats Attempts::take_due_beats(SteadyTime now) {
  Beats beats{.due = {}, .next = now + idle_time};
  const std::lock_guard lock(mutex_);
  if (beaten_count_ == 0) return beats;
  for (auto& [key, entry] : entries_) {
    if (!entry.attempt.heartbeat_timeout) continue;
    if (entry.next_beat <= now) {
      beats.due.push_back(key);
      entry.next_beat = now + beat_interval(*entry.attempt.heartbeat_timeout);
    }
    beats.next = std::min(beats.next, entry.next_beat);
  }
  return beats;
}

}  // namespace harmonia::tasks
