#pragma once

#include <string_view>

#include "base/error.h"
#include "net/http.h"

namespace harmonia::net {

// What the server itself answers when a request never reaches a handler, or gets no answer from it.
struct Refusal {
  int status = 400;
  Error error = {};
};

// The refusal as RFC 9457 application/problem+json.
Response problem_response(const Refusal& refusal);

// "Not Found" for 404; empty for a status without a registered phrase.
std::string_view reason_phrase(int status);

}  // namespace harmonia::net
