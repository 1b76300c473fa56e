#include <atomic>
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
using testing::local_request;
using testing::RawSocket;
using testing::TestServer;

class ServerRequests : public ::testing::Test {
 protected:
  std::string exchange(std::string_view bytes) {
    RawSocket socket(server_.port());
    EXPECT_TRUE(socket.send(bytes));
    socket.half_close();
    return socket.read_to_end();
  }

  TestServer server_;
};

TEST_F(ServerRequests, the_path_is_decoded_and_the_query_taken_apart) {
  Request seen;
  server_.handler.on_handle = [&seen](Request request, Respond respond) {
    seen = request;
    respond(Response{.status = 204});
  };
  server_.start();
  const std::string answer =
      exchange("GET /a%20b/c?x=1&y=%26+z HTTP/1.1\r\nHost: h\r\nX-A: b\r\n\r\n");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 204 No Content\r\n")) << answer;
  EXPECT_EQ(answer.find("Content-Length"), std::string::npos);
  EXPECT_EQ(seen.method, "GET");
  EXPECT_EQ(seen.target, "/a%20b/c?x=1&y=%26+z");
  EXPECT_EQ(seen.path, "/a b/c");
  EXPECT_EQ(seen.query_value("y"), "& z");
  EXPECT_EQ(seen.headers.get("x-a"), "b");
  EXPECT_EQ(seen.remote_address, "127.0.0.1");
  EXPECT_FALSE(seen.secure);
}

TEST_F(ServerRequests, an_absolute_target_is_its_path) {
  server_.start();
  EXPECT_NE(exchange("GET http://h:1/p?q HTTP/1.1\r\nHost: h\r\n\r\n").find("\r\n\r\nGET /p "),
            std::string::npos);
  EXPECT_NE(exchange("GET http://h HTTP/1.1\r\nHost: h\r\n\r\n").find("\r\n\r\nGET / "),
            std::string::npos);
  EXPECT_NE(exchange("OPTIONS * HTTP/1.1\r\nHost: h\r\n\r\n").find("\r\n\r\nOPTIONS / "),
            std::string::npos);
}

