#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "net/http_server.h"
#include "net/testing/raw_socket.h"
#include "net/testing/test_server.h"
#include "net/testing/web_socket_client.h"

namespace harmonia::net {
namespace {

using namespace std::chrono_literals;
using testing::eventually;
using testing::RawSocket;
using testing::TestServer;
using testing::WebSocketClient;

constexpr char handshake[] =
    "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
    "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";

class WebSockets : public ::testing::Test {
 protected:
  void SetUp() override {
    server_.handler.on_upgrade = [this](const Request&) {
      StreamDecision decision;
      decision.events.on_open = [this](std::shared_ptr<Outlet> outlet) {
        const std::lock_guard lock(mutex_);
        outlets_.push_back(std::move(outlet));
        ++opened_;
      };
      decision.events.on_message = [this](std::string_view text) {
        outlet()->send("echo " + std::string(text));
      };
      decision.events.on_close = [this] { ++closed_; };
      decision.events.on_overflow = [] { return std::string("too slow; resume with ?after=42"); };
      return decision;
    };
  }

  std::shared_ptr<Outlet> outlet() {
    const std::lock_guard lock(mutex_);
    return outlets_.at(0);
  }
  // A client whose outlet is there.
  void open(WebSocketClient& client, const WebSocketClient::Options& options) {
    const int before = opened_;
    ASSERT_EQ(client.connect(server_.port(), options), 101);
    ASSERT_TRUE(eventually([&] { return opened_ == before + 1; }));
  }

