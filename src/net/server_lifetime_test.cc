#include <atomic>
#include <chrono>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "net/http_server.h"
#include "net/testing/raw_socket.h"
#include "net/testing/test_server.h"

namespace harmonia::net {
namespace {

using namespace std::chrono_literals;
using testing::eventually;
using testing::RawSocket;
using testing::TestHandler;
using testing::TestServer;

TEST(ServerLifetime, a_port_in_use_is_a_clear_error) {
  TestServer server;
  server.start();
  ServerOptions options;
  options.port = server.port();
  const auto second = HttpServer::listen(options, server.handler);
  ASSERT_FALSE(second.ok());
  EXPECT_EQ(second.error().code, error_code::unavailable);
  EXPECT_EQ(second.error().detail, "port " + std::to_string(server.port()) +
                                       " on 127.0.0.1 is already in use; stop the other process or "
                                       "choose another port with --port or "
                                       "HARMONIA_PORT");
}

TEST(ServerLifetime, an_address_of_another_machine_is_a_clear_error) {
  TestHandler handler;
  ServerOptions options;
  options.port = 0;
  options.address = "192.0.2.1";
  const auto foreign = HttpServer::listen(options, handler);
  ASSERT_FALSE(foreign.ok());
  EXPECT_EQ(foreign.error().code, error_code::unavailable);
  EXPECT_NE(foreign.error().detail.find("is not an address of this machine"), std::string::npos);
  options.address = "nonsense";
  const auto malformed = HttpServer::listen(options, handler);
  ASSERT_FALSE(malformed.ok());
  EXPECT_EQ(malformed.error().code, error_code::invalid_argument);
}

TEST(ServerLifetime, a_port_is_free_again_at_once_after_a_stop) {
  TestServer server;
  server.start();
  const std::uint16_t port = server.port();
  RawSocket client(port);
  client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  client.read_until("GET / ");
  server.destroy();
  server.options.port = port;
  server.start();
  EXPECT_EQ(server.port(), port);
}

TEST(ServerLifetime, a_server_never_started_can_be_destroyed) {
  TestHandler handler;
  ServerOptions options;
  options.port = 0;
  const auto server = HttpServer::listen(options, handler);
  ASSERT_TRUE(server.ok());
  EXPECT_GT((*server)->port(), 0);
}

TEST(ServerLifetime, clients_wait_in_the_backlog_until_the_start) {
  TestHandler handler;
  ServerOptions options;
  options.port = 0;
  auto server = HttpServer::listen(options, handler);
  ASSERT_TRUE(server.ok());
  RawSocket client((*server)->port());
  ASSERT_TRUE(client.connected());
  client.send("GET /early HTTP/1.1\r\nHost: h\r\n\r\n");
  (*server)->start();
  EXPECT_TRUE(client.read_until("/early ").ends_with("GET /early "));
}

TEST(ServerLifetime, a_stop_closes_idle_connections_at_once) {
  TestServer server;
  server.start();
  RawSocket fresh(server.port());
  RawSocket used(server.port());
  used.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  used.read_until("GET / ");
  ASSERT_TRUE(eventually([&] { return server->metrics().connections_open == 2; }));
  const auto start = std::chrono::steady_clock::now();
  server->stop(10s);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 2s);
  fresh.read_to_end();
  EXPECT_TRUE(fresh.closed_by_peer());
  EXPECT_EQ(server->metrics().connections_open, 0u);
  server->stop(10s);
}

TEST(ServerLifetime, a_stop_lets_requests_in_progress_end) {
  TestServer server;
  std::atomic<bool> begun = false;
  server.handler.on_handle = [&begun](Request, Respond respond) {
    begun = true;
    std::thread([respond = std::move(respond)] {
      std::this_thread::sleep_for(300ms);
      respond(Response{.body = "done"});
    }).detach();
  };
  server.start();
  RawSocket client(server.port());
  client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(eventually([&] { return begun.load(); }));
  server->stop(10s);
  const std::string answer = client.read_to_end();
  EXPECT_TRUE(answer.ends_with("done")) << answer;
  EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos);
}

TEST(ServerLifetime, after_the_grace_requests_get_503_and_late_answers_do_no_harm) {
  TestServer server;
  std::mutex mutex;
  std::vector<Respond> held;
  server.handler.on_handle = [&](Request, Respond respond) {
    const std::lock_guard lock(mutex);
    held.push_back(std::move(respond));
  };
  server.start();
  RawSocket client(server.port());
  client.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(eventually([&] { return server->metrics().requests_total == 1; }));
  const auto start = std::chrono::steady_clock::now();
  server->stop(100ms);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 3s);
  EXPECT_TRUE(client.read_to_end().starts_with("HTTP/1.1 503 "));
  server.destroy();
  const std::lock_guard lock(mutex);
  held.at(0)(Response{});
  held.clear();
}

TEST(ServerLifetime, a_stop_under_load_ends) {
  for (int round = 0; round < 5; ++round) {
    TestServer server;
    server.handler.on_handle = [](Request, Respond respond) {
      std::thread([respond = std::move(respond)] { respond(Response{.body = "x"}); }).detach();
    };
    server.start();
    std::atomic<bool> over = false;
    std::vector<std::thread> clients;
    for (int i = 0; i < 8; ++i) {
      clients.emplace_back([&] {
        while (!over) {
          RawSocket socket(server.port());
          for (int n = 0; n < 3 && socket.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n"); ++n) {
            if (socket.read_until("\r\n\r\nx").empty()) break;
            socket.forget();
          }
        }
      });
    }
    std::this_thread::sleep_for(100ms);
    const auto start = std::chrono::steady_clock::now();
    server->stop(2s);
    EXPECT_LT(std::chrono::steady_clock::now() - start, 5s);
    over = true;
    for (std::thread& client : clients) client.join();
  }
}

}  // namespace
}  // namespace harmonia::net
