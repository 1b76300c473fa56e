#pragma once

#include <string>
#include <string_view>

#include "base/time.h"
#include "net/http.h"

namespace harmonia::api {

// What a WebSocket's client may say, as Tekton's clients do: {"type":"ping"} is answered with a
// pong, {"type":"unsubscribe"} ends the connection, other types are ignored. What is no JSON object
// ends the connection too.
void answer_client_message(net::Outlet& outlet, std::string_view text, const std::string& subject,
                           Timestamp now);

}  // namespace harmonia::api
