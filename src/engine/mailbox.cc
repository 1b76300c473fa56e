#include "engine/mailbox.h"

#include <algorithm>
#include <iterator>

namespace harmonia::engine {
namespace {

// Of a batch that is full without them: starts wait behind others, but not for ever.
constexpr std::size_t share_of_starts = 16;

}  // namespace

bool Mailbox::offer(Envelope& envelope, Timestamp now) {
  bool is_start = std::holds_alternative<execution::Start>(envelope.command);
  {
    std::lock_guard lock(mutex_);
    if (!has_room_with_lock(is_start, now)) return false;
    if (is_start) {
      starts_.push_back({.envelope = std::move(envelope), .since = now});
    } else {
      envelopes_.push_back(std::move(envelope));
    }
    // The consumer only sleeps when the box is empty: the edge is enough.
    if (size_with_lock() > 1) return true;
  }
  not_empty_.notify_one();
  return true;
}

bool Mailbox::has_room_for_start(Timestamp now) const {
  std::lock_guard lock(mutex_);
  return has_room_with_lock(true, now);
}

bool Mailbox::has_room_with_lock(bool is_start, Timestamp now) const {
  if (size_with_lock() >= bounds_.size_max) return false;
  return !is_start || start_wait_with_lock(now) <= bounds_.start_wait_max;
}

Duration Mailbox::start_wait(Timestamp now) const {
  std::lock_guard lock(mutex_);
  return start_wait_with_lock(now);
}

Duration Mailbox::start_wait_with_lock(Timestamp now) const {
  return starts_.empty() ? Duration(0) : now - starts_.front().since;
}

void Mailbox::insist(Envelope envelope) {
  {
    std::lock_guard lock(mutex_);
    envelopes_.push_back(std::move(envelope));
    if (size_with_lock() > 1) return;
  }
  not_empty_.notify_one();
}

void Mailbox::heartbeat(const AttemptKey& key) {
  std::lock_guard lock(mutex_);
  // Read with the next batch: a heartbeat only ever moves a deadline back, so nobody is woken for
  // it.
  heartbeats_.push_back(key);
}

Mailbox::Content Mailbox::take(std::size_t count_max) {
  Content content;
  std::lock_guard lock(mutex_);
  content.heartbeats.swap(heartbeats_);
  take_envelopes(count_max - places_for_starts(count_max), content.envelopes);
  take_starts(count_max - content.envelopes.size(), content.envelopes);
  return content;
}

// Kept for starts in a batch that others would fill. While more reports wait than the box takes of
// others, one: each start may bring thousands more of them.
std::size_t Mailbox::places_for_starts(std::size_t count_max) const {
  if (starts_.empty() || count_max < 2) return 0;
  if (envelopes_.size() >= bounds_.size_max) return 1;
  return std::min(starts_.size(), std::max<std::size_t>(1, count_max / share_of_starts));
}

void Mailbox::take_envelopes(std::size_t count_max, std::vector<Envelope>& taken) {
  if (envelopes_.size() <= count_max) {
    taken.swap(envelopes_);
    return;
  }
  auto middle = envelopes_.begin() + static_cast<std::ptrdiff_t>(count_max);
  taken.assign(std::make_move_iterator(envelopes_.begin()), std::make_move_iterator(middle));
  envelopes_.erase(envelopes_.begin(), middle);
}

void Mailbox::take_starts(std::size_t count_max, std::vector<Envelope>& taken) {
  for (std::size_t i = 0; i < count_max && !starts_.empty(); ++i) {
    taken.push_back(std::move(starts_.front().envelope));
    starts_.pop_front();
  }
}

void Mailbox::wait(std::chrono::microseconds time_max) {
  std::unique_lock lock(mutex_);
  not_empty_.wait_for(lock, time_max, [&] { return woken_ || size_with_lock() > 0; });
  woken_ = false;
}

void Mailbox::wake() {
  {
    std::lock_guard lock(mutex_);
    woken_ = true;
  }
  not_empty_.notify_one();
}

std::size_t Mailbox::size() const {
  std::lock_guard lock(mutex_);
  return size_with_lock();
}

}  // namespace harmonia::engine
