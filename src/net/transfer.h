#pragma once

#include <chrono>
#include <memory>
#include <string>

#include <curl/curl.h>

#include "net/http_client.h"

namespace harmonia::net {

struct EasyDeleter {
  void operator()(CURL* easy) const { curl_easy_cleanup(easy); }
};
using EasyHandle = std::unique_ptr<CURL, EasyDeleter>;

// Malformed URLs, other schemes, methods and headers that can't be sent: `invalid_argument`.
Result<void> check_request(const ClientRequest& request);

// One request on its way, with the redirects it follows. Not movable: curl holds pointers into it.
class Transfer {
 public:
  using Clock = std::chrono::steady_clock;

  // `request` has passed check_request.
  Transfer(HttpClient::Ticket number, ClientRequest request, ClientDone done);
  ~Transfer();
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;

  HttpClient::Ticket ticket() const { return ticket_; }
  CURL* easy() const { return easy_.get(); }

  // Sets all options on a fresh or reset handle. Fails when the time was used up in the queue.
  Result<void> prepare(EasyHandle easy, const std::string& user_agent);
  // After curl is done: true when the answer is a redirect to follow, and the handle is set up for
  // it.
  bool follow_redirect(CURLcode code);
  // After curl is done for good.
  Result<ClientResponse> result(CURLcode code);
  void finish(Result<ClientResponse> result);
  EasyHandle release_easy() { return std::move(easy_); }

 private:
  enum class Stop { none, too_large, private_address, too_many_redirects, bad_redirect, repeated };

  void set_options();
  void set_method();
  void set_headers();
  void set_callbacks();
  Error error_of(CURLcode code) const;
  Error connect_error() const;
  Error timeout_error() const;
  bool redirect_to(const std::string& url, int status);
  std::chrono::milliseconds time_left() const;

  static std::size_t on_body(char* data, std::size_t size, std::size_t count, void* self);
  static std::size_t on_header(char* data, std::size_t size, std::size_t count, void* self);
  static curl_socket_t on_open_socket(void* self, curlsocktype purpose, curl_sockaddr* address);
  static int on_connected(void* self, char* remote, char* local, int remote_port, int local_port);
  bool allows(const std::string& address);

  const HttpClient::Ticket ticket_;
  ClientRequest request_;  // changed by redirects
  ClientDone done_;
  const Clock::time_point start_ = Clock::now();
  EasyHandle easy_;
  curl_slist* header_list_ = nullptr;
  ClientResponse response_;
  Stop stop_ = Stop::none;
  std::string refused_address_;
  std::size_t header_bytes_ = 0;
  int redirects_ = 0;
  std::string user_agent_;
};

}  // namespace harmonia::net
