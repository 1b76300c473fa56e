#include "server/signals.h"

#include <cerrno>
#include <csignal>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "base/assert.h"

namespace harmonia::server {
namespace {

// A signal handler has no other way to reach its reader than a plain global: a pipe's two ends.
int pipe_ends[2] = {-1, -1};

extern "C" void remember_signal(int number) {
  int saved_errno = errno;
  auto byte = static_cast<unsigned char>(number);
  // The pipe is full only after thousands of signals that nobody read; one more tells nothing new.
  [[maybe_unused]] ssize_t written = ::write(pipe_ends[1], &byte, 1);
  errno = saved_errno;
}

void set_handler(int number, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  ::sigaction(number, &action, nullptr);
}

}  // namespace

SignalWatch::SignalWatch() {
  ASSERT(pipe_ends[0] < 0);
  int made = ::pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK);
  ASSERT(made == 0);
  set_handler(SIGINT, remember_signal);
  set_handler(SIGTERM, remember_signal);
  set_handler(SIGPIPE, SIG_IGN);
}

SignalWatch::~SignalWatch() {
  set_handler(SIGINT, SIG_DFL);
  set_handler(SIGTERM, SIG_DFL);
  ::close(pipe_ends[0]);
  ::close(pipe_ends[1]);
  pipe_ends[0] = pipe_ends[1] = -1;
}

std::optional<int> SignalWatch::wait(std::chrono::milliseconds timeout) {
  pollfd ready{.fd = pipe_ends[0], .events = POLLIN, .revents = 0};
  if (::poll(&ready, 1, static_cast<int>(timeout.count())) <= 0) return std::nullopt;
  unsigned char byte = 0;
  if (::read(pipe_ends[0], &byte, 1) != 1) return std::nullopt;
  return byte;
}

}  // namespace harmonia::server
