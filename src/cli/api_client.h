#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/result.h"
#include "cli/command_line.h"
#include "net/http_client.h"
#include "server/environment.h"

namespace harmonia::cli {

// The REST API of a server. Errors have a text for people: what the server's problem document says,
// or why it can't be reached and what to do.
class ApiClient {
 public:
  ApiClient(const ClientTarget& target, const server::Environment& environment);

  // The JSON of a 2xx answer; null for an empty one. `path` begins with /api and is encoded.
  Result<Json> get(const std::string& path) { return call("GET", path, {}); }
  Result<Json> post(const std::string& path, const Json& body) {
    return call("POST", path, {"application/json", to_text(body)});
  }
  Result<Json> put(const std::string& path, const Json& body) {
    return call("PUT", path, {"application/json", to_text(body)});
  }
  Result<Json> remove(const std::string& path) { return call("DELETE", path, {}); }
  // A text as it is, so that what the server says of its lines is true.
  Result<Json> post_text(const std::string& path, std::string media_type, std::string text) {
    return call("POST", path, {std::move(media_type), std::move(text)});
  }

  const std::string& url() const { return url_; }

 private:
  struct Body {
    std::string media_type;  // empty: no body
    std::string text;
  };
  Result<Json> call(std::string_view method, const std::string& path, Body body);

  std::string url_;  // without a slash at the end
  std::unique_ptr<net::HttpClient> http_;
};

// The server's address: --server, else HARMONIA_URL, else this machine at HARMONIA_PORT or 8007.
std::string server_url(const ClientTarget& target, const server::Environment& environment);

// Prints the answer of a command as JSON, or the error; the exit code.
int finish_call(const Result<Json>& answer);

// Members of answers, shown as they are; "" or "-" where absent.
std::string field(const Json& object, std::string_view name);
// RFC 3339 times to the second, without the T and Z.
std::string time_field(const Json& object, std::string_view name);
std::string seconds_field(const Json& object, std::string_view name);
// The rows of a list answer: its `items`, or the answer itself when that is an array.
const JsonArray& items_of(const Json& answer);

}  // namespace harmonia::cli