TEST_F(ServerRequests, head_is_a_get_without_the_body) {
  server_.start();
  const std::string answer =
      exchange("HEAD /x HTTP/1.1\r\nHost: h\r\n\r\nGET /y HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_NE(answer.find("Content-Length: 7\r\n\r\nHTTP/1.1 200 OK"), std::string::npos) << answer;
  EXPECT_TRUE(answer.ends_with("GET /y ")) << answer;
}

TEST_F(ServerRequests, pipelined_requests_are_answered_in_order) {
  server_.handler.on_handle = [](Request request, Respond respond) {
    std::thread([path = request.path, respond = std::move(respond)] {
      if (path == "/0") std::this_thread::sleep_for(30ms);
      respond(Response{.body = "[" + path + "]"});
    }).detach();
  };
  server_.start();
  std::string requests;
  for (int i = 0; i < 20; ++i) {
    requests +=
        "POST /" + std::to_string(i) + " HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nabc";
  }
  const std::string answer = exchange(requests);
  std::size_t last = 0;
  for (int i = 0; i < 20; ++i) {
    const std::size_t at = answer.find("[/" + std::to_string(i) + "]");
    ASSERT_NE(at, std::string::npos) << i;
    EXPECT_GE(at, last);
    last = at;
  }
}

TEST_F(ServerRequests, bytes_may_come_one_at_a_time) {
  server_.start();
  RawSocket socket(server_.port());
  for (const char c :
       std::string_view("POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"
                        "3;a=b\r\nabc\r\n2\r\nde\r\n0\r\nX-T: 1\r\n\r\n")) {
    ASSERT_TRUE(socket.send({&c, 1}));
    std::this_thread::sleep_for(1ms);
  }
  EXPECT_TRUE(socket.read_until("POST /x abcde").ends_with("POST /x abcde"));
}

TEST_F(ServerRequests, an_empty_chunked_body_may_come_byte_by_byte) {
  server_.start();
  RawSocket socket(server_.port());
  ASSERT_TRUE(socket.send("POST /x HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n"));
  for (const char c : std::string_view("0\r\n\r\n")) {
    std::this_thread::sleep_for(5ms);
    ASSERT_TRUE(socket.send({&c, 1}));
  }
  EXPECT_TRUE(socket.read_until("POST /x ").ends_with("POST /x "));
}

TEST_F(ServerRequests, trailers_do_not_become_headers) {
  bool seen = true;
  server_.handler.on_handle = [&seen](Request request, Respond respond) {
    seen = request.headers.has("Authorization");
    respond(Response{});
  };
  server_.start();
  exchange(
      "POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nAuthorization: "
      "x\r\n\r\n");
  EXPECT_FALSE(seen);
}

TEST_F(ServerRequests, a_client_that_asks_is_told_to_continue) {
  server_.start();
  RawSocket socket(server_.port());
  socket.send("POST /x HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
  EXPECT_EQ(socket.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  socket.send("abc");
  EXPECT_TRUE(socket.read_until("abc").ends_with("POST /x abc"));
}

TEST_F(ServerRequests, connections_are_kept_unless_either_side_says_close) {
  server_.start();
  RawSocket kept(server_.port());
  kept.send("GET /1 HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_EQ(kept.read_until("GET /1 ").find("Connection:"), std::string::npos);
  kept.send("GET /2 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  EXPECT_NE(kept.read_to_end().find("Connection: close\r\n"), std::string::npos);
  EXPECT_TRUE(kept.closed_by_peer());
  RawSocket old(server_.port());
  old.send("GET /1 HTTP/1.0\r\n\r\n");
  old.read_to_end();
  EXPECT_TRUE(old.closed_by_peer());
  RawSocket old_but_kept(server_.port());
  old_but_kept.send("GET /1 HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_NE(old_but_kept.read_until("GET /1 ").find("Connection: keep-alive\r\n"),
            std::string::npos);
}

TEST_F(ServerRequests, a_half_closed_client_still_gets_its_answer) {
  server_.handler.on_handle = [](Request, Respond respond) {
    std::thread([respond = std::move(respond)] {
      std::this_thread::sleep_for(50ms);
      respond(Response{.body = "late but here"});
    }).detach();
  };
  server_.start();
  EXPECT_TRUE(exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n").ends_with("late but here"));
}

TEST_F(ServerRequests, malformed_requests_are_400_as_problem_json_and_end_the_connection) {
  server_.start();
  const std::vector<std::string> malformed = {
      "nonsense\r\n\r\n",
      "GET\r\n\r\n",
      "GET / HTTP/3.0\r\nHost: h\r\n\r\n",
      "GET / HTTP/1.1\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
      "GET / HTTP/1.1\r\nHost : a\r\n\r\n",
      "GET / HTTP/1.1\r\nHost: a\r\nbroken line\r\n\r\n",
      "GET /%zz HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET /%00 HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET /?a=%f HTTP/1.1\r\nHost: a\r\n\r\n",
      "GET path HTTP/1.1\r\nHost: a\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 99999999999999999999\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\nTransfer-Encoding: "
      "chunked\r\n\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabcX\r\n0\r\n\r\n",
      "POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc",
      "GET / HTTP/1.1\r\nHo",
  };
  for (const std::string& bytes : malformed) {
    const std::string answer = exchange(bytes);
    EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 Bad Request\r\n")) << bytes << "->" << answer;
    EXPECT_NE(answer.find("Content-Type: application/problem+json\r\n"), std::string::npos);
    EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos);
    EXPECT_NE(answer.find("\"code\":\"invalid_argument\""), std::string::npos) << answer;
  }
  EXPECT_EQ(server_->metrics().requests_total, 0u);
}

TEST_F(ServerRequests, what_is_not_offered_is_501) {
  server_.start();
  for (const std::string bytes :
       {"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n",
        "CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n", "TRACE / HTTP/1.1\r\nHost: a\r\n\r\n"}) {
    EXPECT_TRUE(exchange(bytes).starts_with("HTTP/1.1 501 ")) << bytes;
  }
}

TEST_F(ServerRequests, an_unknown_expectation_is_417) {
  server_.start();
  EXPECT_TRUE(exchange("POST / HTTP/1.1\r\nHost: a\r\nExpect: miracle\r\n\r\n")
                  .starts_with("HTTP/1.1 417 "));
}

TEST_F(ServerRequests, random_bytes_never_end_the_server) {
  server_.start();
  const std::string valid =
      "POST /a?b=c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: "
      "chunked\r\n\r\n3;x=y\r\nabc\r\n0\r\nT: u\r\n\r\n";
  std::uint64_t state = 7;
  const auto next = [&state] {
    state = state * 6364136223846793005u + 1442695040888963407u;
    return state >> 33;
  };
  for (int round = 0; round < 500; ++round) {
    std::string bytes = valid;
    for (std::uint64_t i = 0; i <= next() % 4; ++i) {
      const std::size_t at = next() % bytes.size();
      switch (next() % 3) {
        case 0: bytes[at] = static_cast<char>(next()); break;
        case 1: bytes.erase(at, 1 + next() % 3); break;
        case 2: bytes.insert(at, 1 + next() % 3, "\r\n \t:;0f\0"[next() % 9]); break;
      }
    }
    RawSocket socket(server_.port());
    const std::size_t cut = next() % bytes.size();
    socket.send(bytes.substr(0, cut));
    socket.send(bytes.substr(cut));
    socket.half_close();
    EXPECT_TRUE(socket.read_to_end().starts_with("HTTP/1.1 ")) << bytes;
  }
  EXPECT_TRUE(
      exchange("GET /still/here HTTP/1.1\r\nHost: h\r\n\r\n").ends_with("GET /still/here "));
}

TEST_F(ServerRequests, a_dropped_request_is_500) {
  server_.handler.on_handle = [](Request, Respond) {};
  server_.start();
  const std::string answer = exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 500 ")) << answer;
  EXPECT_NE(answer.find("dropped without an answer"), std::string::npos);
}

TEST_F(ServerRequests, a_request_dropped_on_another_thread_is_500_at_once) {
  server_.handler.on_handle = [](Request, Respond respond) {
    std::thread([respond = std::move(respond)] { std::this_thread::sleep_for(20ms); }).detach();
  };
  server_.start();
  EXPECT_TRUE(exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n").starts_with("HTTP/1.1 500 "));
}

TEST_F(ServerRequests, a_handler_that_throws_is_500) {
  server_.handler.on_handle = [](Request, Respond) { (void)std::vector<int>().at(1); };
  server_.start();
  EXPECT_TRUE(exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n").starts_with("HTTP/1.1 500 "));
}

TEST_F(ServerRequests, only_the_first_answer_counts) {
  server_.handler.on_handle = [](Request, Respond respond) {
    respond(Response{.body = "first"});
    respond(Response{.body = "second"});
  };
  server_.start();
  EXPECT_TRUE(exchange("GET / HTTP/1.1\r\nHost: h\r\n\r\n").ends_with("first"));
}

TEST_F(ServerRequests, large_bodies_pass_both_ways) {
  server_.handler.on_handle = [](Request request, Respond respond) {
    respond(Response{.body = std::move(request.body)});
  };
  server_.start();
  const auto client = HttpClient::create({});
  ClientRequest request = local_request(server_.url("/"));
  request.method = "POST";
  for (std::size_t i = 0; i < 8'000'000; ++i) request.body.push_back(static_cast<char>(i * 31));
  const auto answer = client->send_and_wait(request);
  ASSERT_TRUE(answer.ok()) << answer.error().detail;
  EXPECT_EQ(answer->body, request.body);
}

TEST_F(ServerRequests, two_hundred_connections_are_served_at_once) {
  std::mutex mutex;
  std::vector<Respond> waiting;
  server_.handler.on_handle = [&](Request, Respond respond) {
    const std::lock_guard lock(mutex);
    waiting.push_back(std::move(respond));
    if (waiting.size() < 200) return;
    for (const Respond& one : waiting) one(Response{.body = "all"});
  };
  server_.start();
  std::vector<std::unique_ptr<RawSocket>> sockets;
  for (int i = 0; i < 200; ++i) {
    sockets.push_back(std::make_unique<RawSocket>(server_.port()));
    ASSERT_TRUE(sockets.back()->send("GET / HTTP/1.1\r\nHost: h\r\n\r\n"));
  }
  for (const auto& socket : sockets) EXPECT_TRUE(socket->read_until("all").ends_with("all"));
  EXPECT_EQ(server_->metrics().requests_total, 200u);
  EXPECT_EQ(server_->metrics().connections_open, 200u);
  sockets.clear();
  EXPECT_TRUE(eventually([&] { return server_->metrics().connections_open == 0; }));
}

}  // namespace
}  // namespace harmonia::net
