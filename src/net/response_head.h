#pragma once

#include <string>
#include <string_view>

#include "net/http.h"

namespace harmonia::net {

enum class BodyEnd {
  length,  // Content-Length of the body, where the status allows one
  chunked,
  close,  // the connection's end, for streams to HTTP/1.0 clients
};

struct HeadFraming {
  std::string_view date;
  bool is_http_1_1 = true;
  bool keep_alive = true;
  BodyEnd body_end = BodyEnd::length;
};

// The status line and the header, to the empty line. Framing fields are the server's own: what the
// handler says about Content-Length, Transfer-Encoding, Connection and Date is left out. Control
// characters in values become spaces, so that a value can't smuggle in a line.
std::string format_head(const Response& response, const HeadFraming& framing);

// Whether an answer of this status has a body at all.
bool may_have_body(int status);

}  // namespace harmonia::net
