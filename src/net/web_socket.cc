#include <chrono>
#include <exception>
#include <memory>
#include <string>
#include <utility>

#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/message.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "base/utf8.h"
#include "net/outlet_queue.h"
#include "net/streams.h"

namespace harmonia::net {
namespace {

namespace beast = boost::beast;
namespace http = beast::http;
namespace websocket = beast::websocket;

constexpr std::chrono::seconds handshake_timeout{10};
constexpr std::size_t kept_buffer_max = 64u << 10;

using Handshake = http::request<http::empty_body>;

Handshake handshake_of(const Request& request) {
  Handshake handshake(http::verb::get, request.target, 11);
  for (const auto& [name, value] : request.headers.all()) handshake.insert(name, value);
  return handshake;
}

// What a close frame has room for.
constexpr std::size_t reason_size_max = 123;

class WebSocket {
 public:
  WebSocket(Connection& connection, const ServerOptions& options, StreamDecision decision)
      : connection_(connection),
        options_(options),
        events_(std::move(decision.events)),
        stream_(connection.socket()),
        wake_(connection.io().context().get_executor()),
        writer_over_(connection.io().context().get_executor()) {
    outlet_ = make_outlet(connection, options, [this] { on_work(); });
    if (!decision.subprotocol.empty()) {
      decision.headers.set("Sec-WebSocket-Protocol", std::move(decision.subprotocol));
    }
    configure(std::move(decision.headers));
  }

  Awaitable<void> run(Request request) {
    const Handshake handshake = handshake_of(request);
    connection_.set_deadline_in(handshake_timeout);
    auto [error] = co_await stream_.async_accept(handshake, use_tuple);
    if (error) co_return;
    connection_.set_deadline(never);
    connection_.on_stop = [this] {
      outlet_->close(websocket::close_code::going_away, "the server is stopping");
    };
    if (connection_.io().stopping()) connection_.on_stop();
    connection_.io().outlets_open.fetch_add(1);
    call_guarded(events_.on_open, outlet_);
    asio::co_spawn(connection_.io().context().get_executor(), write_loop(),
                   [this](std::exception_ptr) {
                     writing_ = false;
                     writer_over_.set();
                   });
    try {
      co_await read_loop();
    } catch (const std::exception& exception) {
      log::error("a WebSocket failed", {{"what", exception.what()}});
    }
    outlet_->detach();
    connection_.on_stop = nullptr;
    co_await end_writer();
    connection_.io().outlets_open.fetch_sub(1);
    call_guarded(events_.on_close);
  }

 private:
  void configure(Headers headers) {
    // A ping goes out after half the idle time; without any answer the connection ends.
    const websocket::stream_base::timeout timeout{.handshake_timeout = handshake_timeout,
                                                  .idle_timeout = options_.idle_timeout,
                                                  .keep_alive_pings = true};
    stream_.set_option(timeout);
    stream_.read_message_max(options_.message_size_max);
    stream_.text(true);
    if (headers.all().empty()) return;
    stream_.set_option(websocket::stream_base::decorator(
        [headers = std::move(headers)](websocket::response_type& response) {
          for (const auto& [name, value] : headers.all()) response.insert(name, value);
        }));
  }

  Awaitable<void> read_loop() {
    beast::flat_buffer buffer;
    while (!connection_.expired()) {
      auto [error, size] = co_await stream_.async_read(buffer, use_tuple);
      if (error) co_return;
      if (!stream_.got_text()) {
        outlet_->close(websocket::close_code::unknown_data, "only text messages are understood");
      } else if (outlet_->is_open()) {
        const std::string_view text(static_cast<const char*>(buffer.data().data()), size);
        if (!call_guarded(events_.on_message, text)) {
          outlet_->close(websocket::close_code::internal_error, "the message could not be handled");
        }
      }
      buffer.consume(size);
      if (buffer.capacity() > kept_buffer_max) buffer.shrink_to_fit();
    }
  }

  Awaitable<void> write_loop() {
    for (;;) {
      auto message = outlet_->take();
      if (message) {
        connection_.set_deadline_in(options_.read_timeout);
        auto [error, size] = co_await stream_.async_write(asio::buffer(*message), use_tuple);
        if (error) co_return connection_.expire();
        connection_.set_deadline(never);
        drained_untold_ = true;
        continue;
      }
      if (reading_over_) co_return;
      const auto closing = outlet_->closing();
      if (closing) {
        const websocket::close_reason reason = reason_of(*closing);
        connection_.end_within(options_.close_timeout);
        co_await stream_.async_close(reason, use_tuple);
        co_return connection_.expire();
      }
      if (std::exchange(drained_untold_, false) && events_.on_drained) {
        events_.on_drained();
        continue;
      }
      co_await wake_.wait(never);
    }
  }

  websocket::close_reason reason_of(const OutletQueue::Closing& closing) {
    std::string text = closing.reason;
    if (closing.overflowed) text = overflow_reason(events_);
    return {static_cast<websocket::close_code>(closing.code), utf8_prefix(text, reason_size_max)};
  }

  Awaitable<void> end_writer() {
    reading_over_ = true;
    connection_.end_within(options_.close_timeout);
    wake_.set();
    while (writing_) co_await writer_over_.wait(never);
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
  websocket::stream<Socket&> stream_;
  std::shared_ptr<OutletQueue> outlet_;  // shared with the handler
  Signal wake_;
  Signal writer_over_;
  bool writing_ = true;
  bool reading_over_ = false;
  bool drained_untold_ = false;  // written since on_drained was called
};

}  // namespace

Awaitable<void> serve_web_socket(Connection* connection, const ServerOptions* options,
                                 Request request, StreamDecision decision) {
  WebSocket web_socket(*connection, *options, std::move(decision));
  co_await web_socket.run(std::move(request));
}

}  // namespace harmonia::net
