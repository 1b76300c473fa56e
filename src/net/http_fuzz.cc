#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "base/hash.h"
#include "net/http.h"
#include "net/request_parser.h"
#include "net/url.h"

// Feeds any bytes to the parser of requests, whole and in pieces: it must see the same in them, and
// what it accepts has the form that handlers rely on. The same bytes are read as a query and as a
// URL. Built with clang only; see cmake/fuzz.cmake.
namespace harmonia::net {
namespace {

constexpr RequestParser::Limits limits{.header_size_max = 512, .body_size_max = 256};

// What a connection carried.
struct Seen {
  std::vector<std::string> requests;
  std::string refusal;  // the last thing; may be empty
  bool was_too_large = false;
};

std::string describe(const RequestParser& parser, const Request& request) {
  std::string line = request.method + " " + request.target + " " + request.path;
  for (const auto& [name, value] : request.query) line += "\n?" + name + "=" + value;
  for (const auto& [name, value] : request.headers.all()) line += "\n" + name + ": " + value;
  line += "\n\n" + request.body + "\n";
  for (bool flag : {parser.keep_alive(), parser.expects_continue(), parser.is_head(),
                    parser.is_http_1_1(), parser.wants_web_socket()})
    line += flag ? '1' : '0';
  return line;
}

bool is_printable(std::string_view text) {
  return std::none_of(text.begin(), text.end(), [](char c) {
    return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7f;
  });
}

void check_framing(const Request& request) {
  const bool is_chunked = request.headers.has("Transfer-Encoding");
  const bool has_length = request.headers.has("Content-Length");
  ASSERT(!(is_chunked && has_length));  // two servers could see two different requests
  ASSERT(is_chunked || has_length || request.body.empty());
  if (has_length) {
    ASSERT(std::stoull(std::string(request.headers.get("Content-Length"))) == request.body.size());
  }
  ASSERT(request.body.size() <= limits.body_size_max);
}

void check_request(const RequestParser& parser, const Request& request) {
  ASSERT(!request.method.empty() && is_printable(request.method));
  ASSERT(is_printable(request.target));
  ASSERT(request.path.starts_with('/') && request.path.find('\0') == std::string::npos);
  std::size_t header_size = 0;
  std::size_t hosts = 0;
  for (const auto& [name, value] : request.headers.all()) {
    ASSERT(!name.empty() && name.find_first_of(" \t:") == std::string::npos);
    ASSERT(is_printable(name) && is_printable(value));
    header_size += name.size() + value.size();
    hosts += equal_without_case(name, "Host");
  }
  ASSERT(header_size <= limits.header_size_max);
  ASSERT(hosts == 1 || (hosts == 0 && !parser.is_http_1_1()));
  check_framing(request);
}

// Takes what is there as a session does. False: no more of this connection can be read.
bool read_on(RequestParser& parser, std::string_view& input, Seen& seen) {
  for (;;) {
    const RequestParser::Progress progress = parser.parse(input);
    ASSERT(progress.consumed <= input.size());
    input.remove_prefix(progress.consumed);
    switch (progress.step) {
      case RequestParser::Step::refused:
        seen.refusal =
            std::to_string(parser.refusal().status) + " " + parser.refusal().error.detail;
        seen.was_too_large = parser.refusal().error.code == error_code::payload_too_large;
        return false;
      case RequestParser::Step::header_done: continue;
      case RequestParser::Step::complete:
        check_request(parser, parser.request());
        seen.requests.push_back(describe(parser, parser.request()));
        if (!parser.keep_alive() || parser.wants_web_socket()) return false;
        parser.reset();
        if (input.empty()) return true;
        continue;
      case RequestParser::Step::need_more: break;
    }
    seen.was_too_large = input.size() > limits.header_size_max;
    return !seen.was_too_large;
  }
}

// `seed` 0: the bytes arrive at once; 1: one by one; else in pieces that follow from it.
Seen read_connection(std::string_view bytes, std::uint64_t seed) {
  Seen seen;
  RequestParser parser(limits);
  std::string waiting;
  while (!bytes.empty()) {
    std::size_t size = bytes.size();
    if (seed == 1) size = 1;
    if (seed > 1) {
      seed = seed * 6364136223846793005u + 1442695040888963407u;
      size = std::min<std::size_t>(bytes.size(), 1 + (seed >> 59));
    }
    waiting += bytes.substr(0, size);
    bytes.remove_prefix(size);
    std::string_view input = waiting;
    if (!read_on(parser, input, seen)) break;
    waiting.erase(0, waiting.size() - input.size());
  }
  return seen;
}

// A piece may end before a fault shows, so one of them may have no refusal.
bool same(const Seen& a, const Seen& b) {
  return a.requests == b.requests &&
         (a.refusal == b.refusal || a.refusal.empty() || b.refusal.empty());
}

void show(const char* how, const Seen& seen) {
  std::fprintf(stderr, "http_fuzz: %s:\n", how);
  for (const std::string& request : seen.requests) std::fprintf(stderr, "%s\n", request.c_str());
  std::fprintf(stderr, "refused: %s\n", seen.refusal.c_str());
}

void check_connection(std::string_view bytes) {
  const Seen whole = read_connection(bytes, 0);
  for (std::uint64_t seed : {std::uint64_t{1}, stable_hash(bytes) | 2}) {
    const Seen pieces = read_connection(bytes, seed);
    if (whole.was_too_large || pieces.was_too_large) continue;  // limits may count what waits
    if (!same(whole, pieces)) {
      show("whole", whole);
      show("in pieces", pieces);
    }
    ASSERT(same(whole, pieces));
  }
}

void check_query(std::string_view text) {
  ASSERT(percent_decode(percent_encode(text), true) == text);
  const auto query = parse_query(text);
  if (!query) return;
  std::string written;
  for (const auto& [name, value] : *query)
    written += percent_encode(name) + "=" + percent_encode(value) + "&";
  ASSERT(parse_query(written) == query);
}

void check_url(std::string_view text) {
  const auto url = parse_url(std::string(text));
  if (!url.ok()) return;
  ASSERT(!url->host.empty() && !url->port.empty());
  const std::string shown = url->shown();
  ASSERT(shown.find_first_of("?#") == std::string::npos);
  const auto again = parse_url(shown);
  ASSERT(again.ok());
  ASSERT(again->same_origin(*url) && again->shown() == shown);
}

}  // namespace
}  // namespace harmonia::net

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  harmonia::net::check_connection(text);
  harmonia::net::check_query(text);
  harmonia::net::check_url(text);
  return 0;
}
