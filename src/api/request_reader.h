#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "base/json.h"
#include "base/result.h"
#include "base/time.h"
#include "net/http.h"

// Input from outside, read with care: everything wrong is an error that says what and where.
namespace harmonia::api {

enum class BodyFormat { none, json, yaml };
// By Content-Type; a body without one is taken for JSON. Error code `unsupported_media_type`.
Result<BodyFormat> body_format(const net::Request& request);

// The members of a JSON object in a request's body, each under its snake_case or camelCase name.
// Problems are collected: `finish` gives all of them as one error.
class BodyReader {
 public:
  explicit BodyReader(JsonObject object) : object_(std::move(object)) {}

  const Json* find(std::string_view name);  // null when absent or null
  std::string text(std::string_view name, std::string_view fallback = {});
  std::optional<double> number(std::string_view name);
  JsonObject object(std::string_view name);               // {} when absent
  std::vector<std::string> texts(std::string_view name);  // strings; [] when absent
  void add_problem(std::string_view name, std::string message, std::string hint = {});
  // Members nobody asked for are problems too.
  Result<void> finish() const;

 private:
  JsonObject object_;
  std::vector<std::string> known_;  // names asked for
  std::vector<Problem> problems_;
};

// The body as an object; an empty body is {}. Depth is bounded.
Result<BodyReader> read_body(const net::Request& request, std::size_t depth_max);

// Query parameters. All values of one name, with commas separating further ones.
std::vector<std::string> query_list(const net::Request& request, std::string_view name);
std::string query_text(const net::Request& request, std::string_view name);
// Nothing when absent; an error unless a whole number within the bounds.
struct Bounds {
  std::int64_t min = 0;
  std::int64_t max = 0;
};
Result<std::optional<std::int64_t>> query_integer(const net::Request& request,
                                                  std::string_view name, Bounds bounds);
Result<std::optional<double>> query_number(const net::Request& request, std::string_view name);
Result<std::optional<Timestamp>> query_time(const net::Request& request, std::string_view name);
// An error that names the parameter unless all of the request's are among `known`.
Result<void> check_query(const net::Request& request,
                         std::initializer_list<std::string_view> known);

Error invalid_parameter(std::string_view name, std::string what);

// A client's text for an error's detail: in quotes, cut to a sensible length.
std::string quote_text(std::string_view text);

// One text for equal values: members sorted by name.
std::string canonical_text(const Json& value);

}  // namespace harmonia::api
