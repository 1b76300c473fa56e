#include "execution/retry.h"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/hash.h"

namespace harmonia::execution {
namespace {

// A hash as a number in [-1, 1].
double signed_fraction(std::uint64_t hash) {
  constexpr double scale = 1.0 / static_cast<double>(1ULL << 53);
  return static_cast<double>(hash >> 11) * scale * 2.0 - 1.0;
}

Duration backoff(const RetryQuestion& question) {
  const auto& policy = question.policy;
  double exponent = static_cast<double>(question.attempt - 1);
  double seconds = to_seconds(policy.initial_delay) * std::pow(policy.backoff_multiplier, exponent);
  double limit = to_seconds(policy.max_delay);
  if (!(seconds < limit)) seconds = limit;
  auto hash = stable_hash(question.task_key, question.attempt);
  seconds *= 1.0 + policy.jitter * signed_fraction(hash);
  return std::min(from_seconds(seconds), policy.max_delay);
}

bool wants_retry(const RetryQuestion& question) {
  if (question.policy.retry_on.empty()) return question.retryable;
  return std::any_of(
      question.policy.retry_on.begin(), question.policy.retry_on.end(),
      [&](const std::string& pattern) { return matches_error(pattern, question.error.code); });
}

}  // namespace

bool matches_error(std::string_view pattern, std::string_view code) {
  if (pattern == code) return true;
  if (pattern.ends_with('*')) return code.starts_with(pattern.substr(0, pattern.size() - 1));
  constexpr std::string_view any_two = "xx";
  if (!pattern.starts_with("http_") || !pattern.ends_with(any_two)) return false;
  return pattern.size() == code.size() &&
         code.starts_with(pattern.substr(0, pattern.size() - any_two.size()));
}

std::optional<Duration> retry_delay(const RetryQuestion& question) {
  if (question.attempt > question.policy.max_retries || !wants_retry(question)) return std::nullopt;
  Duration delay = backoff(question);
  if (question.error.retry_after) {
    delay = std::max(delay, std::min<Duration>(*question.error.retry_after, retry_after_max));
  }
  return delay;
}

}  // namespace harmonia::execution
