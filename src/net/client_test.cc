#include <atomic>
#include <chrono>
#include <future>
#include <mutex>
#include <netinet/in.h>
#include <string>
#include <string_view>
#include <thread>
#include <unistd.h>
#include <vector>
#include <zlib.h>

#include <gtest/gtest.h>
#include <sys/socket.h>

#include "net/http_client.h"
#include "net/testing/test_server.h"

namespace harmonia::net {
namespace {

using namespace std::chrono_literals;
using testing::eventually;
using testing::local_request;
using testing::TestServer;

class Client : public ::testing::Test {
 protected:
  void SetUp() override { client_ = HttpClient::create({}); }

  Result<ClientResponse> get(const std::string& url) {
    return client_->send_and_wait(local_request(url));
  }

  TestServer server_;
  std::unique_ptr<HttpClient> client_;
};

Response text_response(std::string text) {
  Response response;
  response.body = std::move(text);
  return response;
}

Response redirect_to(std::string url, int status) {
  Response response;
  response.status = status;
  response.headers.set("Location", std::move(url));
  return response;
}

TEST_F(Client, status_headers_and_body_arrive) {
  server_.handler.on_handle = [](Request request, Respond respond) {
    Response response;
    response.status = 418;
    response.headers.set("X-Seen", std::string(request.headers.get("X-Sent")));
    response.body =
        request.method + " " + request.body + " " + std::string(request.headers.get("User-Agent"));
    respond(std::move(response));
  };
  server_.start();
  ClientRequest request = local_request(server_.url("/a?b=c"));
  request.method = "PATCH";
  request.body = "the body";
  request.headers.set("X-Sent", "yes");
  const auto answer = client_->send_and_wait(request);
  ASSERT_TRUE(answer.ok()) << answer.error().detail;
  EXPECT_EQ(answer->status, 418);
  EXPECT_EQ(answer->headers.get("x-seen"), "yes");
  EXPECT_EQ(answer->body, "PATCH the body harmonia");
  EXPECT_EQ(answer->effective_url, server_.url("/a?b=c"));
  EXPECT_GT(answer->elapsed.count(), 0);
}

TEST_F(Client, a_body_is_sent_without_expect_and_without_a_type_of_curls_choice) {
  std::string seen;
  server_.handler.on_handle = [&seen](Request request, Respond respond) {
    seen = std::string(request.headers.get("Expect")) +
           std::string(request.headers.get("Content-Type"));
    respond(text_response(std::to_string(request.body.size())));
  };
  server_.start();
  ClientRequest request = local_request(server_.url("/"));
  request.method = "POST";
  request.body.assign(3'000'000, 'x');
  const auto answer = client_->send_and_wait(request);
  ASSERT_TRUE(answer.ok()) << answer.error().detail;
  EXPECT_EQ(answer->body, "3000000");
  EXPECT_EQ(seen, "");
}

TEST_F(Client, every_method_is_sent_as_named) {
  server_.handler.on_handle = [](Request request, Respond respond) {
    Response response;
    response.headers.set("X-Method", request.method);
    respond(std::move(response));
  };
  server_.start();
  for (const char* method : {"GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}) {
    ClientRequest request = local_request(server_.url("/"));
    request.method = method;
    const auto answer = client_->send_and_wait(request);
    ASSERT_TRUE(answer.ok()) << answer.error().detail;
    EXPECT_EQ(answer->headers.get("X-Method"), method);
  }
  ClientRequest head = local_request(server_.url("/"));
  head.method = "HEAD";
  const auto answer = client_->send_and_wait(head);
  ASSERT_TRUE(answer.ok()) << answer.error().detail;
  EXPECT_EQ(answer->body, "");
}

TEST_F(Client, a_refused_connection_names_host_port_and_cause) {
  server_.start();
  const std::uint16_t port = server_.port();
  server_.destroy();
  const auto answer = get("http://127.0.0.1:" + std::to_string(port) + "/x?secret=1");
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, error_code::connection);
  EXPECT_EQ(answer.error().detail,
            "could not connect to 127.0.0.1:" + std::to_string(port) + ": connection refused");
}

TEST_F(Client, an_unknown_host_is_named) {
  const auto answer = get("http://nope.invalid/x");
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, error_code::connection);
  EXPECT_EQ(answer.error().detail, "could not resolve host 'nope.invalid'");
}

TEST_F(Client, a_silent_server_times_out) {
  std::mutex mutex;
  std::vector<Respond> kept;
  server_.handler.on_handle = [&](Request, Respond respond) {
    const std::lock_guard lock(mutex);
    kept.push_back(std::move(respond));
  };
  server_.start();
  ClientRequest request = local_request(server_.url("/slow?key=1"));
  request.timeout = 300ms;
  const auto start = std::chrono::steady_clock::now();
  const auto answer = client_->send_and_wait(request);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 5s);
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, error_code::timeout);
  EXPECT_EQ(answer.error().detail, "no answer from " + server_.url("/slow") + " within 300 ms");
  server_->stop(0ms);
}

