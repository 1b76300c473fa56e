#include "tasks/http/retry_after.h"

#include <gtest/gtest.h>

namespace harmonia::tasks {
namespace {

using namespace std::chrono_literals;

const Timestamp now = parse_rfc3339("1994-11-06T08:49:00Z").value();

TEST(RetryAfter, seconds_count_from_now) {
  EXPECT_EQ(parse_retry_after("120", now), 120s);
  EXPECT_EQ(parse_retry_after("0 ", now), 0s);
}

TEST(RetryAfter, a_date_is_the_time_until_then) {
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", now), 37s);
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:48:00 GMT", now), 0s);
}

TEST(RetryAfter, a_day_is_the_most) {
  EXPECT_EQ(parse_retry_after("100000000", now), 24h);
  EXPECT_EQ(parse_retry_after("99999999999999999999", now), 24h);
  EXPECT_EQ(parse_retry_after("Fri, 06 Nov 2099 08:49:37 GMT", now), 24h);
}

TEST(RetryAfter, anything_else_is_nothing) {
  for (const char* text : {"", "-1", "soon", "1.5", "Sun, 06 Nov 1994 08:49:37 CET",
                           "Sun, 06 Nvo 1994 08:49:37 GMT", "Sun, 31 Feb 1994 08:49:37 GMT",
                           "Sun, 06 Nov 1994 24:49:37 GMT", "Sun, 06 Nov 1994 08-49-37 GMT"}) {
    EXPECT_EQ(parse_retry_after(text, now), std::nullopt) << text;
  }
}

}  // namespace
}  // namespace harmonia::tasks
