#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/result.h"
#include "net/http.h"

namespace harmonia::net {

struct ServerOptions {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8007;                 // 0: any free one
  unsigned threads = 2;                      // one io_context each
  std::size_t body_size_max = 16u << 20;     // beyond: 413
  std::size_t header_size_max = 16u << 10;   // beyond: 431
  std::size_t connections_max = 20'000;      // beyond: 503 and close
  std::size_t outlet_queue_max = 1024;       // messages waiting for one slow client
  std::size_t outlet_bytes_max = 16u << 20;  // and their bytes
  // Bytes waiting for all slow clients together, an equal part for each io thread. Beyond, a client
  // for which more than a little waits is closed like one that is too slow by itself.
  std::size_t outlets_bytes_max = 256u << 20;
  std::size_t message_size_max =
      1u << 20;  // a WebSocket message from a client; beyond: closed with 1009
  // For a whole request, from its first byte: 408. Also for a client that takes nothing of its
  // answer: closed.
  std::chrono::seconds read_timeout{30};
  std::chrono::seconds idle_timeout{75};  // keep-alive without a request; WebSocket without a pong
  std::chrono::seconds response_timeout{330};  // until the handler answers: 504
  std::chrono::seconds event_stream_keepalive{15};
  // For a streaming client to take its last words, be they a close frame or the reason of an
  // overflow.
  std::chrono::seconds close_timeout{5};
};

struct ServerMetrics {
  std::uint64_t requests_total = 0;
  std::uint64_t connections_open = 0;
  std::uint64_t outlets_open = 0;  // WebSockets and event streams
};

// HTTP/1.1 and WebSocket on one port. Malformed, oversized and slow requests are answered with
// application/problem+json (400, 408, 413, 417, 431, 501, 503, 504) and the connection is closed.
class HttpServer {
 public:
  // Binds and listens, so that a port in use is an error here (code `unavailable`, detail names the
  // port and what to do). `handler` must outlive the server.
  static Result<std::unique_ptr<HttpServer>> listen(const ServerOptions& options, Handler& handler);

  virtual ~HttpServer() = default;  // stops
  // Starts accepting. Before that, clients wait in the backlog.
  virtual void start() = 0;
  // Stops accepting, lets requests in progress end for up to `grace` (then they get 503), closes
  // streams with 1001 and joins the threads. Safe to call twice; not from an io thread, so not from
  // a handler.
  virtual void stop(std::chrono::milliseconds grace) = 0;
  virtual std::uint16_t port() const = 0;
  virtual ServerMetrics metrics() const = 0;
};

}  // namespace harmonia::net
