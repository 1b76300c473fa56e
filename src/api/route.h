#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/result.h"
#include "net/http.h"

namespace harmonia::api {

struct Context;
struct Route;

// A segment `{name}` of the route's pattern, percent-decoded. `{path}` is the path of a task and
// takes several segments: its slashes may be escaped or not.
using PathParameters = std::vector<std::pair<std::string_view, std::string>>;

// One request on its way through a handler function.
struct Call {
  net::Request request;
  PathParameters parameters = {};
  std::string request_id = {};

  // The path parameter; the route's pattern must have it.
  const std::string& parameter(std::string_view name) const;
};

// Answers at once.
using Answer = Result<net::Response> (*)(Context&, const Call&);
// Answers later, from any thread.
using Begin = void (*)(Context&, Call, net::Respond);
// Takes over the connection, or refuses.
struct WebSocketRoute {
  net::StreamDecision (*accept)(Context&, const Call&);
};
struct EventStreamRoute {
  net::StreamDecision (*accept)(Context&, const Call&);
};

struct Route {
  std::string_view method;  // HEAD goes to GET
  std::string_view
      pattern;  // `/api/workflows/{id}`; what begins with /api/ answers at /api/v1/ too
  std::string_view operation_id;  // of the OpenAPI document
  std::variant<Answer, Begin, WebSocketRoute, EventStreamRoute> handler;
};

// Every route there is, in the order in which they are tried.
std::span<const Route> all_routes();

// Finds the routes for a path. Immutable once made.
class Router {
 public:
  // The routes must outlive it.
  explicit Router(std::span<const Route> routes);

  struct Match {
    std::vector<const Route*> routes;  // one for each method; empty: no such path
    PathParameters parameters;
    bool malformed = false;  // a percent escape is broken
  };
  // The path is the raw one of the request's target: an escaped slash does not separate.
  Match match(std::string_view path) const;

 private:
  struct Entry {
    std::vector<std::string_view> segments;
    std::vector<const Route*> routes;
  };
  // Patterns with fewer parameters first, then longer ones: they say more about a path.
  std::vector<Entry> entries_;
};

// The path of a request's target, still escaped.
std::string_view path_of_target(std::string_view target);

}  // namespace harmonia::api