TEST_F(Client, private_addresses_are_refused_unless_allowed) {
  server_.start();
  for (const std::string host : {"127.0.0.1", "localhost", "[::1]"}) {
    ClientRequest request;
    request.url = "http://" + host + ":" + std::to_string(server_.port()) + "/";
    const auto answer = client_->send_and_wait(request);
    ASSERT_FALSE(answer.ok());
    EXPECT_EQ(answer.error().code, error_code::refused) << answer.error().detail;
  }
  EXPECT_EQ(server_->metrics().connections_open, 0u);
}

TEST_F(Client, a_connection_kept_open_is_no_way_around_the_address_check) {
  server_.start();
  ASSERT_TRUE(get(server_.url("/")).ok());
  ClientRequest request;
  request.url = server_.url("/");
  const auto answer = client_->send_and_wait(request);
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, error_code::refused);
  EXPECT_EQ(server_->metrics().requests_total, 1u);
}

// Answers the first request of its life and breaks the connection at every later one.
class BreakingServer {
 public:
  BreakingServer() {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    auto* generic = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(::bind(listener_, generic, size), 0);
    EXPECT_EQ(::listen(listener_, 16), 0);
    EXPECT_EQ(::getsockname(listener_, generic, &size), 0);
    url_ = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
    thread_ = std::thread([this] { serve(); });
  }
  ~BreakingServer() {
    ::shutdown(listener_, SHUT_RDWR);
    thread_.join();
    ::close(listener_);
  }

  const std::string& url() const { return url_; }
  int requests() const { return requests_; }

 private:
  void serve() {
    const std::string_view answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    for (int peer; (peer = ::accept(listener_, nullptr, nullptr)) >= 0; ::close(peer)) {
      char buffer[4096];  // a request of these tests comes in one piece
      while (::recv(peer, buffer, sizeof buffer, 0) > 0) {
        if (++requests_ > 1) break;
        ::send(peer, answer.data(), answer.size(), MSG_NOSIGNAL);
      }
    }
  }

  int listener_ = -1;
  std::string url_;
  std::atomic<int> requests_ = 0;
  std::thread thread_;
};

TEST_F(Client, a_post_whose_connection_breaks_is_not_sent_again) {
  const BreakingServer breaking;
  ASSERT_TRUE(get(breaking.url()).ok());
  ClientRequest request = local_request(breaking.url());
  request.method = "POST";
  request.body = "charge";
  const auto answer = client_->send_and_wait(request);
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, error_code::connection);
  EXPECT_EQ(answer.error().detail,
            "the request to " + breaking.url() + " failed: the connection broke before the answer");
  EXPECT_EQ(breaking.requests(), 2);
}

TEST_F(Client, a_get_whose_kept_connection_breaks_is_sent_on_a_new_one) {
  const BreakingServer breaking;
  ASSERT_TRUE(get(breaking.url()).ok());
  EXPECT_FALSE(get(breaking.url()).ok());
  EXPECT_EQ(breaking.requests(), 3);
}

TEST_F(Client, urls_that_are_malformed_or_of_another_scheme_are_invalid) {
  for (const char* url :
       {"", "nonsense", "ftp://example.com/", "file:///etc/passwd", "http://", "gopher://x"}) {
    const auto answer = get(url);
    ASSERT_FALSE(answer.ok()) << url;
    EXPECT_EQ(answer.error().code, error_code::invalid_argument) << url;
  }
}

TEST_F(Client, header_injection_is_refused) {
  ClientRequest request = local_request("http://127.0.0.1:9/");
  request.headers.set("X-A", "b\r\nX-Evil: 1");
  const auto answer = client_->send_and_wait(request);
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, error_code::invalid_argument);
}

