#include "net/response_head.h"

#include "net/problem.h"

namespace harmonia::net {
namespace {

bool is_framing(std::string_view name) {
  return equal_without_case(name, "Content-Length") ||
         equal_without_case(name, "Transfer-Encoding") || equal_without_case(name, "Connection") ||
         equal_without_case(name, "Date");
}

void append_clean(std::string& out, std::string_view text) {
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    out.push_back((byte < 0x20 && c != '\t') || byte == 0x7f ? ' ' : c);
  }
}

}  // namespace

bool may_have_body(int status) { return status >= 200 && status != 204 && status != 304; }

std::string format_head(const Response& response, const HeadFraming& framing) {
  std::string head;
  head.reserve(256);
  head += "HTTP/1.1 ";
  head += std::to_string(response.status);
  head += ' ';
  head += reason_phrase(response.status);
  head += "\r\nDate: ";
  head += framing.date;
  head += "\r\n";
  for (const auto& [name, value] : response.headers.all()) {
    if (is_framing(name)) continue;
    append_clean(head, name);
    head += ": ";
    append_clean(head, value);
    head += "\r\n";
  }
  switch (framing.body_end) {
    case BodyEnd::length:
      if (!may_have_body(response.status)) break;
      head += "Content-Length: ";
      head += std::to_string(response.body.size());
      head += "\r\n";
      break;
    case BodyEnd::chunked: head += "Transfer-Encoding: chunked\r\n"; break;
    case BodyEnd::close: break;
  }
  if (!framing.keep_alive) {
    head += "Connection: close\r\n";
  } else if (!framing.is_http_1_1) {
    head += "Connection: keep-alive\r\n";
  }
  head += "\r\n";
  return head;
}

}  // namespace harmonia::net
