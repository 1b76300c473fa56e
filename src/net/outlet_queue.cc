#include "net/outlet_queue.h"

#include <utility>

namespace harmonia::net {
namespace {

constexpr std::uint16_t try_again_later = 1013;  // IANA's registry of WebSocket close codes

}  // namespace

OutletQueue::OutletQueue(std::shared_ptr<Postbox> postbox, const Limits& limits,
                         std::function<void()> on_work)
    : postbox_(std::move(postbox)), limits_(limits), on_work_(std::move(on_work)) {}

bool OutletQueue::send(std::string message) {
  const std::lock_guard lock(mutex_);
  if (!is_open_) return false;
  // A message larger than the bound passes when nothing else waits.
  const bool too_large = !waiting_.empty() && waiting_bytes_ + message.size() > limits_.bytes_max;
  if (waiting_.size() >= limits_.messages_max || too_large) {
    is_open_ = false;
    waiting_.clear();
    waiting_bytes_ = 0;
    closing_ = Closing{.code = try_again_later, .overflowed = true};
    wake_with_lock();
    return false;
  }
  waiting_bytes_ += message.size();
  waiting_.push_back(std::move(message));
  wake_with_lock();
  return true;
}

void OutletQueue::close(std::uint16_t code, std::string reason) {
  const std::lock_guard lock(mutex_);
  if (!is_open_) return;
  is_open_ = false;
  closing_ = Closing{.code = code, .reason = std::move(reason)};
  wake_with_lock();
}

bool OutletQueue::is_open() const {
  const std::lock_guard lock(mutex_);
  return is_open_;
}

std::optional<std::string> OutletQueue::take() {
  const std::lock_guard lock(mutex_);
  if (waiting_.empty()) return std::nullopt;
  std::string message = std::move(waiting_.front());
  waiting_.pop_front();
  waiting_bytes_ -= message.size();
  return message;
}

std::optional<OutletQueue::Closing> OutletQueue::closing() {
  const std::lock_guard lock(mutex_);
  return closing_;
}

void OutletQueue::detach() {
  on_work_ = nullptr;
  const std::lock_guard lock(mutex_);
  is_open_ = false;
  waiting_.clear();
  waiting_bytes_ = 0;
}

// One post serves all messages that come before it runs.
void OutletQueue::wake_with_lock() {
  if (wake_pending_) return;
  wake_pending_ = true;
  postbox_->post([self = shared_from_this()] {
    {
      const std::lock_guard lock(self->mutex_);
      self->wake_pending_ = false;
    }
    if (self->on_work_) self->on_work_();
  });
}

}  // namespace harmonia::net
