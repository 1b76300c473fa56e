#include "engine/mailbox.h"

#include <gtest/gtest.h>

namespace harmonia::engine {
namespace {

using std::chrono::milliseconds;

constexpr Timestamp epoch = from_micros(1'767'225'600'000'000);

ExecutionId run_of(std::uint64_t number) { return {make_uuid_v7(2, 0, number)}; }

Envelope start(std::uint64_t number) {
  execution::Start command{};
  command.execution = run_of(number);
  return {.execution = command.execution, .command = std::move(command)};
}

Envelope report(std::uint64_t number) {
  return {.execution = run_of(number), .command = execution::Report{}, .insists = true};
}

std::size_t count_starts(const Mailbox::Content& content) {
  std::size_t count = 0;
  for (const Envelope& envelope : content.envelopes)
    count += std::holds_alternative<execution::Start>(envelope.command) ? 1 : 0;
  return count;
}

bool offer(Mailbox& mailbox, Envelope envelope, Timestamp now) {
  return mailbox.offer(envelope, now);
}

TEST(Mailbox, what_has_begun_goes_before_what_would_begin) {
  Mailbox mailbox({.size_max = 100, .start_wait_max = milliseconds(250)});
  ASSERT_TRUE(offer(mailbox, start(1), epoch));
  mailbox.insist(report(2));
  mailbox.insist(report(3));
  auto content = mailbox.take(10);
  ASSERT_EQ(content.envelopes.size(), 3u);
  EXPECT_EQ(content.envelopes[0].execution, run_of(2));
  EXPECT_EQ(content.envelopes[1].execution, run_of(3));
  EXPECT_EQ(content.envelopes[2].execution, run_of(1));
  EXPECT_EQ(mailbox.size(), 0u);
}

TEST(Mailbox, starts_have_a_share_of_a_batch_that_others_would_fill) {
  Mailbox mailbox({.size_max = 1000, .start_wait_max = milliseconds(250)});
  for (std::uint64_t i = 0; i < 50; ++i) ASSERT_TRUE(offer(mailbox, start(i), epoch));
  for (std::uint64_t i = 100; i < 300; ++i) mailbox.insist(report(i));
  auto content = mailbox.take(64);
  EXPECT_EQ(content.envelopes.size(), 64u);
  EXPECT_EQ(count_starts(content), 4u);
  EXPECT_EQ(mailbox.size(), 186u);
}

TEST(Mailbox, while_more_reports_wait_than_its_bound_one_start_a_batch_begins) {
  Mailbox mailbox({.size_max = 100, .start_wait_max = milliseconds(250)});
  for (std::uint64_t i = 0; i < 50; ++i) ASSERT_TRUE(offer(mailbox, start(i), epoch));
  for (std::uint64_t i = 100; i < 300; ++i) mailbox.insist(report(i));
  EXPECT_EQ(count_starts(mailbox.take(64)), 1u);
}

TEST(Mailbox, a_batch_of_one_is_not_kept_from_those_that_have_begun) {
  Mailbox mailbox({.size_max = 100, .start_wait_max = milliseconds(250)});
  ASSERT_TRUE(offer(mailbox, start(1), epoch));
  mailbox.insist(report(2));
  EXPECT_EQ(count_starts(mailbox.take(1)), 0u);
  EXPECT_EQ(count_starts(mailbox.take(1)), 1u);
}

TEST(Mailbox, a_burst_is_taken_up_to_the_bound) {
  Mailbox mailbox({.size_max = 3, .start_wait_max = milliseconds(250)});
  for (std::uint64_t i = 0; i < 3; ++i) EXPECT_TRUE(offer(mailbox, start(i), epoch));
  EXPECT_FALSE(mailbox.has_room_for_start(epoch));
  Envelope one_more = start(9);
  EXPECT_FALSE(mailbox.offer(one_more, epoch));
  EXPECT_EQ(one_more.execution, run_of(9)) << "it is untouched";
  EXPECT_TRUE(std::holds_alternative<execution::Start>(one_more.command));
}

TEST(Mailbox, no_start_is_taken_while_the_oldest_has_waited_too_long) {
  Mailbox mailbox({.size_max = 100, .start_wait_max = milliseconds(250)});
  ASSERT_TRUE(offer(mailbox, start(1), epoch));
  EXPECT_TRUE(offer(mailbox, start(2), epoch + milliseconds(250)));
  EXPECT_FALSE(offer(mailbox, start(3), epoch + milliseconds(251)));
  EXPECT_FALSE(mailbox.has_room_for_start(epoch + milliseconds(251)));
  EXPECT_EQ(mailbox.start_wait(epoch + milliseconds(251)), milliseconds(251));
  mailbox.take(1);
  EXPECT_TRUE(offer(mailbox, start(3), epoch + milliseconds(251)));
}

// To cancel a run or to answer one that waits makes the load less.
TEST(Mailbox, commands_for_runs_that_are_there_are_bounded_by_number_alone) {
  Mailbox mailbox({.size_max = 3, .start_wait_max = milliseconds(250)});
  ASSERT_TRUE(offer(mailbox, start(1), epoch));
  Envelope cancel{.execution = run_of(2), .command = execution::Cancel{}};
  EXPECT_TRUE(offer(mailbox, cancel, epoch + milliseconds(5000)));
  EXPECT_TRUE(offer(mailbox, cancel, epoch + milliseconds(5000)));
  EXPECT_FALSE(offer(mailbox, cancel, epoch + milliseconds(5000)));
}

TEST(Mailbox, a_clock_that_steps_back_refuses_nobody) {
  Mailbox mailbox({.size_max = 3, .start_wait_max = milliseconds(250)});
  ASSERT_TRUE(offer(mailbox, start(1), epoch));
  EXPECT_TRUE(offer(mailbox, start(2), epoch - milliseconds(5000)));
}

}  // namespace
}  // namespace harmonia::engine
