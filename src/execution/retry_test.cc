#include "execution/retry.h"

#include <gtest/gtest.h>

namespace harmonia::execution {
namespace {

using std::chrono::seconds;

Error busy() { return make_error("http_503", "busy"); }

TEST(Retry, delays_grow_by_the_multiplier_up_to_the_maximum) {
  workflow::RetryPolicy policy{
      .max_retries = 10, .initial_delay = seconds(1), .max_delay = seconds(10)};
  Error error = busy();
  std::vector<Duration> delays;
  for (std::uint32_t attempt = 1; attempt <= 6; ++attempt) {
    delays.push_back(
        *retry_delay({.policy = policy, .error = error, .attempt = attempt, .task_key = "e/t"}));
  }
  std::vector<Duration> expected = {seconds(1), seconds(2),  seconds(4),
                                    seconds(8), seconds(10), seconds(10)};
  EXPECT_EQ(delays, expected);
}

TEST(Retry, attempts_are_one_more_than_retries) {
  workflow::RetryPolicy policy{.max_retries = 2};
  Error error = busy();
  EXPECT_TRUE(
      retry_delay({.policy = policy, .error = error, .attempt = 2, .task_key = "e/t"}).has_value());
  EXPECT_FALSE(
      retry_delay({.policy = policy, .error = error, .attempt = 3, .task_key = "e/t"}).has_value());
}

TEST(Retry, huge_exponents_end_at_the_maximum) {
  workflow::RetryPolicy policy{
      .max_retries = 2000, .backoff_multiplier = 10, .max_delay = seconds(60)};
  Error error = busy();
  EXPECT_EQ(*retry_delay({.policy = policy, .error = error, .attempt = 1999, .task_key = "e/t"}),
            seconds(60));
}

TEST(Retry, jitter_stays_within_its_share_and_below_the_maximum) {
  workflow::RetryPolicy policy{
      .max_retries = 1, .initial_delay = seconds(10), .max_delay = seconds(11), .jitter = 0.2};
  Error error = busy();
  bool differs = false;
  for (int i = 0; i < 1000; ++i) {
    std::string key = "e" + std::to_string(i);
    Duration delay =
        *retry_delay({.policy = policy, .error = error, .attempt = 1, .task_key = key});
    EXPECT_GE(delay, seconds(8));
    EXPECT_LE(delay, seconds(11));
    differs = differs || delay != seconds(10);
  }
  EXPECT_TRUE(differs);
}

TEST(Retry, patterns_match_codes_classes_and_prefixes) {
  EXPECT_TRUE(matches_error("timeout", "timeout"));
  EXPECT_FALSE(matches_error("timeout", "timeouts"));
  EXPECT_TRUE(matches_error("http_5xx", "http_503"));
  EXPECT_FALSE(matches_error("http_5xx", "http_404"));
  EXPECT_FALSE(matches_error("http_5xx", "http_50"));
  EXPECT_FALSE(matches_error("http_5xx", "http_5034"));
  EXPECT_TRUE(matches_error("billing_*", "billing_declined"));
  EXPECT_TRUE(matches_error("*", "anything"));
}

TEST(Retry, an_absurd_retry_after_is_bounded) {
  workflow::RetryPolicy policy{.max_retries = 1};
  Error error = busy();
  error.retry_after = std::chrono::hours(24 * 365);
  EXPECT_EQ(*retry_delay({.policy = policy, .error = error, .attempt = 1, .task_key = "e/t"}),
            retry_after_max);
}

}  // namespace
}  // namespace harmonia::execution
