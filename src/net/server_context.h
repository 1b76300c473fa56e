#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <mutex>

#include "net/http_server.h"

namespace harmonia::net {

// How many connections there are, on all io threads.
class ConnectionCount {
 public:
  // The number after adding this one; nothing is added and 0 returned when there are `max` already.
  std::size_t add(std::size_t max) {
    const std::lock_guard lock(mutex_);
    if (count_ >= max) return 0;
    return ++count_;
  }
  void remove() {
    const std::lock_guard lock(mutex_);
    if (--count_ == 0) none_left_.notify_all();
  }
  std::size_t get() const {
    const std::lock_guard lock(mutex_);
    return count_;
  }
  void wait_until_none(std::chrono::milliseconds timeout) {
    std::unique_lock lock(mutex_);
    none_left_.wait_for(lock, timeout, [this] { return count_ == 0; });
  }

 private:
  mutable std::mutex mutex_;  // guards count_
  std::size_t count_ = 0;
  std::condition_variable none_left_;
};

// What all sessions of a server share. Outlives them.
struct ServerContext {
  const ServerOptions options;
  Handler& handler;
  ConnectionCount connections = {};
};

}  // namespace harmonia::net
