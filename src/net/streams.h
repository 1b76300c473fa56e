#pragma once

#include "net/connection.h"
#include "net/http.h"
#include "net/http_server.h"

namespace harmonia::net {

// Both serve an accepted decision to the end of the connection. The pointers outlive the call.
Awaitable<void> serve_web_socket(Connection* connection, const ServerOptions* options,
                                 Request request, StreamDecision decision);
Awaitable<void> serve_event_stream(Connection* connection, const ServerOptions* options,
                                   bool is_http_1_1, StreamDecision decision);

}  // namespace harmonia::net
