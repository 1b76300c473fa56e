#include "net/request_parser.h"

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

namespace harmonia::net {
namespace {

namespace http = boost::beast::http;
using ErrorCode = boost::system::error_code;
using http::error;
using BeastView = boost::beast::string_view;

// Memory taken on the word of a Content-Length; beyond that the bytes must arrive first.
constexpr std::uint64_t body_reserve_max = 1u << 20;
// The shortest end of a chunked body: "0\r\n\r\n".
constexpr std::size_t chunked_end_size = 5;

std::string_view view(BeastView text) { return {text.data(), text.size()}; }

Refusal refuse(int status, std::string_view code, std::string detail) {
  return Refusal{.status = status, .error = make_error(code, std::move(detail))};
}

// Writes what Beast's parser finds straight into our Request.
class Parser final : public http::basic_parser<true> {
 public:
  explicit Parser(const RequestParser::Limits& limits) : header_size_max_(limits.header_size_max) {
    header_limit(static_cast<std::uint32_t>(limits.header_size_max));
    body_limit(limits.body_size_max);
  }

  using http::basic_parser<true>::put;

  Request request;
  bool is_head = false;
  int version = 0;  // 10 or 11

 private:
  void on_request_impl(http::verb, BeastView method, BeastView target, int sent_version,
                       ErrorCode&) override {
    version = sent_version;
    is_head = method == "HEAD";
    request.method = is_head ? "GET" : std::string(view(method));
    request.target = std::string(view(target));
    header_size_ = method.size() + target.size();
  }
  void on_response_impl(int, BeastView, int, ErrorCode&) override {}
  void on_field_impl(http::field, BeastView name, BeastView value, ErrorCode& code) override {
    // Beast's own limit counts anew for each piece that arrives.
    header_size_ += name.size() + value.size() + 4;
    if (header_size_ > header_size_max_) code = error::header_limit;
    // Trailers could smuggle in headers that were checked already.
    if (!is_header_done_) request.headers.add(view(name), std::string(view(value)));
  }
  void on_header_impl(ErrorCode&) override { is_header_done_ = true; }
  void on_body_init_impl(const boost::optional<std::uint64_t>& length, ErrorCode&) override {
    if (length) request.body.reserve(std::min(*length, body_reserve_max));
  }
  std::size_t on_body_impl(BeastView body, ErrorCode&) override {
    request.body.append(body.data(), body.size());
    return body.size();
  }
  void on_chunk_header_impl(std::uint64_t, BeastView, ErrorCode&) override {}
  std::size_t on_chunk_body_impl(std::uint64_t, BeastView body, ErrorCode&) override {
    request.body.append(body.data(), body.size());
    return body.size();
  }
  void on_finish_impl(ErrorCode&) override {}