  std::mutex mutex_;
  std::vector<std::shared_ptr<Outlet>> outlets_;
  std::atomic<int> opened_ = 0;
  std::atomic<int> closed_ = 0;
  TestServer server_;
};

TEST_F(WebSockets, messages_go_both_ways_in_order) {
  server_.start();
  WebSocketClient client;
  open(client, {});
  for (int i = 0; i < 200; ++i) ASSERT_TRUE(client.send(std::to_string(i)));
  for (int i = 0; i < 200; ++i) EXPECT_EQ(client.receive(), "echo " + std::to_string(i));
  EXPECT_EQ(server_->metrics().outlets_open, 1u);
  client.close(1000, "");
  EXPECT_TRUE(eventually([&] { return closed_ == 1; }));
  EXPECT_TRUE(eventually([&] { return server_->metrics().connections_open == 0; }));
  EXPECT_EQ(server_->metrics().outlets_open, 0u);
  EXPECT_FALSE(outlet()->is_open());
  EXPECT_FALSE(outlet()->send("into the void"));
}

TEST_F(WebSockets, any_thread_may_send) {
  server_.options.outlet_queue_max = 10'000;
  server_.start();
  WebSocketClient client;
  open(client, {});
  std::vector<std::thread> senders;
  for (int i = 0; i < 4; ++i) {
    senders.emplace_back([this] {
      for (int n = 0; n < 500; ++n) EXPECT_TRUE(outlet()->send("x"));
    });
  }
  for (int i = 0; i < 2000; ++i) ASSERT_EQ(client.receive(), "x");
  for (std::thread& sender : senders) sender.join();
}

TEST_F(WebSockets, pings_are_answered) {
  server_.start();
  WebSocketClient client;
  open(client, {});
  ASSERT_TRUE(client.ping("p"));
  ASSERT_TRUE(client.send("a"));
  EXPECT_EQ(client.receive(), "echo a");
  EXPECT_EQ(client.pongs(), 1);
}

TEST_F(WebSockets, the_chosen_subprotocol_is_named) {
  server_.handler.on_upgrade = [](const Request& request) {
    StreamDecision decision;
    decision.subprotocol = std::string(request.headers.get("Sec-WebSocket-Protocol"));
    return decision;
  };
  server_.start();
  WebSocketClient client;
  ASSERT_EQ(client.connect(server_.port(), {.subprotocol = "harmonia.v1"}), 101);
  EXPECT_EQ(client.chosen_subprotocol(), "harmonia.v1");
}

TEST_F(WebSockets, the_servers_close_comes_after_what_was_sent_and_names_its_reason) {
  server_.start();
  WebSocketClient client;
  open(client, {});
  for (int i = 0; i < 50; ++i) outlet()->send("m");
  outlet()->close(4001, "bye");
  EXPECT_FALSE(outlet()->send("late"));
  for (int i = 0; i < 50; ++i) EXPECT_EQ(client.receive(), "m");
  EXPECT_FALSE(client.receive());
  EXPECT_EQ(client.close_code(), 4001);
  EXPECT_EQ(client.close_reason(), "bye");
  EXPECT_TRUE(eventually([&] { return closed_ == 1; }));
}

TEST_F(WebSockets, a_long_reason_is_cut_between_characters) {
  server_.start();
  WebSocketClient client;
  open(client, {});
  std::string reason = "x";
  for (int i = 0; i < 100; ++i) reason += "é";
  outlet()->close(1000, reason);
  EXPECT_FALSE(client.receive());
  EXPECT_EQ(client.close_reason(), reason.substr(0, 123));
}

TEST_F(WebSockets, a_message_beyond_the_bound_closes_with_1009) {
  server_.options.message_size_max = 1000;
  server_.start();
  WebSocketClient client;
  open(client, {});
  ASSERT_TRUE(client.send(std::string(1000, 'x')));
  EXPECT_TRUE(client.receive());
  client.send(std::string(1001, 'x'));
  EXPECT_FALSE(client.receive());
  EXPECT_EQ(client.close_code(), 1009);
  EXPECT_TRUE(eventually([&] { return closed_ == 1; }));
}

TEST_F(WebSockets, binary_messages_are_refused_with_1003) {
  server_.start();
  WebSocketClient client;
  open(client, {});
  client.send_binary("abc");
  EXPECT_FALSE(client.receive());
  EXPECT_EQ(client.close_code(), 1003);
}

TEST_F(WebSockets, text_that_is_not_utf8_ends_the_connection_with_1007) {
  server_.start();
  WebSocketClient client;
  open(client, {});
  client.send("\xff\xfe");
  EXPECT_FALSE(client.receive());
  EXPECT_EQ(client.close_code(), 1007);
}

TEST_F(WebSockets, a_slow_client_is_told_where_to_resume) {
  server_.options.outlet_queue_max = 20;
  server_.start();
  WebSocketClient client;
  open(client, {.receive_buffer = 4096});
  const std::string message(100'000, 'x');
  int sent = 0;
  while (sent < 10'000 && outlet()->send(message)) ++sent;
  ASSERT_LT(sent, 10'000);
  EXPECT_FALSE(outlet()->is_open());
  int received = 0;
  while (client.receive()) ++received;
  EXPECT_LE(received, sent);
  EXPECT_EQ(client.close_code(), 1013);
  EXPECT_EQ(client.close_reason(), "too slow; resume with ?after=42");
  EXPECT_TRUE(eventually([&] { return closed_ == 1; }));
}

TEST_F(WebSockets, a_client_that_reads_nothing_is_cut_off) {
  server_.options.close_timeout = 1s;
  server_.options.outlet_bytes_max = 1'000'000;
  server_.start();
  WebSocketClient client;
  open(client, {.receive_buffer = 4096});
  const std::string message(100'000, 'x');
  int sent = 0;
  while (sent < 10'000 && outlet()->send(message)) ++sent;
  ASSERT_LT(sent, 10'000);
  EXPECT_TRUE(eventually([&] { return closed_ == 1; }, 9s));
}

// Each of them is far below its own bounds.
TEST_F(WebSockets, what_waits_for_all_clients_together_is_bounded) {
  server_.options.threads = 1;
  server_.options.close_timeout = 1s;
  server_.options.outlets_bytes_max = 4'000'000;
  server_.start();
  constexpr std::size_t silent = 20;
  std::vector<WebSocketClient> clients(silent + 1);
  for (auto& client : clients) open(client, {.receive_buffer = 4096});
  const std::string message(10'000, 'x');
  for (int i = 0; i < 1'000; ++i) {
    for (std::size_t k = 0; k < silent; ++k) outlets_[k]->send(message);
    if (i % 10 > 0) continue;
    ASSERT_TRUE(outlets_[silent]->send("news")) << "one that keeps up is not meant";
    ASSERT_EQ(clients[silent].receive(), "news");
  }
  for (std::size_t k = 0; k < silent; ++k) EXPECT_FALSE(outlets_[k]->is_open());
}

TEST_F(WebSockets, a_client_cut_off_is_noticed) {
  server_.start();
  WebSocketClient client;
  open(client, {});
  client.cut();
  EXPECT_TRUE(eventually([&] { return closed_ == 1; }));
  EXPECT_FALSE(outlet()->send("x"));
}

TEST_F(WebSockets, a_silent_client_is_pinged_and_one_that_does_not_answer_is_closed) {
  server_.options.idle_timeout = 1s;
  server_.start();
  RawSocket dead(server_.port());
  dead.send(handshake);
  dead.read_until("\r\n\r\n");
  ASSERT_TRUE(eventually([&] { return opened_ == 1; }));
  EXPECT_TRUE(eventually([&] { return closed_ == 1; }));
  const std::string& received = dead.read_to_end();
  EXPECT_EQ(received.substr(received.find("\r\n\r\n") + 4, 1), "\x89");
}

TEST_F(WebSockets, a_stop_closes_with_1001) {
  server_.start();
  std::vector<std::unique_ptr<WebSocketClient>> clients;
  std::vector<std::thread> readers;
  std::atomic<int> going_away = 0;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(std::make_unique<WebSocketClient>());
    open(*clients.back(), {});
    readers.emplace_back([&going_away, client = clients.back().get()] {
      while (client->receive()) {
      }
      if (client->close_code() == 1001) ++going_away;
    });
  }
  const auto start = std::chrono::steady_clock::now();
  server_->stop(5s);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 4s);
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(going_away, 20);
  EXPECT_EQ(closed_, 20);
}

TEST_F(WebSockets, a_stop_does_not_wait_longer_than_its_grace_for_a_dead_client) {
  server_.start();
  RawSocket dead(server_.port());
  dead.send(handshake);
  ASSERT_TRUE(eventually([&] { return opened_ == 1; }));
  const auto start = std::chrono::steady_clock::now();
  server_->stop(200ms);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 3s);
  EXPECT_EQ(closed_, 1);
  server_.destroy();
  EXPECT_FALSE(outlet()->send("after the server's end"));
  outlet()->close(1000, "");
}

TEST_F(WebSockets, a_handler_that_throws_ends_its_connection_with_1011_and_no_other) {
  server_.handler.on_upgrade = [this](const Request&) {
    StreamDecision decision;
    decision.events.on_message = [](std::string_view) { (void)std::string().at(1); };
    decision.events.on_close = [this] { ++closed_; };
    return decision;
  };
  server_.start();
  WebSocketClient client;
  ASSERT_EQ(client.connect(server_.port(), {}), 101);
  client.send("x");
  EXPECT_FALSE(client.receive());
  EXPECT_EQ(client.close_code(), 1011);
  EXPECT_TRUE(eventually([&] { return closed_ == 1; }));
  server_.handler.on_upgrade = [](const Request&) -> StreamDecision {
    (void)std::string().at(1);
    return {};
  };
  WebSocketClient second;
  EXPECT_EQ(second.connect(server_.port(), {}), 500);
}

TEST_F(WebSockets, bad_handshakes_are_400_and_open_nothing) {
  server_.start();
  RawSocket no_key(server_.port());
  no_key.send(
      "GET /ws HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
      "Sec-WebSocket-Version: 13\r\n\r\n");
  EXPECT_TRUE(no_key.read_until("\r\n\r\n").starts_with("HTTP/1.1 400 "));
  RawSocket early(server_.port());
  early.send(std::string(handshake) + "early data");
  EXPECT_TRUE(early.read_until("\r\n\r\n").starts_with("HTTP/1.1 400 "));
  EXPECT_EQ(opened_, 0);
  EXPECT_EQ(closed_, 0);
}

}  // namespace
}  // namespace harmonia::net
