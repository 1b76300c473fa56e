#pragma once

// The server's coroutine vocabulary, internal to net/. One concrete executor type: each io_context
// is run by one thread, so nothing needs a strand or a type-erased executor.

#include <chrono>
#include <memory>
#include <mutex>
#include <utility>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace harmonia::net {

namespace asio = boost::asio;

using ErrorCode = boost::system::error_code;
using IoContext = asio::io_context;
using Executor = IoContext::executor_type;
using Clock = std::chrono::steady_clock;
using TimePoint = Clock::time_point;
using Tcp = asio::ip::tcp;
using Socket = asio::basic_stream_socket<Tcp, Executor>;
using Acceptor = asio::basic_socket_acceptor<Tcp, Executor>;
using Timer = asio::basic_waitable_timer<Clock, asio::wait_traits<Clock>, Executor>;

template <class T>
using Awaitable = asio::awaitable<T, Executor>;

// Completion as a tuple (error, ...), without exceptions.
inline constexpr auto use_tuple = asio::as_tuple(asio::use_awaitable_t<Executor>{});

inline constexpr TimePoint never = TimePoint::max();

// Lets one coroutine wait for something that happens on the same io thread. A signal that comes
// before the wait is kept.
class Signal {
 public:
  explicit Signal(Executor executor) : timer_(executor) {}

  void set() {
    is_set_ = true;
    timer_.cancel();
  }

  // False when the deadline passed first.
  Awaitable<bool> wait(TimePoint deadline) {
    if (!is_set_) {
      timer_.expires_at(deadline);
      [[maybe_unused]] auto [error] = co_await timer_.async_wait(use_tuple);
    }
    co_return std::exchange(is_set_, false);
  }

 private:
  Timer timer_;
  bool is_set_ = false;
};

// The way into an io thread for other threads. Outlives the thread's io_context, so that a late
// answer finds a closed door instead of freed memory; hence shared by all who may come late.
class Postbox {
 public:
  explicit Postbox(IoContext& context) : context_(&context) {}

  // False when the io thread is gone; the work is dropped then.
  template <class Work>
  bool post(Work&& work) {
    const std::lock_guard lock(mutex_);
    if (context_ == nullptr) return false;
    asio::post(*context_, std::forward<Work>(work));
    return true;
  }

  void close() {
    const std::lock_guard lock(mutex_);
    context_ = nullptr;
  }

 private:
  std::mutex mutex_;
  IoContext* context_;
};

}  // namespace harmonia::net
