#include "net/transfer.h"

#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstring>
#include <netinet/in.h>
#include <string_view>
#include <system_error>
#include <unistd.h>
#include <utility>

#include <sys/socket.h>

#include "net/url.h"

namespace harmonia::net {
namespace {

using std::chrono::milliseconds;

// How much the headers of one answer may be.
constexpr std::size_t response_headers_max = 256u << 10;

bool is_token(std::string_view text) {
  constexpr std::string_view symbols = "!#$%&'*+-.^_`|~";
  return !text.empty() && std::all_of(text.begin(), text.end(), [symbols](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           symbols.find(c) != std::string_view::npos;
  });
}

bool is_header_value(std::string_view text) {
  return std::none_of(text.begin(), text.end(),
                      [](char c) { return c == '\r' || c == '\n' || c == '\0'; });
}

// Headers that are no credentials and may go along to another host. All others may be secrets:
// X-API-Key has many names.
bool may_leave_origin(std::string_view name) {
  constexpr std::array<std::string_view, 8> harmless = {
      "accept",     "accept-language", "content-type", "content-language",
      "user-agent", "traceparent",     "tracestate",   "x-request-id"};
  return std::any_of(harmless.begin(), harmless.end(),
                     [name](std::string_view other) { return equal_without_case(name, other); });
}

// RFC 9110, section 9.2.2: only of these does a second one do no more than the first.
bool may_be_repeated(std::string_view method) {
  constexpr std::array<std::string_view, 6> idempotent = {"GET",   "HEAD", "OPTIONS",
                                                          "TRACE", "PUT",  "DELETE"};
  return std::find(idempotent.begin(), idempotent.end(), method) != idempotent.end();
}

// "30 s", "1.5 s", "200 ms"
std::string in_words(milliseconds duration) {
  const auto count = duration.count();
  if (count < 1000) return std::to_string(count) + " ms";
  std::string text = std::to_string(count / 1000);
  if (count % 1000 != 0) {
    std::string fraction = std::to_string(1000 + count % 1000).substr(1);
    fraction.erase(fraction.find_last_not_of('0') + 1);
    text += "." + fraction;
  }
  return text + " s";
}

std::string lower_first(std::string text) {
  if (!text.empty() && text[0] >= 'A' && text[0] <= 'Z')
    text[0] = static_cast<char>(text[0] - 'A' + 'a');
  return text;
}

std::string text_of(const sockaddr& address) {
  std::array<char, INET6_ADDRSTRLEN> text{};
  const void* bytes = nullptr;
  if (address.sa_family == AF_INET) bytes = &reinterpret_cast<const sockaddr_in&>(address).sin_addr;
  if (address.sa_family == AF_INET6)
    bytes = &reinterpret_cast<const sockaddr_in6&>(address).sin6_addr;
  if (bytes == nullptr || inet_ntop(address.sa_family, bytes, text.data(), text.size()) == nullptr)
    return {};
  return text.data();
}

std::string info_text(CURL* easy, CURLINFO info) {
  const char* text = nullptr;
  curl_easy_getinfo(easy, info, &text);
  return text == nullptr ? std::string() : std::string(text);
}

int status_of(CURL* easy) {
  long status = 0;
  curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
  return static_cast<int>(status);
}

bool is_redirect(int status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

}  // namespace

Result<void> check_request(const ClientRequest& request) {
  TRY([[maybe_unused]] auto url, parse_url(request.url));
  if (!is_token(request.method)) {
    return make_error(error_code::invalid_argument,
                      "'" + request.method + "' is not an HTTP method");
  }
  for (const auto& [name, value] : request.headers.all()) {
    if (!is_token(name) || !is_header_value(value)) {
      return make_error(error_code::invalid_argument, "the header '" + name + "' can't be sent");
    }
  }
  return {};
}

Transfer::Transfer(HttpClient::Ticket number, ClientRequest request, ClientDone done)
    : ticket_(number), request_(std::move(request)), done_(std::move(done)) {}

Transfer::~Transfer() {
  easy_.reset();
  curl_slist_free_all(header_list_);
}

Result<void> Transfer::prepare(EasyHandle easy, const std::string& user_agent) {
  easy_ = std::move(easy);
  user_agent_ = user_agent;
  if (time_left() <= milliseconds(0)) return timeout_error();
  set_options();
  return {};
}

milliseconds Transfer::time_left() const {
  return request_.timeout - std::chrono::duration_cast<milliseconds>(Clock::now() - start_);
}

void Transfer::set_options() {
  CURL* easy = easy_.get();
  curl_easy_reset(easy);
  const milliseconds left = std::max(time_left(), milliseconds(1));  // 0 would mean no limit
  const milliseconds connect = std::clamp(request_.connect_timeout, milliseconds(1), left);
  curl_easy_setopt(easy, CURLOPT_PRIVATE, this);
  curl_easy_setopt(easy, CURLOPT_URL, request_.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_QUICK_EXIT, 1L);  // a stop does not wait for a slow resolver
  curl_easy_setopt(easy, CURLOPT_PROXY, "");       // whatever the environment says
  curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, static_cast<long>(left.count()));
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(connect.count()));
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");  // all that curl can decompress
  curl_easy_setopt(easy, CURLOPT_USERAGENT, user_agent_.c_str());
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, request_.verify_tls ? 1L : 0L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, request_.verify_tls ? 2L : 0L);
  curl_easy_setopt(easy, CURLOPT_MAXFILESIZE_LARGE,
                   static_cast<curl_off_t>(request_.response_size_max));
  set_method();
  set_headers();
  set_callbacks();
}

