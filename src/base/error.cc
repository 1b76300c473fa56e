#include "base/error.h"

#include <array>
#include <cctype>

namespace harmonia {
namespace {

struct CodeInfo {
  std::string_view code;
  int status;
  std::string_view title;
};

constexpr auto code_table = std::to_array<CodeInfo>({
    {error_code::invalid_argument, 400, "Invalid request"},
    {error_code::invalid_definition, 422, "Invalid workflow definition"},
    {error_code::malformed_json, 400, "Malformed JSON"},
    {error_code::malformed_yaml, 400, "Malformed YAML"},
    {error_code::not_found, 404, "Not found"},
    {error_code::conflict, 409, "Conflict"},
    {error_code::stale, 409, "Stale report"},
    {error_code::wrong_state, 409, "Not possible in this state"},
    {error_code::idempotency_mismatch, 422, "Idempotency key used with another request"},
    {error_code::precondition_failed, 412, "Changed by somebody else"},
    {error_code::payload_too_large, 413, "Payload too large"},
    {error_code::overloaded, 429, "Too many requests"},
    {error_code::unavailable, 503, "Service unavailable"},
    {error_code::storage, 503, "Storage failure"},
    {error_code::storage_locked, 503, "Storage in use by another process"},
    {error_code::internal, 500, "Internal error"},
    {error_code::timeout, 408, "Timed out"},
    {error_code::expression, 422, "Expression failed"},
    {error_code::schema, 422, "Value does not match its schema"},
    {error_code::connection, 502, "Connection failed"},
    {error_code::circuit_open, 503, "Calls to a failing host are stopped"},
    {error_code::token_refused, 502, "No access token"},
    {error_code::worker_lost, 500, "Worker lost"},
    {error_code::canceled, 409, "Canceled"},
    {error_code::refused, 403, "Refused by configuration"},
    {error_code::unknown_component, 422, "Unknown component"},
    {error_code::loop_limit, 422, "Too many iterations"},
    {error_code::depth_limit, 422, "Subworkflows too deep"},
    {error_code::concurrency_limit, 409, "Too many at the same time"},
    {error_code::rejected, 409, "Rejected"},
});

}  // namespace

std::string describe(const Problem& problem) {
  return problem.pointer.empty() ? problem.message : problem.pointer + ": " + problem.message;
}

Error make_error(std::string_view code, std::string detail, std::string instance) {
  return Error{
      .code = std::string(code), .detail = std::move(detail), .instance = std::move(instance)};
}

int http_status(std::string_view code) {
  for (const CodeInfo& info : code_table) {
    if (info.code == code) return info.status;
  }
  return 500;
}

std::string error_title(std::string_view code) {
  for (const CodeInfo& info : code_table) {
    if (info.code == code) return std::string(info.title);
  }
  std::string title(code);
  for (char& c : title) {
    if (c == '_') c = ' ';
  }
  if (!title.empty())
    title[0] = static_cast<char>(std::toupper(static_cast<unsigned char>(title[0])));
  return title;
}

}  // namespace harmonia
