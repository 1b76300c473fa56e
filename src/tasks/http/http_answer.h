#pragma once

#include <string_view>

#include "net/http_client.h"
#include "tasks/http/http_call.h"
#include "tasks/runner.h"

namespace harmonia::tasks {

// What an answer means to the task.
Outcome http_outcome(const HttpCall& call, net::ClientResponse response);

// What the lack of one means.
Outcome http_failure(Error error);

// Whether the same request may get another answer later.
bool is_passing_status(int status);

// `http_<status>`: that `what` answered so, with the start of the body; retry_after as the answer
// asks.
Error status_error(std::string_view what, const net::ClientResponse& response);

}  // namespace harmonia::tasks
