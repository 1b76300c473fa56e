#include "api/cors.h"

#include <algorithm>

namespace harmonia::api {

std::string allowed_origin(const std::vector<std::string>& allowed, const net::Request& request) {
  std::string_view origin = request.headers.get("Origin");
  if (origin.empty()) return {};
  bool listed = std::any_of(allowed.begin(), allowed.end(), [origin](const std::string& item) {
    return item == "*" || item == origin;
  });
  return listed ? std::string(origin) : std::string();
}

bool may_connect(const std::vector<std::string>& allowed, const net::Request& request) {
  std::string_view origin = request.headers.get("Origin");
  if (origin.empty() || !allowed_origin(allowed, request).empty()) return true;
  std::size_t scheme = origin.find("://");
  if (scheme == std::string_view::npos) return false;
  return net::equal_without_case(origin.substr(scheme + 3), request.headers.get("Host"));
}

bool is_preflight(const net::Request& request) {
  return request.method == "OPTIONS" && request.headers.has("Access-Control-Request-Method");
}

void add_cors_headers(net::Response& response, const std::string& origin) {
  response.headers.add("Vary", "Origin");
  if (origin.empty()) return;
  response.headers.set("Access-Control-Allow-Origin", origin);
  response.headers.set("Access-Control-Expose-Headers",
                       "ETag, Link, Location, Content-Location, Retry-After, X-Request-ID, "
                       "Idempotency-Replayed");
}

void add_preflight_headers(net::Response& response, std::string_view methods) {
  response.headers.set("Access-Control-Allow-Methods", std::string(methods));
  response.headers.set("Access-Control-Allow-Headers",
                       "Accept, Authorization, Content-Type, Idempotency-Key, If-Match, "
                       "If-None-Match, Last-Event-ID, X-API-Key, X-Request-ID, X-Context-ID, "
                       "X-User-ID, traceparent, tracestate");
  response.headers.set("Access-Control-Max-Age", "600");
}

}  // namespace harmonia::api
