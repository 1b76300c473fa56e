#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>
#include <string>
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
using testing::TestServer;

constexpr char ask[] =
    "GET /events?after=1 HTTP/1.1\r\nHost: h\r\nAccept: text/event-stream\r\n\r\n";

class EventStreams : public ::testing::Test {
 protected:
  void SetUp() override {
    server_.handler.on_event_stream =
        [this](const Request& request) -> std::optional<StreamDecision> {
      if (request.path != "/events") return std::nullopt;
      StreamDecision decision;
      decision.events.on_open = [this](std::shared_ptr<Outlet> outlet) {
        outlet->send("id: 1\ndata: hello\n\n");
        const std::lock_guard lock(mutex_);
        outlets_.push_back(std::move(outlet));
      };
      decision.events.on_close = [this] { ++closed_; };
      decision.events.on_overflow = [] { return std::string("resume after 42"); };
      return decision;
    };
  }

  std::shared_ptr<Outlet> outlet() {
    EXPECT_TRUE(eventually([this] {
      const std::lock_guard lock(mutex_);
      return !outlets_.empty();
    }));
    const std::lock_guard lock(mutex_);
    return outlets_.at(0);
  }

  std::mutex mutex_;
  std::vector<std::shared_ptr<Outlet>> outlets_;
  std::atomic<int> closed_ = 0;
  TestServer server_;
};

TEST_F(EventStreams, events_arrive_as_they_are_sent_and_the_close_ends_the_body) {
  server_.start();
  RawSocket client(server_.port());
  client.send(ask);
  const std::string head = client.read_until("hello\n\n");
  EXPECT_TRUE(head.starts_with("HTTP/1.1 200 OK\r\n"));
  EXPECT_NE(head.find("Content-Type: text/event-stream\r\n"), std::string::npos);
  EXPECT_NE(head.find("Cache-Control: no-store\r\n"), std::string::npos);
  EXPECT_NE(head.find("Transfer-Encoding: chunked\r\n"), std::string::npos);
  EXPECT_EQ(server_->metrics().outlets_open, 1u);
  client.forget();
  outlet()->send("data: two\n\n");
  EXPECT_EQ(client.read_until("two\n\n\r\n"), "b\r\ndata: two\n\n\r\n");
  client.forget();
  outlet()->close(1000, "");
  EXPECT_EQ(client.read_to_end(), "0\r\n\r\n");
  EXPECT_TRUE(client.closed_by_peer());
  client.close();
  EXPECT_TRUE(eventually([&] { return server_->metrics().connections_open == 0; }));
  EXPECT_EQ(closed_, 1);
  EXPECT_EQ(server_->metrics().outlets_open, 0u);
}

TEST_F(EventStreams, an_old_client_gets_it_unchunked) {
  server_.start();
  RawSocket client(server_.port());
  client.send("GET /events HTTP/1.0\r\nAccept: text/event-stream\r\n\r\n");
  outlet()->close(1000, "");
  const std::string answer = client.read_to_end();
  EXPECT_TRUE(answer.ends_with("\r\n\r\nid: 1\ndata: hello\n\n")) << answer;
  EXPECT_EQ(answer.find("Transfer-Encoding"), std::string::npos);
}

TEST_F(EventStreams, a_path_without_a_stream_is_an_ordinary_request) {
  server_.start();
  RawSocket client(server_.port());
  client.send("GET /x HTTP/1.1\r\nHost: h\r\nAccept: text/html, text/event-stream\r\n\r\n");
  EXPECT_TRUE(client.read_until("GET /x ").ends_with("GET /x "));
}

TEST_F(EventStreams, a_refusal_is_an_ordinary_answer) {
  server_.handler.on_event_stream = [](const Request&) {
    StreamDecision decision;
    decision.refusal = Response{.status = 403, .body = "no"};
    return std::optional<StreamDecision>(std::move(decision));
  };
  server_.start();
  RawSocket client(server_.port());
  client.send(ask);
  EXPECT_TRUE(client.read_until("no").starts_with("HTTP/1.1 403 "));
}

TEST_F(EventStreams, a_quiet_stream_is_kept_alive) {
  server_.options.event_stream_keepalive = 1s;
  server_.start();
  RawSocket client(server_.port());
  client.send(ask);
  EXPECT_NE(client.read_until(": keepalive\n\n").find("hello"), std::string::npos);
}

TEST_F(EventStreams, a_client_that_leaves_is_noticed_at_once) {
  server_.start();
  RawSocket client(server_.port());
  client.send(ask);
  client.read_until("hello");
  client.close();
  EXPECT_TRUE(eventually([&] { return closed_ == 1; }));
  EXPECT_FALSE(outlet()->is_open());
}

TEST_F(EventStreams, a_slow_client_is_told_where_to_resume) {
  server_.options.outlet_queue_max = 20;
  server_.start();
  RawSocket client(server_.port(), 4096);
  client.send(ask);
  const std::string event = "data: " + std::string(100'000, 'x') + "\n\n";
  int sent = 0;
  const auto out = outlet();
  while (sent < 10'000 && out->send(event)) ++sent;
  ASSERT_LT(sent, 10'000);
  const std::string& received = client.read_to_end();
  EXPECT_NE(received.find(": resume after 42\n\n"), std::string::npos);
  EXPECT_TRUE(received.ends_with("0\r\n\r\n"));
}

TEST_F(EventStreams, a_client_that_reads_nothing_is_cut_off) {
  server_.options.close_timeout = 1s;
  server_.options.outlet_queue_max = 20;
  server_.start();
  RawSocket client(server_.port(), 4096);
  client.send(ask);
  const std::string event = "data: " + std::string(100'000, 'x') + "\n\n";
  const auto out = outlet();
  while (out->send(event)) {
  }
  EXPECT_TRUE(eventually([&] { return closed_ == 1; }, 9s));
}

TEST_F(EventStreams, a_stop_ends_open_streams) {
  server_.start();
  std::vector<std::unique_ptr<RawSocket>> clients;
  for (int i = 0; i < 20; ++i) {
    clients.push_back(std::make_unique<RawSocket>(server_.port()));
    clients.back()->send(ask);
    clients.back()->read_until("hello");
  }
  const auto start = std::chrono::steady_clock::now();
  server_->stop(5s);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 3s);
  EXPECT_EQ(closed_, 20);
  for (const auto& client : clients) EXPECT_TRUE(client->read_to_end().ends_with("0\r\n\r\n"));
  server_.destroy();
  EXPECT_FALSE(outlet()->send("after the server's end"));
}

}  // namespace
}  // namespace harmonia::net
