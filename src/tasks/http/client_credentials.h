#pragma once

#include <compare>
#include <string>
#include <string_view>

#include "base/result.h"
#include "base/time.h"
#include "net/http_client.h"

// The client credentials grant of OAuth 2.0 (RFC 6749, section 4.4): messages, nothing is sent.
namespace harmonia::tasks {

struct ClientCredentials {
  std::string token_url;
  std::string client_id;
  std::string client_secret;
  std::string scope = {};   // empty: whatever the server gives
  bool is_in_body = false;  // id and secret go in the form; else as HTTP Basic
  bool verify_tls = true;

  auto operator<=>(const ClientCredentials&) const = default;
};

// The value of the Authorization header; without is_in_body. Section 2.3.1: id and secret are
// encoded first.
std::string basic_authorization(const ClientCredentials& credentials);

net::ClientRequest token_request(const ClientCredentials& credentials);

struct AccessToken {
  std::string text;
  Duration lifetime;  // of its use here: ends shortly before the token expires
};

// `token_refused` when the server says no or gives what is no bearer token; `http_<status>` for
// statuses that may pass.
Result<AccessToken> read_token(const ClientCredentials& credentials,
                               const net::ClientResponse& response);

}  // namespace harmonia::tasks
