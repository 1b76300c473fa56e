#include "engine/mailbox.h"

#include <iterator>

namespace harmonia::engine {

bool Mailbox::offer(Envelope& envelope) {
  {
    std::lock_guard lock(mutex_);
    if (envelopes_.size() >= size_max_) return false;
    envelopes_.push_back(std::move(envelope));
    // The consumer only sleeps when the box is empty: the edge is enough.
    if (envelopes_.size() > 1) return true;
  }
  not_empty_.notify_one();
  return true;
}

void Mailbox::insist(Envelope envelope) {
  {
    std::lock_guard lock(mutex_);
    envelopes_.push_back(std::move(envelope));
    if (envelopes_.size() > 1) return;
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
  if (envelopes_.size() <= count_max) {
    content.envelopes.swap(envelopes_);
    return content;
  }
  auto middle = envelopes_.begin() + static_cast<std::ptrdiff_t>(count_max);
  content.envelopes.assign(std::make_move_iterator(envelopes_.begin()),
                           std::make_move_iterator(middle));
  envelopes_.erase(envelopes_.begin(), middle);
  return content;
}

void Mailbox::wait(std::chrono::microseconds time_max) {
  std::unique_lock lock(mutex_);
  not_empty_.wait_for(lock, time_max, [&] { return woken_ || !envelopes_.empty(); });
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
  return envelopes_.size();
}

}  // namespace harmonia::engine
