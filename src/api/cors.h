#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "net/http.h"

// Cross-origin calls of browsers (the Fetch standard's CORS protocol), by an allow-list.
namespace harmonia::api {

// The value for Access-Control-Allow-Origin; empty when the request has no Origin or one that is
// not allowed.
std::string allowed_origin(const std::vector<std::string>& allowed, const net::Request& request);

// Whether a page of this Origin may open a WebSocket, which browsers do not protect by CORS: no
// Origin (not a browser), the same host, or one of the list.
bool may_connect(const std::vector<std::string>& allowed, const net::Request& request);

bool is_preflight(const net::Request& request);
void add_cors_headers(net::Response& response, const std::string& origin);
void add_preflight_headers(net::Response& response, std::string_view methods);

}  // namespace harmonia::api
