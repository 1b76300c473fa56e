#pragma once

// For the tests of tasks/: a real HTTP server on a free port that answers as told and remembers
// what it was asked.

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "net/http_server.h"

namespace harmonia::tasks::testing {

class WebSite final : public net::Handler {
 public:
  using Answer = std::function<void(const net::Request&, net::Respond)>;

  WebSite() {
    auto listening = net::HttpServer::listen({.port = 0, .threads = 1}, *this);
    ASSERT(listening.ok());
    server_ = std::move(listening).value();
    server_->start();
  }
  ~WebSite() override { server_->stop(std::chrono::milliseconds(0)); }

  // Before the first request.
  void answers(int status, std::string body, std::string type = "text/plain") {
    answer = [=](const net::Request&, net::Respond respond) {
      net::Response response{.status = status, .headers = {}, .body = body};
      response.headers.set("Content-Type", type);
      respond(std::move(response));
    };
  }
  // Before the first request: it gets no answer until `let_go`.
  void keeps_silent() {
    answer = [this](const net::Request&, net::Respond respond) {
      const std::lock_guard lock(mutex_);
      kept_.push_back(std::move(respond));
    };
  }
  void let_go(const std::string& type = "text/plain", const std::string& body = "") {
    std::vector<net::Respond> kept;
    {
      const std::lock_guard lock(mutex_);
      kept.swap(kept_);
    }
    for (const net::Respond& respond : kept) {
      net::Response response{.status = 200, .headers = {}, .body = body};
      response.headers.set("Content-Type", type);
      respond(std::move(response));
    }
  }
  std::size_t kept_count() {
    const std::lock_guard lock(mutex_);
    return kept_.size();
  }
  Answer answer = [](const net::Request&, net::Respond respond) { respond({}); };

  std::string url(const std::string& target) const {
    return "http://127.0.0.1:" + std::to_string(server_->port()) + target;
  }
  std::vector<net::Request> requests() {
    const std::lock_guard lock(mutex_);
    return requests_;
  }
  net::Request last() { return requests().back(); }

 private:
  void handle(net::Request request, net::Respond respond) override {
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request);
    }
    answer(request, std::move(respond));
  }
  net::StreamDecision upgrade(const net::Request&) override {
    net::StreamDecision decision;
    decision.refusal = net::Response{.status = 404, .headers = {}, .body = {}};
    return decision;
  }
  std::optional<net::StreamDecision> event_stream(const net::Request&) override {
    return std::nullopt;
  }

  std::mutex mutex_;  // guards what follows
  std::vector<net::Request> requests_;
  std::vector<net::Respond> kept_;
  std::unique_ptr<net::HttpServer> server_;
};

}  // namespace harmonia::tasks::testing
