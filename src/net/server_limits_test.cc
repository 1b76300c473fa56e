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
using testing::count_of;
using testing::eventually;
using testing::RawSocket;
using testing::TestServer;

class ServerLimits : public ::testing::Test {
 protected:
  // Keeps requests unanswered.
  void hold_requests() {
    server_.handler.on_handle = [this](Request, Respond respond) {
      const std::lock_guard lock(mutex_);
      held_.push_back(std::move(respond));
    };
  }

  void answer_held(std::size_t number) {
    const std::lock_guard lock(mutex_);
    held_.at(number)(Response{});
  }

  std::mutex mutex_;
  std::vector<Respond> held_;
  TestServer server_;
};

TEST_F(ServerLimits, a_body_beyond_the_bound_is_413_though_the_client_is_still_sending) {
  server_.options.body_size_max = 1000;
  server_.start();
  RawSocket exact(server_.port());
  exact.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 1000\r\n\r\n" + std::string(1000, 'x'));
  EXPECT_TRUE(exact.read_until("\r\n\r\n").starts_with("HTTP/1.1 200 "));
  RawSocket announced(server_.port());
  announced.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5000000\r\n\r\n");
  announced.send(std::string(5'000'000, 'x'));
  EXPECT_TRUE(announced.read_to_end().starts_with("HTTP/1.1 413 ")) << announced.read_to_end();
  RawSocket chunked(server_.port());
  chunked.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n");
  for (int i = 0; i < 11; ++i) chunked.send("64\r\n" + std::string(100, 'x') + "\r\n");
  EXPECT_TRUE(chunked.read_to_end().starts_with("HTTP/1.1 413 "));
}

TEST_F(ServerLimits, a_body_too_large_is_refused_before_it_is_invited) {
  server_.options.body_size_max = 1000;
  server_.start();
  RawSocket socket(server_.port());
  socket.send("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 1001\r\n\r\n");
  socket.half_close();
  const std::string answer = socket.read_to_end();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 413 ")) << answer;
}

TEST_F(ServerLimits, a_header_beyond_the_bound_is_431) {
  server_.options.header_size_max = 2000;
  server_.start();
  RawSocket one_field(server_.port());
  one_field.send("GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(5000, 'x') + "\r\n\r\n");
  EXPECT_TRUE(one_field.read_to_end().starts_with("HTTP/1.1 431 "));
  RawSocket target(server_.port());
  target.send("GET /" + std::string(5000, 'x') + " HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(target.read_to_end().starts_with("HTTP/1.1 431 "));
  RawSocket piecemeal(server_.port());
  piecemeal.send("GET / HTTP/1.1\r\nHost: h\r\n");
  for (int i = 0; i < 30; ++i) {
    piecemeal.send("X: " + std::string(100, 'x') + "\r\n");
    std::this_thread::sleep_for(1ms);
  }
  EXPECT_TRUE(piecemeal.read_to_end().starts_with("HTTP/1.1 431 "));
}

TEST_F(ServerLimits, chunk_extensions_and_trailers_are_bounded) {
  server_.options.header_size_max = 2000;
  server_.start();
  for (const std::string start : {"3;", "0\r\nX: "}) {
    RawSocket socket(server_.port());
    socket.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n" + start);
    socket.send(std::string(200'000, 'x'));
    EXPECT_TRUE(socket.read_to_end().starts_with("HTTP/1.1 431 ")) << start;
  }
}

TEST_F(ServerLimits, a_slow_request_is_408) {
  server_.options.read_timeout = 1s;
  server_.start();
  RawSocket header(server_.port());
  header.send("GET / HTTP/1.1\r\nHo");
  RawSocket body(server_.port());
  body.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\nabc");
  for (RawSocket* socket : {&header, &body}) {
    const std::string answer = socket->read_to_end();
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 408 ")) << answer;
    EXPECT_NE(answer.find("did not arrive within 1 s"), std::string::npos);
  }
}

TEST_F(ServerLimits, the_time_counts_for_the_whole_request) {
  server_.options.read_timeout = 1s;
  server_.start();
  RawSocket socket(server_.port());
  const auto start = std::chrono::steady_clock::now();
  socket.send("GET / HTTP/1.1\r\n");
  while (std::chrono::steady_clock::now() - start < 5s && socket.send("X: y\r\n")) {
    if (std::chrono::steady_clock::now() - start > 1500ms) break;
    std::this_thread::sleep_for(50ms);
  }
  EXPECT_TRUE(socket.read_to_end().starts_with("HTTP/1.1 408 "));
}

TEST_F(ServerLimits, an_idle_connection_is_closed_without_a_word) {
  server_.options.idle_timeout = 1s;
  server_.start();
  RawSocket fresh(server_.port());
  RawSocket used(server_.port());
  used.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  used.read_until("GET / ");
  used.forget();
  EXPECT_EQ(fresh.read_to_end(), "");
  EXPECT_EQ(used.read_to_end(), "");
  EXPECT_TRUE(fresh.closed_by_peer());
  EXPECT_TRUE(used.closed_by_peer());
}

TEST_F(ServerLimits, a_handler_that_does_not_answer_is_504_and_its_late_answer_does_no_harm) {
  hold_requests();
  server_.options.response_timeout = 1s;
  server_.start();
  RawSocket socket(server_.port());
  socket.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(socket.read_to_end().starts_with("HTTP/1.1 504 "));
  answer_held(0);
}

TEST_F(ServerLimits, a_connection_too_many_is_503) {
  hold_requests();
  server_.options.connections_max = 2;
  server_.start();
  RawSocket first(server_.port());
  RawSocket second(server_.port());
  first.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  second.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(eventually([&] { return server_->metrics().connections_open == 2; }));
  RawSocket third(server_.port());
  third.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  const std::string answer = third.read_to_end();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 503 ")) << answer;
  EXPECT_NE(answer.find("Retry-After: 1\r\n"), std::string::npos);
  first.close();
  third.close();
  answer_held(0);
  answer_held(1);
  ASSERT_TRUE(eventually([&] { return server_->metrics().connections_open == 1; }));
  RawSocket fourth(server_.port());
  EXPECT_TRUE(fourth.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
  EXPECT_TRUE(eventually([&] {
    const std::lock_guard lock(mutex_);
    return held_.size() == 3;
  }));
}

TEST_F(ServerLimits, a_client_that_takes_nothing_of_its_answer_is_dropped) {
  server_.options.read_timeout = 1s;
  server_.handler.on_handle = [](Request, Respond respond) {
    respond(Response{.body = std::string(30'000'000, 'x')});
  };
  server_.start();
  RawSocket socket(server_.port(), 4096);
  socket.send("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  ASSERT_TRUE(eventually([&] { return server_->metrics().requests_total == 1; }));
  EXPECT_TRUE(eventually([&] { return server_->metrics().connections_open == 0; }));
}

}  // namespace
}  // namespace harmonia::net
