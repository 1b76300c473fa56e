#include "tasks/http/circuit_breaker.h"

#include <gtest/gtest.h>

namespace harmonia::tasks {
namespace {

using namespace std::chrono_literals;
using Change = CircuitBreaker::Change;

class Circuit : public ::testing::Test {
 protected:
  Circuit() { options.failures_min = 3; }

  CircuitBreaker& breaker() {
    if (!made) made.emplace(options);
    return *made;
  }
  CircuitBreaker::Permit permit(const std::string& host = "a:80") {
    auto admission = breaker().admit(host, now);
    EXPECT_TRUE(admission.permit.has_value());
    return admission.permit.value_or(CircuitBreaker::Permit{});
  }
  Change call(CallVerdict verdict, const std::string& host = "a:80") {
    return breaker().record(permit(host), verdict, now);
  }
  bool lets_through(const std::string& host = "a:80") {
    return breaker().admit(host, now).permit.has_value();
  }
  Duration wait() { return breaker().admit("a:80", now).retry_after; }
  void open() {
    for (int i = 0; i < options.failures_min; ++i) call(CallVerdict::failure);
    ASSERT_FALSE(lets_through());
  }

  CircuitOptions options;
  std::optional<CircuitBreaker> made;
  CircuitBreaker::Time now{1000h};
};

TEST_F(Circuit, enough_failures_open_it_and_one_less_does_not) {
  EXPECT_EQ(call(CallVerdict::failure), Change::none);
  EXPECT_EQ(call(CallVerdict::failure), Change::none);
  EXPECT_EQ(call(CallVerdict::failure), Change::opened);
  EXPECT_FALSE(lets_through());
}

TEST_F(Circuit, failures_that_are_few_among_all_calls_do_not_open_it) {
  for (int i = 0; i < 7; ++i) call(CallVerdict::success);
  for (int i = 0; i < 6; ++i) EXPECT_EQ(call(CallVerdict::failure), Change::none) << i;
  EXPECT_EQ(call(CallVerdict::failure), Change::opened);
}

TEST_F(Circuit, failures_older_than_the_window_are_forgotten) {
  call(CallVerdict::failure);
  call(CallVerdict::failure);
  now += options.window;
  EXPECT_EQ(call(CallVerdict::failure), Change::none);
  EXPECT_EQ(call(CallVerdict::failure), Change::none);
  now += options.window / 2;
  EXPECT_EQ(call(CallVerdict::failure), Change::opened);
}

TEST_F(Circuit, a_refused_call_is_told_when_the_next_trial_is) {
  open();
  EXPECT_EQ(wait(), 10s);
  now += 9s;
  EXPECT_EQ(wait(), 1s);
}

TEST_F(Circuit, after_the_pause_one_call_goes_as_a_trial) {
  open();
  now += 10s;
  auto trial = permit();
  EXPECT_FALSE(lets_through());
  EXPECT_EQ(wait(), 10s);
  EXPECT_EQ(breaker().record(trial, CallVerdict::success, now), Change::closed);
  EXPECT_TRUE(lets_through());
}

TEST_F(Circuit, a_closed_one_starts_to_count_anew) {
  open();
  now += 10s;
  EXPECT_EQ(call(CallVerdict::success), Change::closed);
  EXPECT_EQ(call(CallVerdict::failure), Change::none);
  EXPECT_EQ(call(CallVerdict::failure), Change::none);
  EXPECT_EQ(call(CallVerdict::failure), Change::opened);
  EXPECT_EQ(wait(), 10s);
}

TEST_F(Circuit, each_failed_trial_doubles_the_pause_up_to_a_bound) {
  open();
  for (auto pause : {20s, 40s, 80s, 160s, 300s, 300s}) {
    now += wait();
    EXPECT_EQ(call(CallVerdict::failure), Change::none);
    EXPECT_EQ(wait(), pause);
  }
}

TEST_F(Circuit, a_trial_that_tells_nothing_is_followed_by_another) {
  open();
  now += 10s;
  call(CallVerdict::unknown);
  EXPECT_EQ(call(CallVerdict::success), Change::closed);
}

TEST_F(Circuit, a_trial_that_does_not_end_is_forgotten) {
  open();
  now += 10s;
  auto lost = permit();
  now += options.trial_max - 1s;
  EXPECT_EQ(wait(), 1s);
  now += 1s;
  auto trial = permit();
  EXPECT_EQ(breaker().record(lost, CallVerdict::success, now), Change::none);
  EXPECT_FALSE(lets_through());
  EXPECT_EQ(breaker().record(trial, CallVerdict::success, now), Change::closed);
}

TEST_F(Circuit, calls_from_before_it_opened_change_nothing) {
  auto good = permit();
  auto bad = permit();
  open();
  breaker().record(good, CallVerdict::success, now);
  EXPECT_FALSE(lets_through());
  now += 10s;
  EXPECT_EQ(call(CallVerdict::success), Change::closed);
  for (int i = 0; i < 3; ++i) breaker().record(bad, CallVerdict::failure, now);
  EXPECT_TRUE(lets_through());
}

TEST_F(Circuit, what_tells_nothing_is_not_counted) {
  for (int i = 0; i < 10; ++i) EXPECT_EQ(call(CallVerdict::unknown), Change::none);
  for (int i = 0; i < 2; ++i) EXPECT_EQ(call(CallVerdict::failure), Change::none);
  EXPECT_EQ(call(CallVerdict::failure), Change::opened);
}

TEST_F(Circuit, hosts_do_not_share_one) {
  open();
  EXPECT_TRUE(lets_through("a:81"));
  EXPECT_TRUE(lets_through("b:80"));
}

TEST_F(Circuit, of_too_many_hosts_the_one_asked_for_longest_ago_is_forgotten) {
  options.hosts_max = 2;
  open();
  call(CallVerdict::success, "b:80");
  EXPECT_FALSE(lets_through());
  auto forgotten = permit("b:80");
  EXPECT_FALSE(lets_through());
  call(CallVerdict::success, "c:80");
  EXPECT_EQ(breaker().host_count(), 2U);
  EXPECT_FALSE(lets_through());
  EXPECT_EQ(breaker().record(forgotten, CallVerdict::failure, now), Change::none);
}

TEST_F(Circuit, none_opens_when_it_is_switched_off) {
  options.failures_min = 0;
  for (int i = 0; i < 100; ++i) EXPECT_EQ(call(CallVerdict::failure), Change::none);
  EXPECT_TRUE(lets_through());
}

}  // namespace
}  // namespace harmonia::tasks
