#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace harmonia {

enum class Severity { error, warning };

// One finding of a check, for instance of a workflow definition.
struct Problem {
  Severity severity = Severity::error;
  std::string pointer = {};  // JSON pointer (RFC 6901) of the value; "" is the whole document
  std::string message = {};  // what is wrong, one sentence without a full stop
  std::string hint = {};     // what to do; may be empty
  int line = 0;              // 1-based; 0 when the source text is not known
  int column = 0;            // 1-based, in bytes; 0 when the source text is not known
  // The line of the source, cut to a sensible length, and below it a caret; "" when not known.
  std::string excerpt = {};
};

// Place and message in one line: `/n: must be an integer`.
std::string describe(const Problem& problem);

// The one error type of the program: refusals of the API and faults of tasks alike. Rendered as RFC
// 9457 application/problem+json by api/.
//
// `code` is snake_case. The engine's own codes are in namespace error_code; workflow authors may
// add theirs (type `fail`, user codes of runners).
struct Error {
  std::string code;
  std::string detail;                  // one or two sentences: what, where, what to do
  std::string instance = {};           // JSON pointer or path of the task it is about; may be empty
  std::vector<Problem> problems = {};  // several findings at once
  std::optional<std::chrono::microseconds> retry_after = {};  // the earliest sensible repeat

  bool operator==(const Error& other) const {
    return code == other.code && detail == other.detail && instance == other.instance;
  }
};

// Codes the program itself gives. Matched by name or by prefix in retry_on.
namespace error_code {
inline constexpr std::string_view invalid_argument = "invalid_argument";
inline constexpr std::string_view invalid_definition = "invalid_definition";
inline constexpr std::string_view malformed_json = "malformed_json";
inline constexpr std::string_view malformed_yaml = "malformed_yaml";
inline constexpr std::string_view not_found = "not_found";
inline constexpr std::string_view conflict = "conflict";
inline constexpr std::string_view stale = "stale";  // a report of an attempt that is over
inline constexpr std::string_view wrong_state =
    "wrong_state";  // e.g. resume of a run that is not paused
inline constexpr std::string_view idempotency_mismatch = "idempotency_mismatch";
inline constexpr std::string_view precondition_failed = "precondition_failed";
inline constexpr std::string_view payload_too_large = "payload_too_large";
inline constexpr std::string_view overloaded = "overloaded";
inline constexpr std::string_view unavailable = "unavailable";
inline constexpr std::string_view storage = "storage";
inline constexpr std::string_view storage_locked = "storage_locked";
inline constexpr std::string_view internal = "internal";
// Faults of tasks.
inline constexpr std::string_view timeout = "timeout";
inline constexpr std::string_view expression = "expression";
inline constexpr std::string_view schema = "schema";
inline constexpr std::string_view connection = "connection";
inline constexpr std::string_view circuit_open = "circuit_open";    // the host failed too often
inline constexpr std::string_view token_refused = "token_refused";  // by the token server
inline constexpr std::string_view worker_lost = "worker_lost";
inline constexpr std::string_view canceled = "canceled";
inline constexpr std::string_view refused = "refused";  // not allowed by configuration
inline constexpr std::string_view unknown_component = "unknown_component";
inline constexpr std::string_view task_failed = "task_failed";
inline constexpr std::string_view loop_limit = "loop_limit";    // more than max_iterations
inline constexpr std::string_view depth_limit = "depth_limit";  // of subworkflows
inline constexpr std::string_view concurrency_limit = "concurrency_limit";  // policy reject
inline constexpr std::string_view rejected = "rejected";  // by the person asked for approval
}  // namespace error_code

// An error with a code of the program's own.
Error make_error(std::string_view code, std::string detail, std::string instance = {});

// The HTTP status that belongs to a code; 500 for codes unknown here.
int http_status(std::string_view code);
// A short title for people, e.g. "Invalid definition"; derived from the code where none is listed.
std::string error_title(std::string_view code);

}  // namespace harmonia
