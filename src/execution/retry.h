#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/error.h"
#include "base/time.h"
#include "workflow/definition.h"

namespace harmonia::execution {

// Retry-After and the like are honoured up to this.
inline constexpr Duration retry_after_max = std::chrono::hours(24);

struct RetryQuestion {
  const workflow::RetryPolicy& policy;
  const Error& error;
  bool retryable = true;      // the runner's opinion
  std::uint32_t attempt = 1;  // the one that failed
  std::string_view task_key;  // execution and task: jitter is a hash of it and of the attempt
};

// How long to wait for the next attempt, or nothing: no further one.
std::optional<Duration> retry_delay(const RetryQuestion& question);

// Whether `pattern` of retry_on names the error code: exact, `http_5xx`, `prefix*` or `*`.
bool matches_error(std::string_view pattern, std::string_view code);

}  // namespace harmonia::execution
