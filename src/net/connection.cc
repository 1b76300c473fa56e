#include "net/connection.h"

#include <algorithm>
#include <array>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <utility>

#include <boost/asio/buffer.hpp>
#include <sys/socket.h>

namespace harmonia::net {
namespace {

// For what a closing client still sends.
constexpr std::chrono::milliseconds linger_timeout{1'000};
constexpr std::chrono::milliseconds linger_timeout_stopping{100};
constexpr std::size_t linger_bytes_max = 64u << 20;
// For the last words when the server's grace is over.
constexpr std::chrono::milliseconds abandon_timeout{200};

std::string address_text(const Socket& socket) {
  ErrorCode error;
  const Tcp::endpoint endpoint = socket.remote_endpoint(error);
  return error ? std::string() : endpoint.address().to_string();
}

}  // namespace

Connection::Connection(IoThread& io, Socket socket)
    : signal(io.context().get_executor()),
      io_(io),
      socket_(std::move(socket)),
      remote_address_(address_text(socket_)) {
  ErrorCode ignored;
  socket_.set_option(Tcp::no_delay(true), ignored);
  io_.add(this);
}

Connection::~Connection() { io_.remove(this); }

Awaitable<std::size_t> Connection::read_some(asio::mutable_buffer buffer) {
  if (expired_) co_return 0;
  auto [error, count] = co_await socket_.async_read_some(buffer, use_tuple);
  co_return error ? 0 : count;
}

Awaitable<bool> Connection::write(std::string_view first, std::string_view second,
                                  std::chrono::milliseconds step_timeout) {
  while (!first.empty() || !second.empty()) {
    if (expired_) co_return false;
    set_deadline_in(step_timeout);
    const std::array<asio::const_buffer, 2> buffers = {asio::buffer(first), asio::buffer(second)};
    auto [error, count] = co_await socket_.async_write_some(buffers, use_tuple);
    if (error) co_return false;
    const std::size_t of_first = std::min(count, first.size());
    first.remove_prefix(of_first);
    second.remove_prefix(count - of_first);
  }
  co_return true;
}

Awaitable<void> Connection::close_gently() {
  ErrorCode error;
  socket_.shutdown(Socket::shutdown_send, error);
  if (error) co_return;
  stage_ = Stage::idle;
  set_deadline_in(io_.stopping() ? linger_timeout_stopping : linger_timeout);
  std::array<char, 4096> discarded;
  std::size_t total = 0;
  while (total < linger_bytes_max) {
    const std::size_t count = co_await read_some(asio::buffer(discarded));
    if (count == 0) break;
    total += count;
  }
}

void Connection::limit_silence(std::chrono::milliseconds max) {
  const auto milliseconds = static_cast<unsigned>(max.count());
  ::setsockopt(socket_.native_handle(), IPPROTO_TCP, TCP_USER_TIMEOUT, &milliseconds,
               sizeof milliseconds);
}

void Connection::set_deadline(TimePoint deadline) { deadline_ = std::min(deadline, end_); }

void Connection::end_within(std::chrono::milliseconds timeout) {
  end_ = std::min(end_, Clock::now() + timeout);
  deadline_ = std::min(deadline_, end_);
}

void Connection::check_deadline(TimePoint now) {
  if (now >= deadline_) expire();
}

void Connection::expire() {
  expired_ = true;
  ErrorCode ignored;
  socket_.cancel(ignored);
}

void Connection::revive() {
  if (!abandoned_) expired_ = false;
}

void Connection::begin_stop() {
  switch (stage_) {
    case Stage::idle: expire(); return;
    case Stage::busy: return;
    case Stage::streaming:
      if (on_stop) on_stop();
      return;
  }
}

void Connection::abandon() {
  abandoned_ = true;
  end_within(abandon_timeout);
  signal.set();
}

}  // namespace harmonia::net