TEST_F(Client, an_answer_beyond_the_bound_is_refused) {
  server_.handler.on_handle = [](Request, Respond respond) {
    respond(text_response(std::string(100'000, 'x')));
  };
  server_.start();
  ClientRequest request = local_request(server_.url("/"));
  request.response_size_max = 99'999;
  const auto answer = client_->send_and_wait(request);
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, error_code::payload_too_large);
  request.response_size_max = 100'000;
  EXPECT_TRUE(client_->send_and_wait(request).ok());
}

std::string gzip(const std::string& text) {
  z_stream stream{};
  deflateInit2(&stream, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  std::string out(text.size() + 1024, '\0');
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data()));
  stream.avail_in = static_cast<uInt>(text.size());
  stream.next_out = reinterpret_cast<Bytef*>(out.data());
  stream.avail_out = static_cast<uInt>(out.size());
  deflate(&stream, Z_FINISH);
  out.resize(stream.total_out);
  deflateEnd(&stream);
  return out;
}

TEST_F(Client, compressed_answers_come_decompressed_and_bounded) {
  const std::string text(1'000'000, 'z');
  server_.handler.on_handle = [&text](Request request, Respond respond) {
    EXPECT_TRUE(list_has_token(request.headers.get("Accept-Encoding"), "gzip"));
    Response response = text_response(gzip(text));
    response.headers.set("Content-Encoding", "gzip");
    respond(std::move(response));
  };
  server_.start();
  const auto answer = get(server_.url("/"));
  ASSERT_TRUE(answer.ok()) << answer.error().detail;
  EXPECT_EQ(answer->body, text);
  EXPECT_FALSE(answer->headers.has("Content-Encoding"));
  ClientRequest bomb = local_request(server_.url("/"));
  bomb.response_size_max = 500'000;
  const auto refused = client_->send_and_wait(bomb);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, error_code::payload_too_large);
}

TEST_F(Client, without_leave_a_redirect_is_an_ordinary_answer) {
  server_.handler.on_handle = [](Request, Respond respond) { respond(redirect_to("/b", 302)); };
  server_.start();
  const auto answer = get(server_.url("/a"));
  ASSERT_TRUE(answer.ok());
  EXPECT_EQ(answer->status, 302);
  EXPECT_EQ(answer->headers.get("Location"), "/b");
}

TEST_F(Client, redirects_are_followed_and_counted) {
  server_.handler.on_handle = [](Request request, Respond respond) {
    if (request.path == "/end") return respond(text_response(request.method + request.body));
    const int left = std::stoi(request.path.substr(1));
    respond(redirect_to(left == 0 ? "/end" : "/" + std::to_string(left - 1),
                        left % 2 == 0 ? 307 : 308));
  };
  server_.start();
  ClientRequest request = local_request(server_.url("/3"));
  request.method = "POST";
  request.body = "kept";
  request.redirects_max = 4;
  const auto answer = client_->send_and_wait(request);
  ASSERT_TRUE(answer.ok()) << answer.error().detail;
  EXPECT_EQ(answer->body, "POSTkept");
  EXPECT_EQ(answer->effective_url, server_.url("/end"));
  request.redirects_max = 3;
  const auto refused = client_->send_and_wait(request);
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(refused.error().code, error_code::connection);
}

TEST_F(Client, a_303_becomes_a_get_without_body) {
  server_.handler.on_handle = [](Request request, Respond respond) {
    if (request.path == "/end") return respond(text_response(request.method + request.body));
    respond(redirect_to("/end", 303));
  };
  server_.start();
  ClientRequest request = local_request(server_.url("/a"));
  request.method = "POST";
  request.body = "left behind";
  request.redirects_max = 1;
  const auto answer = client_->send_and_wait(request);
  ASSERT_TRUE(answer.ok()) << answer.error().detail;
  EXPECT_EQ(answer->body, "GET");
}

TEST_F(Client, a_redirect_does_not_leave_http) {
  server_.handler.on_handle = [](Request, Respond respond) {
    respond(redirect_to("file:///etc/passwd", 302));
  };
  server_.start();
  ClientRequest request = local_request(server_.url("/a"));
  request.redirects_max = 5;
  const auto answer = client_->send_and_wait(request);
  ASSERT_FALSE(answer.ok());
  EXPECT_EQ(answer.error().code, error_code::refused) << answer.error().detail;
}

