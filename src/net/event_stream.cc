#include <array>
#include <cstdio>
#include <exception>
#include <string>
#include <utility>

#include <boost/asio/buffer.hpp>

#include "net/outlet_queue.h"
#include "net/response_head.h"
#include "net/streams.h"

namespace harmonia::net {
namespace {

// Waiting messages are sent together up to this size.
constexpr std::size_t batch_size = 64u << 10;

// Of a client whose machine is gone: no byte acknowledged, keepalives neither.
constexpr std::chrono::seconds silence_max{60};

std::string chunk_head(std::size_t size) {
  std::array<char, 24> text;
  const int length = std::snprintf(text.data(), text.size(), "%zx\r\n", size);
  return std::string(text.data(), static_cast<std::size_t>(length));
}

// A comment of the event stream format: ignored by clients, read by people.
std::string as_comment(std::string text) {
  for (char& c : text) {
    if (c == '\n' || c == '\r') c = ' ';
  }
  return ": " + text + "\n\n";
}

class EventStream {
 public:
  EventStream(Connection& connection, const ServerOptions& options, StreamDecision decision)
      : connection_(connection),
        options_(options),
        events_(std::move(decision.events)),
        headers_(std::move(decision.headers)),
        wake_(connection.io().context().get_executor()),
        watch_over_(connection.io().context().get_executor()) {
    outlet_ = make_outlet(connection, options, [this] { on_work(); });
  }

  Awaitable<void> run(bool is_http_1_1) {
    chunked_ = is_http_1_1;
    connection_.limit_silence(silence_max);
    const bool started = co_await write_head();
    if (!started) co_return;
    connection_.on_stop = [this] { outlet_->close(1001, "the server is stopping"); };
    if (connection_.io().stopping()) connection_.on_stop();
    asio::co_spawn(connection_.io().context().get_executor(), watch(), [this](std::exception_ptr) {
      client_gone_ = true;
      watching_ = false;
      wake_.set();
      watch_over_.set();
    });
    connection_.io().outlets_open.fetch_add(1);
    call_guarded(events_.on_open, outlet_);
    try {
      co_await write_loop();
    } catch (const std::exception& exception) {
      log::error("an event stream failed", {{"what", exception.what()}});
    }
    outlet_->detach();
    connection_.on_stop = nullptr;
    co_await end_watch();
    connection_.io().outlets_open.fetch_sub(1);
    call_guarded(events_.on_close);
  }

 private:
  Awaitable<bool> write_head() {
    Response response{.headers = std::move(headers_)};
    response.headers.set("Content-Type", "text/event-stream");
    response.headers.set("Cache-Control", "no-store");
    response.headers.set("X-Accel-Buffering", "no");  // or nginx holds events back
    const HeadFraming framing{.date = connection_.io().date(),
                              .keep_alive = false,
                              .body_end = chunked_ ? BodyEnd::chunked : BodyEnd::close};
    const std::string head = format_head(response, framing);
    co_return co_await connection_.write(head, options_.read_timeout);
  }

  Awaitable<void> write_loop() {
    while (!client_gone_) {
      std::string batch = next_batch();
      const auto closing = outlet_->closing();
      if (!batch.empty()) {
        const bool written = co_await write_body(std::move(batch));
        if (!written) co_return;
        drained_untold_ = true;
        continue;
      }
      if (closing) {
        co_await write_end(closing->overflowed);
        co_return;
      }
      connection_.set_deadline(never);
      if (std::exchange(drained_untold_, false) && events_.on_drained) {
        events_.on_drained();
        continue;
      }
      const bool woken = co_await wake_.wait(Clock::now() + options_.event_stream_keepalive);
      if (!woken) {
        const bool written = co_await write_body(": keepalive\n\n");
        if (!written) co_return;
      }
    }
  }

  std::string next_batch() {
    std::string batch;
    while (batch.size() < batch_size) {
      auto message = outlet_->take();
      if (!message) break;
      batch += *message;
    }
    return batch;
  }

  Awaitable<bool> write_body(std::string text) {
    if (chunked_) text = chunk_head(text.size()) + text + "\r\n";
    co_return co_await connection_.write(text, options_.read_timeout);
  }

  Awaitable<void> write_end(bool overflowed) {
    const std::string reason = overflowed ? overflow_reason(events_) : std::string();
    if (!reason.empty()) {
      const bool written = co_await write_body(as_comment(reason));
      if (!written) co_return;
    }
    if (chunked_) co_await connection_.write("0\r\n\r\n", options_.close_timeout);
  }

  // A client that has nothing to say can only be seen to leave by reading.
  Awaitable<void> watch() {
    std::array<char, 512> ignored;
    while (!watch_must_end_) {
      const std::size_t count = co_await connection_.read_some(asio::buffer(ignored));
      if (count == 0) break;
    }
  }

  Awaitable<void> end_watch() {
    const bool was_expired = connection_.expired();
    watch_must_end_ = true;
    while (watching_) {
      connection_.expire();
      co_await watch_over_.wait(Clock::now() + options_.close_timeout);
    }
    if (!was_expired) connection_.revive();
  }

  void on_work() {
    wake_.set();
    const auto closing = outlet_->closing();
    // The write in progress may be the one that does not end.
    if (closing && closing->overflowed) connection_.end_within(options_.close_timeout);
  }

  Connection& connection_;
  const ServerOptions& options_;
  OutletEvents events_;
  Headers headers_;                      // of the answer
  std::shared_ptr<OutletQueue> outlet_;  // shared with the handler
  Signal wake_;
  Signal watch_over_;
  bool chunked_ = true;
  bool watching_ = true;
  bool watch_must_end_ = false;
  bool client_gone_ = false;
  bool drained_untold_ = false;  // written since on_drained was called
};

}  // namespace

Awaitable<void> serve_event_stream(Connection* connection, const ServerOptions* options,
                                   bool is_http_1_1, StreamDecision decision) {
  EventStream stream(*connection, *options, std::move(decision));
  co_await stream.run(is_http_1_1);
}

}  // namespace harmonia::net
