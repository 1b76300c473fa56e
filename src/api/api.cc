#include "api/api.h"

#include "api/context.h"
#include "api/cors.h"
#include "api/request_reader.h"
#include "api/response.h"

namespace harmonia::api {
namespace {

constexpr std::size_t request_id_size_max = 128;

// Letters, digits and a few signs: what may be written to headers and logs as it is.
bool is_clean_id(std::string_view text) {
  if (text.empty() || text.size() > request_id_size_max) return false;
  for (char c : text) {
    bool clean = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                 c == '-' || c == '_' || c == '.' || c == ':';
    if (!clean) return false;
  }
  return true;
}

std::string allowed_methods(const std::vector<const Route*>& routes) {
  std::string methods = "OPTIONS";
  for (const Route* route : routes) {
    methods += ", " + std::string(route->method);
    if (route->method == "GET") methods += ", HEAD";
  }
  return methods;
}

Error no_such_path(std::string_view path) {
  return make_error(error_code::not_found,
                    "there is nothing at " + quote_text(path) + "; GET /docs shows what there is");
}

Error malformed_path() {
  return make_error(error_code::invalid_argument, "the path has a malformed percent escape");
}

// Resources are JSON; a client that takes neither them nor problems can't be answered.
bool takes_json(const Route& route, const net::Request& request) {
  if (!route.pattern.starts_with("/api/")) return true;
  std::string_view accept = request.headers.get("Accept");
  return accepts(accept, "application/json") || accepts(accept, "application/problem+json");
}

class Api final : public net::Handler {
 public:
  Api(const ApiOptions& options, const ApiPorts& ports)
      : context_(options, ports), router_(all_routes()) {}

  void handle(net::Request request, net::Respond respond) override;
  net::StreamDecision upgrade(const net::Request& request) override;
  std::optional<net::StreamDecision> event_stream(const net::Request& request) override;

 private:
  // What a request turned out to be: a call of one route, or an answer already.
  struct Routed {
    const Route* route = nullptr;
    Call call = {};
    std::optional<net::Response> answer = {};
  };
  Routed find_route(net::Request request);
  net::Respond dress(const Routed& routed, net::Respond respond);
  std::string request_id_of(const net::Request& request);
  net::StreamDecision refuse(const Routed& routed, net::Response response);
  net::StreamDecision accept(const Routed& routed, net::StreamDecision decision);
  void run(Routed routed, net::Respond respond);

