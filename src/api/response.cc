#include "api/response.h"

#include <algorithm>
#include <cmath>

#include "base/time.h"

namespace harmonia::api {
namespace {

constexpr std::string_view problem_type = "application/problem+json";

// Codes that only HTTP knows; the others are in base/error.h.
struct HttpCode {
  std::string_view code;
  int status;
};
constexpr HttpCode http_codes[] = {
    {"method_not_allowed", 405},
    {"not_acceptable", 406},
    {"unsupported_media_type", 415},
    {"precondition_required", 428},
};

int status_of(std::string_view code) {
  for (const HttpCode& entry : http_codes) {
    if (entry.code == code) return entry.status;
  }
  return http_status(code);
}

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

// Calls `visit` for each member of a comma-separated list until it says true.
template <class Visit>
bool any_of_list(std::string_view list, Visit visit) {
  while (!list.empty()) {
    std::size_t comma = list.find(',');
    if (visit(trim(list.substr(0, comma)))) return true;
    list = comma == std::string_view::npos ? std::string_view() : list.substr(comma + 1);
  }
  return false;
}

// `q=0` and `q=0.000` refuse.
bool is_refused(std::string_view parameters) {
  std::size_t q = parameters.find("q=");
  if (q == std::string_view::npos) return false;
  std::string_view weight = parameters.substr(q + 2);
  weight = weight.substr(0, weight.find_first_of(" ;"));
  return !weight.empty() && weight.find_first_not_of("0.") == std::string_view::npos;
}

bool is_in_range(std::string_view range, std::string_view media_type) {
  if (range == "*/*") return true;
  if (range.ends_with("/*")) return media_type.starts_with(range.substr(0, range.size() - 1));
  return net::equal_without_case(range, media_type);
}

}  // namespace

net::Response json_response(int status, const Json& body) {
  return json_text_response(status, to_text(body));
}

net::Response json_text_response(int status, std::string body) {
  net::Response response{.status = status, .body = std::move(body)};
  response.headers.set("Content-Type", "application/json");
  return response;
}

net::Response text_response(std::string_view content_type, std::string body) {
  net::Response response{.status = 200, .body = std::move(body)};
  response.headers.set("Content-Type", std::string(content_type));
  return response;
}

net::Response empty_response(int status) { return {.status = status}; }

Json problem_to_json(const Problem& problem) {
  JsonObject object{{"pointer", json_view(problem.pointer)},
                    {"message", json_view(problem.message)},
                    {"severity", problem.severity == Severity::error ? "error" : "warning"}};
  if (!problem.hint.empty()) object["hint"] = json_view(problem.hint);
  if (problem.line > 0) {
    object["line"] = problem.line;
    object["column"] = problem.column;
  }
  if (!problem.excerpt.empty()) object["excerpt"] = json_view(problem.excerpt);
  return object;
}

net::Response problem_response(const Error& error) {
  return problem_response(error, status_of(error.code));
}

net::Response problem_response(const Error& error, int status) {
  JsonObject body{{"type", "/docs/errors#" + error.code},
                  {"title", json_view(error_title(error.code))},
                  {"status", status},
                  {"detail", json_view(error.detail)},
                  {"code", json_view(error.code)}};
  if (!error.instance.empty()) body["instance"] = json_view(error.instance);
  if (!error.problems.empty()) {
    JsonArray problems;
    for (const Problem& problem : error.problems) problems.push_back(problem_to_json(problem));
    body["errors"] = std::move(problems);
  }
  net::Response response{.status = status, .body = to_text(body)};
  response.headers.set("Content-Type", std::string(problem_type));
  if (error.retry_after) {
    auto seconds = std::max(1.0, std::ceil(to_seconds(*error.retry_after)));
    response.headers.set("Retry-After", std::to_string(static_cast<std::int64_t>(seconds)));
  }
  return response;
}

bool names_etag(std::string_view header, std::string_view etag) {
  return any_of_list(header, [etag](std::string_view item) {
    if (item.starts_with("W/")) item.remove_prefix(2);
    return item == "*" || item == etag;
  });
}

net::Response tagged_response(const net::Request& request, std::string_view etag,
                              const Json& body) {
  return tagged_text_response(request, etag, to_text(body));
}

net::Response tagged_text_response(const net::Request& request, std::string_view etag,
                                   std::string body) {
  bool fresh = names_etag(request.headers.get("If-None-Match"), etag);
  net::Response response = fresh ? empty_response(304) : json_text_response(200, std::move(body));
  response.headers.set("ETag", std::string(etag));
  return response;
}

std::string next_link(const net::Request& request, std::string_view cursor_name,
                      std::string_view cursor) {
  std::string target = "<" + request.target.substr(0, request.target.find_first_of("?#"));
  char separator = '?';
  auto add = [&](std::string_view name, std::string_view value) {
    target += separator;
    target += net::percent_encode(name);
    target += '=';
    target += net::percent_encode(value);
    separator = '&';
  };
  for (const auto& [name, value] : request.query) {
    if (name != cursor_name && name != "offset") add(name, value);
  }
  add(cursor_name, cursor);
  return target + ">; rel=\"next\"";
}

bool accepts(std::string_view accept, std::string_view media_type) {
  if (trim(accept).empty()) return true;
  return any_of_list(accept, [media_type](std::string_view item) {
    std::size_t semicolon = item.find(';');
    std::string_view range = trim(item.substr(0, semicolon));
    bool refused = semicolon != std::string_view::npos && is_refused(item.substr(semicolon));
    return !refused && is_in_range(range, media_type);
  });
}

bool names_media_type(std::string_view accept, std::string_view media_type) {
  return net::list_has_token(accept, media_type);
}

}  // namespace harmonia::api
