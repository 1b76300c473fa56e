#pragma once

#include "net/http_client.h"
#include "tasks/http/http_call.h"
#include "tasks/runner.h"

namespace harmonia::tasks {

// What an answer means to the task.
Outcome http_outcome(const HttpCall& call, net::ClientResponse response);

// What the lack of one means.
Outcome http_failure(Error error);

}  // namespace harmonia::tasks