  Context context_;
  const Router router_;
};

std::string Api::request_id_of(const net::Request& request) {
  std::string_view given = request.headers.get("X-Request-ID");
  if (is_clean_id(given)) return std::string(given);
  return to_string(context_.ports.ids.next(context_.ports.clock.now()));
}

Api::Routed Api::find_route(net::Request request) {
  Routed routed;
  routed.call.request_id = request_id_of(request);
  std::string target = request.target.empty() ? request.path : request.target;
  Router::Match match = router_.match(path_of_target(target));
  std::string method = request.method == "HEAD" ? "GET" : request.method;
  if (match.routes.empty()) {
    routed.answer = problem_response(no_such_path(path_of_target(target)));
  } else if (match.malformed) {
    routed.answer = problem_response(malformed_path());
  } else if (method == "OPTIONS") {
    routed.answer = empty_response(204);
    routed.answer->headers.set("Allow", allowed_methods(match.routes));
    if (is_preflight(request)) {
      add_preflight_headers(*routed.answer, allowed_methods(match.routes));
    }
  } else {
    for (const Route* route : match.routes) {
      if (route->method == method) routed.route = route;
    }
    if (routed.route == nullptr) {
      std::string allowed = allowed_methods(match.routes);
      routed.answer = problem_response(
          make_error("method_not_allowed",
                     quote_text(method) + " is not possible here; there are " + allowed));
      routed.answer->headers.set("Allow", allowed);
    } else if (!takes_json(*routed.route, request)) {
      routed.answer = problem_response(make_error(
          "not_acceptable", "answers here are application/json, which Accept leaves out"));
    }
  }
  routed.call.parameters = std::move(match.parameters);
  routed.call.request = std::move(request);
  return routed;
}

// What every answer gets: the request's id, CORS headers, and its place in the metrics.
net::Respond Api::dress(const Routed& routed, net::Respond respond) {
  return [this, route = routed.route, id = routed.call.request_id,
          origin = allowed_origin(context_.options.allowed_origins, routed.call.request),
          context_id = std::string(routed.call.request.headers.get("X-Context-ID")),
          begin = std::chrono::steady_clock::now(),
          respond = std::move(respond)](net::Response response) {
    response.headers.set("X-Request-ID", id);
    if (is_clean_id(context_id)) response.headers.set("X-Context-ID", context_id);
    add_cors_headers(response, origin);
    context_.requests.count(route, response.status, std::chrono::steady_clock::now() - begin);
    respond(std::move(response));
  };
}

void Api::handle(net::Request request, net::Respond respond) {
  Routed routed = find_route(std::move(request));
  net::Respond answer = dress(routed, std::move(respond));
  if (routed.answer) return answer(std::move(*routed.answer));
  run(std::move(routed), std::move(answer));
}

void Api::run(Routed routed, net::Respond respond) {
  if (const auto* answer = std::get_if<Answer>(&routed.route->handler)) {
    auto response = (*answer)(context_, routed.call);
    respond(response.ok() ? std::move(*response) : problem_response(response.error()));
  } else if (const auto* begin = std::get_if<Begin>(&routed.route->handler)) {
    (*begin)(context_, std::move(routed.call), std::move(respond));
  } else if (std::holds_alternative<WebSocketRoute>(routed.route->handler)) {
    net::Response response = problem_response(
        make_error("upgrade_required", "this is a WebSocket: connect to it with ws://"), 426);
    response.headers.set("Upgrade", "websocket");
    respond(std::move(response));
  } else {
    respond(problem_response(make_error(
        "not_acceptable", "this is an event stream: ask for it with Accept: text/event-stream")));
  }
}

net::StreamDecision Api::refuse(const Routed& routed, net::Response response) {
  net::StreamDecision decision;
  dress(routed, [&decision](net::Response dressed) { decision.refusal = std::move(dressed); })(
      std::move(response));
  return decision;
}

net::StreamDecision Api::accept(const Routed& routed, net::StreamDecision decision) {
  if (decision.refusal) return refuse(routed, std::move(*decision.refusal));
  net::Response answer;
  answer.headers.set("X-Request-ID", routed.call.request_id);
  add_cors_headers(answer, allowed_origin(context_.options.allowed_origins, routed.call.request));
  decision.headers = std::move(answer.headers);
  context_.requests.count(routed.route, 101, std::chrono::nanoseconds(0));
  return decision;
}

net::StreamDecision Api::upgrade(const net::Request& request) {
  Routed routed = find_route(request);
  if (routed.answer) return refuse(routed, std::move(*routed.answer));
  const auto* web_socket = std::get_if<WebSocketRoute>(&routed.route->handler);
  if (web_socket == nullptr) {
    return refuse(routed, problem_response(make_error(error_code::invalid_argument,
                                                      "there is no WebSocket at this path")));
  }
  if (!may_connect(context_.options.allowed_origins, request)) {
    return refuse(routed, problem_response(make_error(error_code::refused,
                                                      "pages of this origin may not connect; allow "
                                                      "the origin in the configuration")));
  }
  return accept(routed, web_socket->accept(context_, routed.call));
}

std::optional<net::StreamDecision> Api::event_stream(const net::Request& request) {
  Routed routed = find_route(request);
  if (routed.answer) return std::nullopt;
  const auto* stream = std::get_if<EventStreamRoute>(&routed.route->handler);
  if (stream == nullptr) return std::nullopt;
  return accept(routed, stream->accept(context_, routed.call));
}

}  // namespace

std::unique_ptr<net::Handler> make_api(const ApiOptions& options, const ApiPorts& ports) {
  return std::make_unique<Api>(options, ports);
}

}  // namespace harmonia::api
