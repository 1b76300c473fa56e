#include "net/outlet_queue.h"

#include <algorithm>
#include <utility>

namespace harmonia::net {
namespace {

constexpr std::uint16_t try_again_later = 1013;  // IANA's registry of WebSocket close codes
// What may wait for a client while too much waits for all: one that keeps up has hardly more.
constexpr std::size_t crowded_bytes_max = 16u << 10;

std::size_t size_of(const std::string& message) { return message.size() + sizeof message; }

}  // namespace

OutletQueue::OutletQueue(std::shared_ptr<Postbox> postbox, OutletBytes total_bytes,
                         const Limits& limits, std::function<void()> on_work)
    : postbox_(std::move(postbox)),
      total_bytes_(std::move(total_bytes)),
      limits_(limits),
      on_work_(std::move(on_work)) {}

OutletQueue::~OutletQueue() { drop_waiting_with_lock(); }

bool OutletQueue::send(std::string message) {
  const std::lock_guard lock(mutex_);
  if (!is_open_) return false;
  if (is_full_with_lock(size_of(message))) {
    is_open_ = false;
    drop_waiting_with_lock();
    closing_ = Closing{.code = try_again_later, .overflowed = true};
    wake_with_lock();
    return false;
  }
  waiting_bytes_ += size_of(message);
  *total_bytes_ += size_of(message);
  waiting_.push_back(std::move(message));
  wake_with_lock();
  return true;
}

bool OutletQueue::is_full_with_lock(std::size_t size) const {
  if (waiting_.size() >= limits_.messages_max) return true;
  // A message larger than the bound passes when nothing else waits.
  if (waiting_.empty()) return false;
  const bool crowded = *total_bytes_ + size > limits_.total_bytes_max;
  const std::size_t bytes_max =
      crowded ? std::min(crowded_bytes_max, limits_.bytes_max) : limits_.bytes_max;
  return waiting_bytes_ + size > bytes_max;
}

void OutletQueue::drop_waiting_with_lock() {
  waiting_.clear();
  *total_bytes_ -= std::exchange(waiting_bytes_, 0);
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
  waiting_bytes_ -= size_of(message);
  *total_bytes_ -= size_of(message);
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
  drop_waiting_with_lock();
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
