#include "tasks/http/http_call.h"

#include <algorithm>
#include <array>
#include <cctype>

#include "expr/text.h"
#include "net/url.h"
#include "tasks/text.h"
#include "tasks/time_bound.h"

namespace harmonia::tasks {
namespace {

constexpr int redirects_max = 5;
constexpr Duration default_timeout = std::chrono::seconds(30);
constexpr Duration timeout_max = std::chrono::hours(24);

Error invalid(std::string detail) {
  return make_error(error_code::invalid_argument, std::move(detail));
}

const JsonObject* object_at(const JsonObject& input, std::string_view name) {
  const Json* found = input.if_contains(json_view(name));
  return found != nullptr ? found->if_object() : nullptr;
}

bool flag_at(const JsonObject& input, std::string_view name, bool fallback) {
  const Json* found = input.if_contains(json_view(name));
  return found != nullptr && found->is_bool() ? found->get_bool() : fallback;
}

void append_pair(std::string& out, std::string_view name, const Json& value) {
  if (value.is_null()) return;
  if (!out.empty()) out += '&';
  out += net::percent_encode(name) + "=" + net::percent_encode(scalar_text(value));
}

// a=1&b=2&b=3
std::string encode_pairs(const JsonObject& pairs) {
  std::string out;
  for (const auto& pair : pairs) {
    std::string_view name = text_view(pair.key());
    if (const auto* values = pair.value().if_array()) {
      for (const Json& value : *values) append_pair(out, name, value);
    } else {
      append_pair(out, name, pair.value());
    }
  }
  return out;
}

// Before the fragment, behind a query that may be there.
std::string with_query(std::string url, const std::string& query) {
  if (query.empty()) return url;
  std::string fragment;
  if (auto hash = url.find('#'); hash != std::string::npos) {
    fragment = url.substr(hash);
    url.resize(hash);
  }
  auto question = url.find('?');
  if (question == std::string::npos) {
    url += '?';
  } else if (question + 1 != url.size() && url.back() != '&') {
    url += '&';
  }
  return url + query + fragment;
}

void set_unless_given(net::Headers& headers, std::string_view name, std::string value) {
  if (!value.empty() && !headers.has(name)) headers.set(name, std::move(value));
}

Result<void> set_body(const JsonObject& input, net::ClientRequest& request) {
  const Json* body = input.if_contains("body");
  const JsonObject* form = object_at(input, "form");
  if (form != nullptr) {
    if (body != nullptr) return invalid("the input has both a body and a form; a request has one");
    request.body = encode_pairs(*form);
    set_unless_given(request.headers, "Content-Type", "application/x-www-form-urlencoded");
    return {};
  }
  if (body == nullptr) return {};
  request.body = scalar_text(*body);
  set_unless_given(request.headers, "Content-Type",
                   body->is_string() ? "text/plain; charset=utf-8" : "application/json");
  return {};
}

// The base64 of a header says as much as the secrets in it.
void hide_basic(const std::string& header, Redactor& redactor) {
  constexpr std::string_view scheme = "Basic ";
  redactor.add("authorization", std::string_view(header).substr(scheme.size()));
}

Result<void> set_oauth2(const JsonObject& auth, HttpCall& call) {
  ClientCredentials credentials{
      .token_url = get_string(auth, "token_url"),
      .client_id = get_string(auth, "client_id"),
      .client_secret = get_string(auth, "client_secret"),
      .scope = get_string(auth, "scope"),
      .is_in_body = get_string(auth, "send_credentials_in", "header") == "body",
      .verify_tls = call.request.verify_tls};
  TRY_DO(net::parse_url(credentials.token_url));
  hide_basic(basic_authorization(credentials), call.redactor);
  call.credentials = std::move(credentials);
  return {};
}

Result<void> set_auth(const JsonObject& auth, HttpCall& call) {
  net::ClientRequest& request = call.request;
  std::string type = get_string(auth, "type");
  if (type == "oauth2") return set_oauth2(auth, call);
  if (type == "basic") {
    std::string pair = get_string(auth, "username") + ":" + get_string(auth, "password");
    std::string header = "Basic " + expr::base64_encode(pair);
    hide_basic(header, call.redactor);
    request.headers.set("Authorization", std::move(header));
  } else if (type == "bearer") {
    request.headers.set("Authorization", "Bearer " + get_string(auth, "token"));
  } else if (get_string(auth, "in", "header") == "header") {
    request.headers.set(get_string(auth, "name"), get_string(auth, "value"));
  } else {
    std::string query;
    append_pair(query, get_string(auth, "name"), auth.at("value"));
    request.url = with_query(std::move(request.url), query);
  }
  return {};
}

// So that a receiver recognises a repeat, and so that traces hang together.
void set_context_headers(const Work& work, net::ClientRequest& request) {
  constexpr std::array<std::string_view, 4> changing = {"POST", "PUT", "PATCH", "DELETE"};
  if (std::find(changing.begin(), changing.end(), request.method) != changing.end()) {
    set_unless_given(request.headers, "Idempotency-Key",
                     engine::idempotency_key(work.key, work.task_path));
  }
  if (!work.context || !work.context->is_object()) return;
  const JsonObject& context = work.context->get_object();
  set_unless_given(request.headers, "traceparent", get_string(context, "traceparent"));
  set_unless_given(request.headers, "X-Request-ID", get_string(context, "request_id"));
}

StatusRange range_of(const Json& expected) {
  std::string text = scalar_text(expected);
  if (text.ends_with("xx")) {
    int first = (text[0] - '0') * 100;
    return {.first = first, .last = first + 99};
  }
  int status = 0;
  std::from_chars(text.data(), text.data() + text.size(), status);
  return {.first = status, .last = status};
}

std::vector<StatusRange> expected_of(const JsonObject& input) {
  const Json* expected = input.if_contains("expect");
  if (expected == nullptr) return {StatusRange{}};
  std::vector<StatusRange> ranges;
  for (const Json& item : expected->get_array()) ranges.push_back(range_of(item));
  return ranges;
}

std::size_t size_bound(const JsonObject& input, std::size_t size_max) {
  auto asked = get_int(input, "response_size_max");
  return asked > 0 ? std::min(size_max, static_cast<std::size_t>(asked)) : size_max;
}

std::string upper_case(std::string text) {
  for (char& c : text) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  return text;
}

}  // namespace

bool HttpCall::expects(int status) const {
  return std::any_of(expected.begin(), expected.end(), [status](const StatusRange& range) {
    return range.first <= status && status <= range.last;
  });
}

Result<HttpCall> make_http_call(const Work& work, const HttpOptions& options) {
  const JsonObject& input = work.input.get_object();
  HttpCall call;
  net::ClientRequest& request = call.request;
  request.method = upper_case(get_string(input, "method", "GET"));
  request.url = get_string(input, "url");
  TRY(auto url, net::parse_url(request.url));
  call.shown = request.method + " " + url.shown();
  if (const auto* query = object_at(input, "query")) {
    request.url = with_query(std::move(request.url), encode_pairs(*query));
  }
  if (const auto* headers = object_at(input, "headers")) {
    for (const auto& header : *headers) {
      request.headers.set(text_view(header.key()), scalar_text(header.value()));
    }
  }
  TRY_DO(set_body(input, request));
  request.verify_tls = flag_at(input, "verify_tls", true);
  if (const auto* auth = object_at(input, "auth")) TRY_DO(set_auth(*auth, call));
  set_context_headers(work, request);

  Duration asked = time_asked(input, {.fallback = default_timeout, .longest = timeout_max});
  Duration allowed = before_deadline(asked, work.deadline);
  request.timeout = std::chrono::duration_cast<std::chrono::milliseconds>(allowed);
  if (request.timeout.count() <= 0) {
    return make_error(error_code::timeout, "no time was left for " + call.shown);
  }
  request.redirects_max = flag_at(input, "follow_redirects", true) ? redirects_max : 0;
  request.response_size_max = size_bound(input, options.response_size_max);
  request.allow_private_addresses = options.allow_private_addresses;
  call.expected = expected_of(input);
  call.is_guarded = flag_at(input, "circuit_breaker", true);
  return call;
}

}  // namespace harmonia::tasks