TEST_F(Client, credentials_stay_with_the_host_they_were_meant_for) {
  TestServer other;
  other.handler.on_handle = [](Request request, Respond respond) {
    std::string names;
    for (const auto& [name, value] : request.headers.all()) names += name + " ";
    respond(text_response(names));
  };
  other.start();
  server_.handler.on_handle = [&other](Request, Respond respond) {
    respond(redirect_to(other.url("/"), 302));
  };
  server_.start();
  ClientRequest request = local_request(server_.url("/"));
  request.redirects_max = 1;
  for (const char* name : {"Authorization", "X-API-Key", "Cookie", "Accept-Language"}) {
    request.headers.set(name, "x");
  }
  const auto answer = client_->send_and_wait(request);
  ASSERT_TRUE(answer.ok()) << answer.error().detail;
  EXPECT_EQ(answer->body.find("Authorization"), std::string::npos);
  EXPECT_EQ(answer->body.find("X-API-Key"), std::string::npos);
  EXPECT_EQ(answer->body.find("Cookie"), std::string::npos);
  EXPECT_NE(answer->body.find("Accept-Language"), std::string::npos);
}

TEST_F(Client, a_canceled_request_says_so_whether_sent_or_waiting) {
  std::mutex mutex;
  std::vector<Respond> kept;
  server_.handler.on_handle = [&](Request, Respond respond) {
    const std::lock_guard lock(mutex);
    kept.push_back(std::move(respond));
  };
  server_.start();
  const auto client = HttpClient::create({.in_flight_max = 1});
  std::promise<std::string> first;
  std::promise<std::string> second;
  const auto code_into = [](std::promise<std::string>& promise) {
    return [&promise](Result<ClientResponse> result) {
      promise.set_value(result.ok() ? "ok" : result.error().code);
    };
  };
  const auto in_flight = client->send(local_request(server_.url("/1")), code_into(first));
  const auto waiting = client->send(local_request(server_.url("/2")), code_into(second));
  ASSERT_TRUE(eventually([&] { return server_->metrics().requests_total == 1; }));
  client->cancel(waiting);
  EXPECT_EQ(second.get_future().get(), "canceled");
  client->cancel(in_flight);
  EXPECT_EQ(first.get_future().get(), "canceled");
  server_->stop(0ms);
}

TEST_F(Client, the_queue_is_bounded) {
  server_.handler.on_handle = [](Request, Respond) { FAIL(); };
  const auto client = HttpClient::create({.in_flight_max = 0, .queue_max = 2});
  std::atomic<int> overloaded = 0;
  std::atomic<int> canceled = 0;
  const auto count = [&](Result<ClientResponse> result) {
    if (!result.ok() && result.error().code == error_code::overloaded) ++overloaded;
    if (!result.ok() && result.error().code == error_code::canceled) ++canceled;
  };
  std::vector<HttpClient::Ticket> tickets;
  for (int i = 0; i < 5; ++i)
    tickets.push_back(client->send(local_request("http://127.0.0.1:9/"), count));
  EXPECT_EQ(overloaded, 3);
  for (const auto ticket : tickets) client->cancel(ticket);
  EXPECT_TRUE(eventually([&] { return canceled == 2; }));
}

TEST_F(Client, its_end_cancels_what_is_in_flight) {
  std::mutex mutex;
  std::vector<Respond> kept;
  server_.handler.on_handle = [&](Request, Respond respond) {
    const std::lock_guard lock(mutex);
    kept.push_back(std::move(respond));
  };
  server_.start();
  std::atomic<int> canceled = 0;
  for (int i = 0; i < 10; ++i) {
    client_->send(local_request(server_.url("/")), [&](Result<ClientResponse> result) {
      if (!result.ok() && result.error().code == error_code::canceled) ++canceled;
    });
  }
  ASSERT_TRUE(eventually([&] { return server_->metrics().requests_total == 10; }));
  client_.reset();
  EXPECT_EQ(canceled, 10);
  server_->stop(0ms);
}

TEST_F(Client, many_requests_at_once_all_get_their_own_answer) {
  server_.start();
  constexpr int count = 1000;
  std::atomic<int> right = 0;
  std::atomic<int> done = 0;
  for (int i = 0; i < count; ++i) {
    const std::string path = "/" + std::to_string(i);
    client_->send(local_request(server_.url(path)), [&, path](Result<ClientResponse> result) {
      if (result.ok() && result->body == "GET " + path + " ") ++right;
      ++done;
    });
  }
  EXPECT_TRUE(eventually([&] { return done == count; }, 60s));
  EXPECT_EQ(right, count);
}

}  // namespace
}  // namespace harmonia::net
