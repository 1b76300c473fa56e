#pragma once

// For the tests of net/ only: a server on a free port whose handler is made of functions.

#include <functional>
#include <memory>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "net/http_client.h"
#include "net/http_server.h"

namespace harmonia::net::testing {

class TestHandler final : public Handler {
 public:
  std::function<void(Request, Respond)> on_handle = [](Request request, Respond respond) {
    Response response;
    response.headers.set("Content-Type", "text/plain");
    response.body = request.method + " " + request.path + " " + request.body;
    respond(std::move(response));
  };
  std::function<StreamDecision(const Request&)> on_upgrade = [](const Request&) {
    StreamDecision decision;
    decision.refusal = Response{.status = 404};
    return decision;
  };
  std::function<std::optional<StreamDecision>(const Request&)> on_event_stream =
      [](const Request&) { return std::optional<StreamDecision>(); };

  void handle(Request request, Respond respond) override {
    on_handle(std::move(request), std::move(respond));
  }
  StreamDecision upgrade(const Request& request) override { return on_upgrade(request); }
  std::optional<StreamDecision> event_stream(const Request& request) override {
    return on_event_stream(request);
  }
};

// Set handler and options first, then start().
class TestServer {
 public:
  TestHandler handler;
  ServerOptions options;

  TestServer() { options.port = 0; }

  void start() {
    auto listening = HttpServer::listen(options, handler);
    ASSERT_TRUE(listening.ok()) << listening.error().detail;
    server_ = std::move(listening).value();
    server_->start();
  }

  HttpServer& operator*() { return *server_; }
  HttpServer* operator->() { return server_.get(); }
  std::uint16_t port() const { return server_->port(); }
  std::string url(const std::string& path) const {
    return "http://127.0.0.1:" + std::to_string(port()) + path;
  }
  void destroy() { server_.reset(); }

 private:
  std::unique_ptr<HttpServer> server_;
};

// A request that may go to the test server.
inline ClientRequest local_request(std::string url) {
  ClientRequest request;
  request.url = std::move(url);
  request.allow_private_addresses = true;
  return request;
}

// True when the condition holds within the time.
template <class Condition>
bool eventually(Condition condition, std::chrono::milliseconds within = std::chrono::seconds(10)) {
  const auto end = std::chrono::steady_clock::now() + within;
  while (std::chrono::steady_clock::now() < end) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return condition();
}

}  // namespace harmonia::net::testing
