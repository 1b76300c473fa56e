#pragma once

#include <memory>

#include "net/http_client.h"
#include "tasks/registry.h"
#include "tasks/runner.h"
#include "tasks/worker_pool.h"

namespace harmonia::tasks {

// Component `http`, action `request`: one HTTP request; docs and bounds of the input in its schema.
//
// Output {status, headers, body, elapsed_ms, url}: names of headers in lower case, several of one
// name joined by ", " (`set-cookie` is a list of its own); body parsed when it is JSON, else text,
// else base64 with body_encoding. Failures: `http_<status>` (retryable for 408, 425, 429 and 5xx),
// `timeout`, `connection`, `refused`, `payload_too_large`, `invalid_argument`, `circuit_open` (the
// host fails again and again, see circuit_breaker.h), `token_refused` (auth of type oauth2).
//
// Client and pool must outlive the runner.
std::unique_ptr<Runner> make_http_runner(const HttpOptions& options, net::HttpClient& client,
                                         WorkerPool& pool);

}  // namespace harmonia::tasks