void Transfer::set_method() {
  CURL* easy = easy_.get();
  if (request_.method == "HEAD") {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
    return;
  }
  if (request_.method == "GET" && request_.body.empty()) return;
  const bool has_body = !request_.body.empty() || request_.method == "POST" ||
                        request_.method == "PUT" || request_.method == "PATCH";
  if (has_body) {
    curl_easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request_.body.size()));
    curl_easy_setopt(easy, CURLOPT_POSTFIELDS, request_.body.data());
  }
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request_.method.c_str());
}

void Transfer::set_headers() {
  curl_slist_free_all(std::exchange(header_list_, nullptr));
  const auto add = [this](const std::string& line) {
    header_list_ = curl_slist_append(header_list_, line.c_str());
  };
  for (const auto& [name, value] : request_.headers.all()) {
    // "name;" is how curl is told to send an empty value; "name:" would remove the header.
    add(value.empty() ? name + ";" : name + ": " + value);
  }
  if (!request_.headers.has("Expect")) add("Expect:");
  if (!request_.headers.has("Content-Type")) add("Content-Type:");
  curl_easy_setopt(easy_.get(), CURLOPT_HTTPHEADER, header_list_);
}

void Transfer::set_callbacks() {
  CURL* easy = easy_.get();
  curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Transfer::on_body);
  curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &Transfer::on_header);
  curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, &Transfer::on_open_socket);
  curl_easy_setopt(easy, CURLOPT_OPENSOCKETDATA, this);
  // Also sees connections that another request left open.
  curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, &Transfer::on_connected);
  curl_easy_setopt(easy, CURLOPT_PREREQDATA, this);
}

std::size_t Transfer::on_body(char* data, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  const std::size_t bytes = size * count;
  if (transfer.response_.body.size() + bytes > transfer.request_.response_size_max) {
    transfer.stop_ = Stop::too_large;
    return 0;
  }
  transfer.response_.body.append(data, bytes);
  return bytes;
}

std::size_t Transfer::on_header(char* data, std::size_t size, std::size_t count, void* self) {
  auto& transfer = *static_cast<Transfer*>(self);
  const std::size_t bytes = size * count;
  std::string_view line(data, bytes);
  // A status line begins the headers anew: those of 100 Continue came before.
  if (line.starts_with("HTTP/")) {
    transfer.response_.headers = Headers();
    transfer.header_bytes_ = 0;
    return bytes;
  }
  transfer.header_bytes_ += bytes;
  if (transfer.header_bytes_ > response_headers_max) {
    transfer.stop_ = Stop::too_large;
    return 0;
  }
  while (!line.empty() && (line.back() == '\r' || line.back() == '\n' || line.back() == ' ')) {
    line.remove_suffix(1);
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return bytes;
  const std::string_view name = line.substr(0, colon);
  line.remove_prefix(colon + 1);
  while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
  transfer.response_.headers.add(name, std::string(line));
  return bytes;
}

bool Transfer::allows(const std::string& address) {
  if (request_.allow_private_addresses || !is_private_address(address)) return true;
  stop_ = Stop::private_address;
  refused_address_ = address;
  return false;
}

curl_socket_t Transfer::on_open_socket(void* self, curlsocktype, curl_sockaddr* address) {
  auto& transfer = *static_cast<Transfer*>(self);
  if (!transfer.allows(text_of(address->addr))) return CURL_SOCKET_BAD;
  return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
}

int Transfer::on_connected(void* self, char* remote, char*, int, int) {
  auto& transfer = *static_cast<Transfer*>(self);
  if (!transfer.allows(remote)) return CURL_PREREQFUNC_ABORT;
  // curl sends a request once more by itself when a connection that was kept open breaks before the
  // answer. Whether the other side has done the work is not known: the retry policy decides.
  long sent = 0;
  curl_easy_getinfo(transfer.easy(), CURLINFO_REQUEST_SIZE, &sent);
  if (sent > 0 && !may_be_repeated(transfer.request_.method)) {
    transfer.stop_ = Stop::repeated;
    return CURL_PREREQFUNC_ABORT;
  }
  transfer.stop_ = Stop::none;  // another of the host's addresses was refused
  return CURL_PREREQFUNC_OK;
}

bool Transfer::follow_redirect(CURLcode code) {
  if (code != CURLE_OK || request_.redirects_max <= 0) return false;
  const int status = status_of(easy_.get());
  const std::string url = info_text(easy_.get(), CURLINFO_REDIRECT_URL);
  if (!is_redirect(status) || url.empty()) return false;
  if (redirects_ >= request_.redirects_max) {
    stop_ = Stop::too_many_redirects;
    return false;
  }
  return redirect_to(url, status);
}

// By hand and not by curl, which would take headers such as X-API-Key along to another host.
bool Transfer::redirect_to(const std::string& url, int status) {
  auto from = parse_url(request_.url);
  auto to = parse_url(url);
  if (!from || !to) {
    stop_ = Stop::bad_redirect;
    return false;
  }
  if (!from->same_origin(*to)) {
    Headers kept;
    for (const auto& [name, value] : request_.headers.all()) {
      if (may_leave_origin(name)) kept.add(name, value);
    }
    request_.headers = std::move(kept);
  }
  // RFC 9110, section 15.4: 303 asks for a GET; for 301 and 302 a POST has always become one.
  const bool becomes_get = (status == 303 && request_.method != "HEAD") ||
                           ((status == 301 || status == 302) && request_.method == "POST");
  if (becomes_get) {
    request_.method = "GET";
    request_.body.clear();
    request_.headers.remove("Content-Type");
  }
  ++redirects_;
  request_.url = url;
  response_ = ClientResponse();
  set_options();
  return true;
}

Result<ClientResponse> Transfer::result(CURLcode code) {
  if (code != CURLE_OK || stop_ != Stop::none) return error_of(code);
  response_.status = status_of(easy_.get());
  response_.effective_url = request_.url;
  response_.elapsed = std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - start_);
  if (response_.headers.has("Content-Encoding")) {
    // They describe the body as it was sent, and it has been decompressed.
    response_.headers.remove("Content-Encoding");
    response_.headers.remove("Content-Length");
  }
  return std::move(response_);
}

