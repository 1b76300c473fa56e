#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "net/http.h"

namespace harmonia::net {

struct ClientRequest {
  std::string method = "GET";
  std::string url = {};  // http or https
  Headers headers = {};
  std::string body = {};
  std::chrono::milliseconds connect_timeout{10'000};
  std::chrono::milliseconds timeout{30'000};  // from start to the last byte
  std::size_t response_size_max =
      16u << 20;          // bytes after decompression; beyond: error `payload_too_large`
  int redirects_max = 0;  // 0: a redirect is an ordinary response
  bool verify_tls = true;
  // Loopback, link-local, private and other non-public addresses are refused (error `refused`)
  // unless set; checked on the resolved address of every connection, also after redirects.
  bool allow_private_addresses = false;
};

struct ClientResponse {
  int status = 0;
  Headers headers;  // of the last response when redirects were followed
  std::string body;
  std::string effective_url;
  std::chrono::microseconds elapsed{0};
};

// Error codes: `connection` (names host and cause), `timeout`, `refused`, `payload_too_large`,
// `canceled`, `invalid_argument` (malformed URL, other scheme).
using ClientDone = std::function<void(Result<ClientResponse>)>;

// Outgoing HTTP over libcurl, multiplexed on one thread of its own.
class HttpClient {
 public:
  struct Options {
    std::size_t in_flight_max = 2000;  // more wait in a queue
    std::size_t queue_max = 100'000;   // beyond: error `overloaded`
    std::string user_agent = "harmonia";
  };
  static std::unique_ptr<HttpClient> create(const Options& options);

  virtual ~HttpClient() = default;  // cancels what is in flight, calls its `done`, joins the thread

  using Ticket = std::uint64_t;  // grows with each request; never 0
  // Thread-safe. `done` is called once, on the client's thread (at once on this one when the queue
  // is full or the URL is malformed); it must not block.
  virtual Ticket send(ClientRequest request, ClientDone done) = 0;
  // `done` gets `canceled` unless it has been called. Thread-safe, may come late.
  virtual void cancel(Ticket ticket) = 0;
  // Waits for the answer. Not on the client's own thread.
  Result<ClientResponse> send_and_wait(ClientRequest request);
};

// True for addresses that are not on the public internet (RFC 6890): loopback, private, link-local,
// shared, multicast, unspecified, documentation, IPv4-mapped forms of these. Text form of an IPv4
// or IPv6 address.
bool is_private_address(std::string_view address);

}  // namespace harmonia::net
