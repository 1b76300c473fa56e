#include "cli/api_client.h"

#include "base/time.h"
#include "cli/exit_code.h"
#include "cli/report.h"
#include "cli/terminal.h"

namespace harmonia::cli {
namespace {

// A problem document (RFC 9457) as an error whose detail holds every finding.
Error read_problem(int status, const std::string& body) {
  Error error = make_error(error_code::internal, "the server answered " + std::to_string(status));
  auto parsed = parse_json(body);
  if (!parsed || !parsed->is_object()) {
    if (!body.empty()) error.detail += ": " + fit(printable(body), 300);
    return error;
  }
  const JsonObject& problem = parsed->get_object();
  error.code = get_string(problem, "code", error.code);
  error.detail = get_string(problem, "detail", get_string(problem, "title", error.detail));
  const Json* findings = problem.if_contains("errors");
  if (findings == nullptr || !findings->is_array()) return error;
  for (const Json& finding : findings->get_array()) {
    if (!finding.is_object()) continue;
    const JsonObject& one = finding.get_object();
    error.detail += "\n  ";
    if (auto pointer = get_string(one, "pointer"); !pointer.empty()) error.detail += pointer + ": ";
    error.detail += get_string(one, "message", get_string(one, "detail"));
    if (auto hint = get_string(one, "hint"); !hint.empty()) error.detail += " (" + hint + ")";
  }
  return error;
}

}  // namespace

std::string server_url(const ClientTarget& target, const server::Environment& environment) {
  std::string url = target.url;
  if (url.empty()) url = server::variable(environment, "HARMONIA_URL");
  if (url.empty()) {
    std::string_view port = server::variable(environment, "HARMONIA_PORT");
    url = "http://127.0.0.1:" + (port.empty() ? std::string("8007") : std::string(port));
  }
  if (url.find("://") == std::string::npos) url = "http://" + url;
  while (url.ends_with('/')) url.pop_back();
  return url;
}

ApiClient::ApiClient(const ClientTarget& target, const server::Environment& environment)
    : url_(server_url(target, environment)),
      http_(net::HttpClient::create({.user_agent = "harmonia-cli"})) {}

Result<Json> ApiClient::call(std::string_view method, const std::string& path, Body body) {
  net::ClientRequest request;
  request.method = std::string(method);
  request.url = url_ + path;
  request.headers.set("Accept", "application/json");
  request.response_size_max = 256u << 20;
  request.allow_private_addresses = true;
  if (!body.media_type.empty()) {
    request.headers.set("Content-Type", std::move(body.media_type));
    request.body = std::move(body.text);
  }
  auto response = http_->send_and_wait(std::move(request));
  if (!response) {
    Error error = std::move(response).error();
    error.detail = "no answer from " + url_ + ": " + error.detail +
                   "\n  Is the server running? Start it with `harmonia serve`, or name another one "
                   "with --server or HARMONIA_URL";
    return error;
  }
  if (response->status < 200 || response->status > 299) {
    return read_problem(response->status, response->body);
  }
  if (response->body.empty()) return Json(nullptr);
  auto parsed = parse_json(response->body);
  if (parsed) return parsed;
  return make_error(error_code::internal,
                    url_ + " answered something that is not JSON; is it a Harmonia server?");
}

int finish_call(const Result<Json>& answer) {
  if (!answer) {
    complain(answer.error());
    return exit_failed;
  }
  print_out(to_pretty_text(*answer) + "\n");
  return exit_success;
}

std::string field(const Json& object, std::string_view name) {
  const Json* value =
      object.is_object() ? object.get_object().if_contains(json_view(name)) : nullptr;
  if (value == nullptr || value->is_null()) return "-";
  if (const auto* text = value->if_string()) return std::string(text_view(*text));
  return to_text(*value);
}

std::string time_field(const Json& object, std::string_view name) {
  std::string text = field(object, name);
  if (text.size() < 19 || text[10] != 'T') return text;
  text[10] = ' ';
  return text.substr(0, 19);
}

std::string seconds_field(const Json& object, std::string_view name) {
  const Json* value =
      object.is_object() ? object.get_object().if_contains(json_view(name)) : nullptr;
  if (value == nullptr || !value->is_number()) return "-";
  return to_human(from_seconds(value->to_number<double>()));
}

const JsonArray& items_of(const Json& answer) {
  static const JsonArray none;
  if (answer.is_array()) return answer.get_array();
  const Json* items = find_pointer(answer, "/items");
  return items != nullptr && items->is_array() ? items->get_array() : none;
}

}  // namespace harmonia::cli
