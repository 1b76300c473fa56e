#pragma once

#include <chrono>
#include <optional>

namespace harmonia::server {

// SIGINT and SIGTERM as values to wait for; SIGPIPE is ignored. Handlers, not a blocked mask: child
// processes inherit a mask and could then not be interrupted. One object per process.
class SignalWatch {
 public:
  SignalWatch();
  ~SignalWatch();
  SignalWatch(const SignalWatch&) = delete;
  SignalWatch& operator=(const SignalWatch&) = delete;

  // The next signal that came or comes within `timeout`; none: it passed. From one thread only.
  std::optional<int> wait(std::chrono::milliseconds timeout);
};

}  // namespace harmonia::server