  std::size_t header_size_max_;
  std::size_t header_size_ = 0;
  bool is_header_done_ = false;
};

Refusal refusal_of(const ErrorCode& code, const RequestParser::Limits& limits) {
  if (code == error::body_limit) {
    return refuse(413, error_code::payload_too_large,
                  "the body is larger than " + std::to_string(limits.body_size_max) + " bytes");
  }
  if (code == error::header_limit) {
    return refuse(431, error_code::payload_too_large,
                  "the header is larger than " + std::to_string(limits.header_size_max) + " bytes");
  }
  if (code == error::bad_version) {
    return refuse(400, error_code::invalid_argument,
                  "only HTTP/1.0 and HTTP/1.1 are understood here");
  }
  return refuse(400, error_code::invalid_argument, "the request is malformed: " + code.message());
}

// "http://host/path" -> "/path". Nothing when it is neither that nor "/path" nor "*".
std::optional<std::string_view> origin_form(std::string_view target) {
  if (target == "*") return "/";
  if (target.starts_with('/')) return target;
  const std::size_t scheme_end = target.find("://");
  if (scheme_end == std::string_view::npos) return std::nullopt;
  const std::string_view scheme = target.substr(0, scheme_end);
  if (!equal_without_case(scheme, "http") && !equal_without_case(scheme, "https"))
    return std::nullopt;
  const std::size_t path = target.find_first_of("/?", scheme_end + 3);
  if (path == std::string_view::npos) return "/";
  return target.substr(path);
}

std::optional<Refusal> read_target(Request& request) {
  auto target = origin_form(request.target);
  if (!target)
    return refuse(400, error_code::invalid_argument, "the request's target is not a path");
  const std::string_view whole = target->substr(0, target->find('#'));
  const std::size_t mark = std::min(whole.find('?'), whole.size());
  auto path = percent_decode(whole.substr(0, mark), false);
  if (!path || path->find('\0') != std::string::npos) {
    return refuse(400, error_code::invalid_argument, "the path holds a malformed percent escape");
  }
  auto query = parse_query(whole.substr(std::min(mark + 1, whole.size())));
  if (!query) {
    return refuse(400, error_code::invalid_argument, "the query holds a malformed percent escape");
  }
  request.path = path->empty() ? "/" : std::move(*path);
  request.query = std::move(*query);
  return std::nullopt;
}

std::size_t count_of(const Headers& headers, std::string_view name) {
  const auto& all = headers.all();
  return static_cast<std::size_t>(std::count_if(all.begin(), all.end(), [name](const auto& field) {
    return equal_without_case(field.first, name);
  }));
}

// What Beast lets pass and we must not, or can not do.
std::optional<Refusal> check_header(Request& request, bool is_http_1_1) {
  const std::size_t hosts = count_of(request.headers, "Host");
  if (hosts > 1 || (hosts == 0 && is_http_1_1)) {
    return refuse(400, error_code::invalid_argument, "the request must have one Host header");
  }
  if (request.headers.has("Transfer-Encoding") &&
      !equal_without_case(request.headers.get("Transfer-Encoding"), "chunked")) {
    return refuse(501, error_code::invalid_argument,
                  "the only transfer encoding understood is chunked");
  }
  if (request.method == "CONNECT" || request.method == "TRACE") {
    return refuse(501, error_code::invalid_argument,
                  "the method " + request.method + " is not offered");
  }
  if (request.headers.has("Expect") &&
      !equal_without_case(request.headers.get("Expect"), "100-continue")) {
    return refuse(417, error_code::invalid_argument,
                  "the only expectation understood is 100-continue");
  }
  return read_target(request);
}

}  // namespace

class RequestParser::Impl {
 public:
  Limits limits;
  std::optional<Parser> parser = {};  // made anew for each request: Beast's can't be used twice
  bool is_header_reported = false;
  Refusal refusal = {};

  Progress fail(Refusal why) {
    refusal = std::move(why);
    return Progress{Step::refused, 0};
  }

  Progress parse(std::string_view bytes) {
    // Beast asserts that the end of a chunked body does not arrive byte by byte.
    if (is_header_reported && parser->chunked() && bytes.size() < chunked_end_size) {
      return Progress{Step::need_more, 0};
    }
    ErrorCode code;
    const std::size_t consumed = parser->put(asio_buffer(bytes), code);
    if (code && code != error::need_more) return fail(refusal_of(code, limits));
    if (!is_header_reported && parser->is_header_done()) {
      is_header_reported = true;
      parser->eager(true);
      auto refused = check_header(parser->request, parser->version >= 11);
      if (refused) return fail(std::move(*refused));
      if (!parser->is_done()) return Progress{Step::header_done, consumed};
    }
    return Progress{parser->is_done() ? Step::complete : Step::need_more, consumed};
  }

 private:
  static boost::asio::const_buffer asio_buffer(std::string_view bytes) {
    return {bytes.data(), bytes.size()};
  }
};

RequestParser::RequestParser(const Limits& limits)
    : impl_(std::make_unique<Impl>(Impl{.limits = limits})) {
  reset();
}
RequestParser::~RequestParser() = default;

void RequestParser::reset() {
  impl_->parser.emplace(impl_->limits);
  impl_->is_header_reported = false;
}

RequestParser::Progress RequestParser::parse(std::string_view bytes) { return impl_->parse(bytes); }
Request& RequestParser::request() { return impl_->parser->request; }
bool RequestParser::keep_alive() const { return impl_->parser->keep_alive(); }
bool RequestParser::is_http_1_1() const { return impl_->parser->version >= 11; }
bool RequestParser::expects_continue() const {
  return is_http_1_1() && impl_->parser->request.headers.has("Expect");
}
bool RequestParser::wants_web_socket() const {
  const Parser& parser = *impl_->parser;
  return parser.upgrade() && is_http_1_1() && parser.request.method == "GET" && !parser.is_head &&
         list_has_token(parser.request.headers.get("Upgrade"), "websocket");
}
bool RequestParser::is_head() const { return impl_->parser->is_head; }
const Refusal& RequestParser::refusal() const { return impl_->refusal; }

}  // namespace harmonia::net
