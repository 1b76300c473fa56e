#include "tasks/http/http_answer.h"

#include <cctype>
#include <chrono>

#include "tasks/http/retry_after.h"
#include "tasks/text.h"

namespace harmonia::tasks {
namespace {

constexpr std::size_t shown_body_max = 300;  // bytes of it in an error

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower;
}

// application/json, application/problem+json; charset=utf-8
bool is_json(const net::Headers& headers) {
  std::string type = lower_case(headers.get("Content-Type"));
  if (auto semicolon = type.find(';'); semicolon != std::string::npos) type.resize(semicolon);
  while (type.ends_with(' ')) type.pop_back();
  return type == "application/json" || type == "text/json" || type.ends_with("+json");
}

JsonObject headers_json(const net::Headers& headers) {
  JsonObject object;
  for (const auto& [name, value] : headers.all()) {
    std::string key = valid_utf8(lower_case(name));
    std::string text = valid_utf8(value);
    if (key == "set-cookie") {
      // Cookies hold commas, so they can't be joined.
      Json& list = object[key];
      if (!list.is_array()) list = JsonArray();
      list.get_array().push_back(json_view(text));
      continue;
    }
    Json& field = object[key];
    if (field.is_string()) text = std::string(text_view(field.get_string())) + ", " + text;
    field = json_view(text);
  }
  return object;
}

void put_body(JsonObject& output, const net::ClientResponse& response) {
  if (is_json(response.headers)) {
    if (response.body.empty()) {
      output["body"] = nullptr;
      return;
    }
    // What calls itself JSON and is none stays text, so that nothing of it is lost.
    if (auto parsed = parse_json(response.body); parsed.ok()) {
      output["body"] = std::move(parsed).value();
      return;
    }
  }
  put_bytes(output, "body", response.body);
}

// One line of it.
std::string start_of(const std::string& body) {
  // A little more than is shown, so that a character cut in two is behind the end.
  std::string text = valid_utf8(std::string_view(body).substr(0, shown_body_max + 8));
  for (char& c : text) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  }
  return shortened(text, shown_body_max);
}

}  // namespace

bool is_passing_status(int status) {
  return status == 408 || status == 425 || status == 429 || status >= 500;
}

Error status_error(std::string_view what, const net::ClientResponse& response) {
  std::string detail = std::string(what) + " answered " + std::to_string(response.status);
  std::string body = start_of(response.body);
  if (!body.empty()) detail += ": " + body;
  Error error = make_error("http_" + std::to_string(response.status), std::move(detail));
  if (response.headers.has("Retry-After")) {
    // The server's own clock, where it tells it: the two may disagree.
    auto now = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
    auto there = parse_http_date(response.headers.get("Date")).value_or(now);
    error.retry_after = parse_retry_after(response.headers.get("Retry-After"), there);
  }
  return error;
}

Outcome http_outcome(const HttpCall& call, net::ClientResponse response) {
  if (!call.expects(response.status)) {
    return Outcome::failure(status_error(call.shown, response), is_passing_status(response.status));
  }
  JsonObject output;
  output["status"] = response.status;
  output["headers"] = headers_json(response.headers);
  put_body(output, response);
  output["elapsed_ms"] =
      std::chrono::duration_cast<std::chrono::milliseconds>(response.elapsed).count();
  output["url"] = json_view(valid_utf8(response.effective_url));
  return Outcome::success(std::move(output));
}

Outcome http_failure(Error error) {
  bool refused = error.code == error_code::refused;
  if (refused && error.detail.find("not a public address") != std::string::npos) {
    error.detail += " (--allow-private-addresses or HARMONIA_ALLOW_PRIVATE_ADDRESSES)";
  }
  bool hopeless = refused || error.code == error_code::invalid_argument ||
                  error.code == error_code::payload_too_large ||
                  error.code == error_code::token_refused;
  return Outcome::failure(std::move(error), !hopeless);
}

}  // namespace harmonia::tasks
