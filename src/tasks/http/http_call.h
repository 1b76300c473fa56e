#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "net/http_client.h"
#include "tasks/http/client_credentials.h"
#include "tasks/registry.h"
#include "tasks/runner.h"
#include "tasks/secrets.h"

namespace harmonia::tasks {

// Statuses from `first` to `last`.
struct StatusRange {
  int first = 200;
  int last = 299;
};

// A request as the input asks for it, and what counts as its success.
struct HttpCall {
  net::ClientRequest request;
  std::vector<StatusRange> expected;
  std::string shown;  // method and URL without credentials and query, for messages
  std::optional<ClientCredentials> credentials = {};  // the request lacks their token yet
  bool is_guarded = true;                             // by the circuit of its host
  Redactor redactor = {};                             // what was made of secrets

  bool expects(int status) const;
};

// The input has passed the schema of the action. `timeout` when the deadline is over already,
// `invalid_argument` for what a schema can't say.
Result<HttpCall> make_http_call(const Work& work, const HttpOptions& options);

}  // namespace harmonia::tasks