void Transfer::finish(Result<ClientResponse> result) {
  std::exchange(done_, nullptr)(std::move(result));
}

Error Transfer::error_of(CURLcode code) const {
  const auto url = parse_url(request_.url);
  const std::string shown = url ? url->shown() : "the URL";
  const std::string host = url ? url->host : std::string();
  switch (stop_) {
    case Stop::too_large:
      return make_error(error_code::payload_too_large,
                        "the answer from " + shown + " is larger than " +
                            std::to_string(request_.response_size_max) + " bytes");
    case Stop::private_address:
      return make_error(error_code::refused,
                        "'" + host + "' is at " + refused_address_ +
                            ", which is not a public address; requests to those must be allowed");
    case Stop::too_many_redirects:
      return make_error(error_code::connection, "more than " +
                                                    std::to_string(request_.redirects_max) +
                                                    " redirects, the last at " + shown);
    case Stop::bad_redirect:
      return make_error(error_code::refused,
                        shown + " redirects to something other than http or https");
    case Stop::repeated:
      return make_error(error_code::connection, "the request to " + shown +
                                                    " failed: the connection broke before the "
                                                    "answer");
    case Stop::none: break;
  }
  if (code == CURLE_FILESIZE_EXCEEDED) {
    return make_error(error_code::payload_too_large,
                      "the answer from " + shown + " is larger than " +
                          std::to_string(request_.response_size_max) + " bytes");
  }
  if (code == CURLE_OPERATION_TIMEDOUT) return timeout_error();
  if (code == CURLE_COULDNT_CONNECT) return connect_error();
  if (code == CURLE_COULDNT_RESOLVE_HOST) {
    return make_error(error_code::connection, "could not resolve host '" + host + "'");
  }
  if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL) {
    return make_error(error_code::invalid_argument, "the URL is malformed");
  }
  return make_error(error_code::connection, "the request to " + shown + " failed: " +
                                                lower_first(curl_easy_strerror(code)));
}

Error Transfer::connect_error() const {
  const auto url = parse_url(request_.url);
  long number = 0;
  curl_easy_getinfo(easy_.get(), CURLINFO_OS_ERRNO, &number);
  std::string cause = number == 0
                          ? "no connection"
                          : lower_first(std::generic_category().message(static_cast<int>(number)));
  return make_error(
      error_code::connection,
      "could not connect to " + (url ? url->endpoint() : request_.url) + ": " + cause);
}

Error Transfer::timeout_error() const {
  const auto url = parse_url(request_.url);
  const std::string shown = url ? url->shown() : "the URL";
  curl_off_t connected_after = 0;
  if (easy_) curl_easy_getinfo(easy_.get(), CURLINFO_PRETRANSFER_TIME_T, &connected_after);
  // The shorter limit is the one that ended it.
  if (connected_after == 0 && request_.connect_timeout < request_.timeout) {
    return make_error(error_code::timeout, "no connection to " + shown + " within " +
                                               in_words(request_.connect_timeout));
  }
  return make_error(error_code::timeout,
                    "no answer from " + shown + " within " + in_words(request_.timeout));
}

}  // namespace harmonia::net
