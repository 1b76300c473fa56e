#include "tasks/http/client_credentials.h"

#include <algorithm>

#include "base/json.h"
#include "expr/text.h"
#include "net/url.h"
#include "tasks/http/http_answer.h"

namespace harmonia::tasks {
namespace {

// Of the fetch. The answer is a few hundred bytes from a server that does nothing else.
constexpr auto fetch_timeout = std::chrono::seconds(10);
constexpr std::size_t answer_size_max = 256u << 10;
constexpr std::size_t token_size_max = 12u << 10;  // fits into the headers that servers accept

constexpr Duration lifetime_unless_told = std::chrono::minutes(5);
constexpr Duration lifetime_max = std::chrono::hours(24);
// Clocks run apart, and a request takes its time.
constexpr Duration margin_max = std::chrono::seconds(30);

std::string shown(const ClientCredentials& credentials) {
  auto url = net::parse_url(credentials.token_url);
  return "POST " + (url.ok() ? url->shown() : "the token URL");
}

Error refused(const ClientCredentials& credentials, std::string_view why) {
  return make_error(error_code::token_refused,
                    "no access token: " + shown(credentials) + " " + std::string(why));
}

// Section 5.1, and what may stand in a header (RFC 6750, section 2.1).
bool is_token(std::string_view text) {
  return !text.empty() && text.size() <= token_size_max &&
         std::all_of(text.begin(), text.end(), [](char c) { return c > 0x20 && c < 0x7f; });
}

Duration lifetime_of(const JsonObject& answer) {
  const Json* told = answer.if_contains("expires_in");
  if (told == nullptr || !told->is_number()) return lifetime_unless_told;
  Duration lifetime =
      std::clamp(from_seconds(told->to_number<double>()), Duration(0), lifetime_max);
  return lifetime - std::min(margin_max, lifetime / 10);
}

}  // namespace

std::string basic_authorization(const ClientCredentials& credentials) {
  return "Basic " + expr::base64_encode(net::percent_encode(credentials.client_id) + ":" +
                                        net::percent_encode(credentials.client_secret));
}

net::ClientRequest token_request(const ClientCredentials& credentials) {
  net::ClientRequest request;
  request.method = "POST";
  request.url = credentials.token_url;
  request.body = "grant_type=client_credentials";
  if (!credentials.scope.empty()) {
    request.body += "&scope=" + net::percent_encode(credentials.scope);
  }
  if (credentials.is_in_body) {
    request.body += "&client_id=" + net::percent_encode(credentials.client_id) +
                    "&client_secret=" + net::percent_encode(credentials.client_secret);
  } else {
    request.headers.set("Authorization", basic_authorization(credentials));
  }
  request.headers.set("Content-Type", "application/x-www-form-urlencoded");
  request.headers.set("Accept", "application/json");
  request.timeout = fetch_timeout;
  request.response_size_max = answer_size_max;
  request.verify_tls = credentials.verify_tls;
  return request;
}

Result<AccessToken> read_token(const ClientCredentials& credentials,
                               const net::ClientResponse& response) {
  if (response.status < 200 || response.status > 299) {
    Error error = status_error("no access token: " + shown(credentials), response);
    if (!is_passing_status(response.status)) error.code = error_code::token_refused;
    return error;
  }
  // What stands in the answer is not shown: it may be a token.
  auto parsed = parse_json(response.body);
  const JsonObject* answer = parsed.ok() ? parsed->if_object() : nullptr;
  if (answer == nullptr) return refused(credentials, "answered with something that is no object");
  std::string type = get_string(*answer, "token_type", "Bearer");
  if (!net::equal_without_case(type, "Bearer")) {
    return refused(credentials, "gave a token that is no bearer token");
  }
  std::string token = get_string(*answer, "access_token");
  if (!is_token(token)) return refused(credentials, "gave no usable access_token");
  return AccessToken{.text = std::move(token), .lifetime = lifetime_of(*answer)};
}

}  // namespace harmonia::tasks
