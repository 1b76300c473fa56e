#include <atomic>
#include <cerrno>
#include <exception>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/ip/address.hpp>

#include "base/assert.h"
#include "base/log.h"
#include "net/http_server.h"
#include "net/session.h"

namespace harmonia::net {
namespace {

constexpr int backlog = 4096;
// Connections beyond the limit that are answered with 503; more are closed unheard.
constexpr std::size_t refused_connections_max = 256;
// When the process has no descriptor left, say.
constexpr std::chrono::milliseconds accept_pause{50};

Error listen_error(const ServerOptions& options, const ErrorCode& code) {
  const std::string port = std::to_string(options.port);
  std::string detail;
  if (code.value() == EADDRINUSE) {
    detail = "port " + port + " on " + options.address +
             " is already in use; stop the other process or choose another port with --port or "
             "HARMONIA_PORT";
  } else if (code.value() == EADDRNOTAVAIL) {
    detail =
        options.address +
        " is not an address of this machine; choose another with --address or HARMONIA_ADDRESS";
  } else if (code.value() == EACCES) {
    detail = "port " + port + " on " + options.address +
             " needs privileges; choose one above 1023 with --port or HARMONIA_PORT";
  } else {
    detail = "could not listen on " + options.address + " port " + port + ": " + code.message();
  }
  return make_error(error_code::unavailable, std::move(detail));
}

void spawn_session(ServerContext& server, IoThread& io, Socket socket, bool over_limit) {
  auto session = std::make_unique<Session>(server, io, std::move(socket), over_limit);
  asio::co_spawn(io.context().get_executor(), run_session(std::move(session)),
                 [](std::exception_ptr failure) {
                   if (!failure) return;
                   try {
                     std::rethrow_exception(failure);
                   } catch (const std::exception& exception) {
                     log::error("a connection failed", {{"what", exception.what()}});
                   }
                 });
}

class Server final : public HttpServer {
 public:
  Server(const ServerOptions& options, Handler& handler)
      : context_{.options = options, .handler = handler} {
    for (unsigned i = 0; i < std::max(1u, options.threads); ++i) {
      io_threads_.push_back(std::make_unique<IoThread>());
    }
    acceptor_ = std::make_unique<Acceptor>(io_threads_.front()->context().get_executor());
    accept_pause_ = std::make_unique<Timer>(io_threads_.front()->context().get_executor());
  }

  ~Server() override {
    stop(std::chrono::milliseconds(0));
    // Before their io_context.
    accept_pause_.reset();
    acceptor_.reset();
  }

  // One acceptor without SO_REUSEPORT: with it a forgotten second process would share the port
  // unnoticed.
  Result<void> open() {
    const ServerOptions& options = context_.options;
    ErrorCode code;
    const std::string text = options.address == "localhost" ? "127.0.0.1" : options.address;
    const auto address = asio::ip::make_address(text, code);
    if (code) {
      return make_error(
          error_code::invalid_argument,
          "the address to listen on must be an IP address, not '" + options.address + "'");
    }
    const Tcp::endpoint endpoint(address, options.port);
    acceptor_->open(endpoint.protocol(), code);
    if (!code) acceptor_->set_option(Acceptor::reuse_address(true), code);
    if (!code) acceptor_->bind(endpoint, code);
    if (!code) acceptor_->listen(backlog, code);
    if (!code) port_ = acceptor_->local_endpoint(code).port();
    if (code) return listen_error(options, code);
    return {};
  }

  void start() override {
    ASSERT(!started_);
    started_ = true;
    asio::co_spawn(io_threads_.front()->context().get_executor(), accept_loop(),
                   [](std::exception_ptr failure) {
                     if (failure) log::error("the server accepts no more connections");
                   });
    for (const auto& io : io_threads_) io->run();
  }

  void stop(std::chrono::milliseconds grace) override {
    if (std::exchange(stopped_, true)) return;
    if (!started_) {
      for (const auto& io : io_threads_) io->finish();
      return;
    }
    asio::post(io_threads_.front()->context(), [this] { stop_accepting(); });
    for (const auto& io : io_threads_) {
      asio::post(io->context(), [thread = io.get()] { thread->begin_stop(); });
    }
    context_.connections.wait_until_none(grace);
    for (const auto& io : io_threads_) {
      asio::post(io->context(), [thread = io.get()] { thread->abandon(); });
    }
    for (const auto& io : io_threads_) io->finish();
  }

  std::uint16_t port() const override { return port_; }

  ServerMetrics metrics() const override {
    ServerMetrics metrics;
    for (const auto& io : io_threads_) {
      metrics.requests_total += io->requests_total.load(std::memory_order_relaxed);
      metrics.outlets_open += io->outlets_open.load(std::memory_order_relaxed);
    }
    metrics.connections_open = context_.connections.get();
    return metrics;
  }

 private:
  Awaitable<void> accept_loop() {
    std::size_t next = 0;
    while (!stop_accepting_) {
      IoThread& io = *io_threads_[next++ % io_threads_.size()];
      auto [error, socket] =
          co_await acceptor_->async_accept(io.context().get_executor(), use_tuple);
      if (stop_accepting_) co_return;
      if (error) {
        accept_pause_->expires_after(accept_pause);
        [[maybe_unused]] auto [ignored] = co_await accept_pause_->async_wait(use_tuple);
        continue;
      }
      hand_over(io, std::move(socket));
    }
  }

  void hand_over(IoThread& io, Socket socket) {
    const std::size_t limit = context_.options.connections_max;
    const std::size_t number = context_.connections.add(limit + refused_connections_max);
    if (number == 0) return;
    asio::post(io.context(),
               [this, &io, socket = std::move(socket), over_limit = number > limit]() mutable {
                 spawn_session(context_, io, std::move(socket), over_limit);
               });
  }

  void stop_accepting() {
    stop_accepting_ = true;
    ErrorCode ignored;
    acceptor_->close(ignored);
    accept_pause_->cancel();
  }

  ServerContext context_;
  std::vector<std::unique_ptr<IoThread>> io_threads_;
  // Both belong to the first io thread.
  std::unique_ptr<Acceptor> acceptor_;
  std::unique_ptr<Timer> accept_pause_;
  bool stop_accepting_ = false;  // first io thread only
  std::uint16_t port_ = 0;
  bool started_ = false;
  bool stopped_ = false;
};

}  // namespace

Result<std::unique_ptr<HttpServer>> HttpServer::listen(const ServerOptions& options,
                                                       Handler& handler) {
  auto server = std::make_unique<Server>(options, handler);
  TRY_DO(server->open());
  return std::unique_ptr<HttpServer>(std::move(server));
}

}  // namespace harmonia::net
