#pragma once

#include <algorithm>
#include <exception>
#include <functional>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "base/log.h"
#include "net/connection.h"
#include "net/http.h"
#include "net/http_server.h"
#include "net/io_thread.h"
#include "net/outlet_queue.h"

namespace harmonia::net {

// Calls what a handler gave. The server uses no exceptions, but a handler's may come from a library
// below it; one that passed through would leave the connection's other coroutine with freed memory.
// False when it threw.
template <class Callback, class... Arguments>
bool call_guarded(const Callback& callback, Arguments&&... arguments) {
  if constexpr (std::is_constructible_v<bool, const Callback&>) {
    if (!callback) return true;
  }
  try {
    callback(std::forward<Arguments>(arguments)...);
    return true;
  } catch (const std::exception& exception) {
    log::error("a handler of a stream threw", {{"what", exception.what()}});
    return false;
  }
}

// What a client that was too slow is told.
inline std::string overflow_reason(const OutletEvents& events) {
  std::string reason;
  if (!events.on_overflow) return reason;
  call_guarded([&] { reason = events.on_overflow(); });
  return reason;
}

// What waits for the client of this connection.
inline std::shared_ptr<OutletQueue> make_outlet(Connection& connection,
                                                const ServerOptions& options,
                                                std::function<void()> on_work) {
  const OutletQueue::Limits limits{
      .messages_max = options.outlet_queue_max,
      .bytes_max = options.outlet_bytes_max,
      .total_bytes_max = options.outlets_bytes_max / std::max(1u, options.threads)};
  return std::make_shared<OutletQueue>(connection.io().postbox(), connection.io().outlet_bytes,
                                       limits, std::move(on_work));
}

// Both serve an accepted decision to the end of the connection. The pointers outlive the call.
Awaitable<void> serve_web_socket(Connection* connection, const ServerOptions* options,
                                 Request request, StreamDecision decision);
Awaitable<void> serve_event_stream(Connection* connection, const ServerOptions* options,
                                   bool is_http_1_1, StreamDecision decision);

}  // namespace harmonia::net
