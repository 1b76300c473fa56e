#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "net/io.h"
#include "net/io_thread.h"

namespace harmonia::net {

// One accepted socket with its deadline. Lives on one io thread and is known to it from
// construction to destruction, so that a stop can reach it.
class Connection {
 public:
  // What a stop of the server does to the connection.
  enum class Stage {
    idle,       // ends at once
    busy,       // ends after the request in progress
    streaming,  // `on_stop` is called
  };

  Connection(IoThread& io, Socket socket);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  IoThread& io() { return io_; }
  Socket& socket() { return socket_; }
  const std::string& remote_address() const { return remote_address_; }

  // Bytes read; 0 at the end of the stream, on an error and past the deadline.
  Awaitable<std::size_t> read_some(asio::mutable_buffer buffer);
  // Writes both; each step forward gets `step_timeout`. False when the client is gone or too slow.
  Awaitable<bool> write(std::string_view first, std::string_view second,
                        std::chrono::milliseconds step_timeout);
  Awaitable<bool> write(std::string_view text, std::chrono::milliseconds step_timeout) {
    return write(text, std::string_view(), step_timeout);
  }
  // Says that nothing more will come, then discards what the client still sends for a moment:
  // closing with unread data would reset the connection and could take the answer with it.
  Awaitable<void> close_gently();

  // Ends the connection when the peer's machine acknowledges nothing for that long.
  void limit_silence(std::chrono::milliseconds max);

  void set_stage(Stage stage) { stage_ = stage; }
  void set_deadline(TimePoint deadline);
  void set_deadline_in(std::chrono::milliseconds timeout) { set_deadline(Clock::now() + timeout); }
  // No later deadline counts from now on.
  void end_within(std::chrono::milliseconds timeout);
  bool expired() const { return expired_; }

  void check_deadline(TimePoint now);
  void expire();  // every operation on the socket ends now, and later ones fail
  // After an expired deadline: the socket may be used again, for the answer that says so.
  void revive();
  void begin_stop();
  void abandon();
  bool abandoned() const { return abandoned_; }

  // Set when the server's handler has answered, and when the connection is abandoned.
  Signal signal;
  std::function<void()> on_stop;   // in stage streaming
  std::size_t registry_index = 0;  // the IoThread's

 private:
  IoThread& io_;
  Socket socket_;
  std::string remote_address_;
  TimePoint deadline_ = never;
  TimePoint end_ = never;  // no deadline is later
  Stage stage_ = Stage::idle;
  bool expired_ = false;
  bool abandoned_ = false;
};

}  // namespace harmonia::net
