#include "execution/join.h"

#include <gtest/gtest.h>

namespace harmonia::execution {
namespace {

using workflow::JoinKind;
using workflow::JoinRule;

constexpr JoinRule all_rules[] = {{JoinKind::all_success, 0}, {JoinKind::none_failed, 0},
                                  {JoinKind::all_done, 0},    {JoinKind::any_success, 0},
                                  {JoinKind::one_failed, 0},  {JoinKind::at_least, 2}};

// Every way in which up to four predecessors can stand.
template <class Check>
void for_all_counts(Check check) {
  for (std::uint32_t total = 1; total <= 4; ++total) {
    for (std::uint32_t succeeded = 0; succeeded <= total; ++succeeded) {
      for (std::uint32_t failed = 0; failed + succeeded <= total; ++failed) {
        for (std::uint32_t skipped = 0; skipped + failed + succeeded <= total; ++skipped) {
          check(PredecessorCounts{.total = total,
                                  .done = succeeded + failed + skipped,
                                  .succeeded = succeeded,
                                  .failed = failed,
                                  .failed_for_good = failed});
        }
      }
    }
  }
}

TEST(Join, every_rule_has_decided_when_all_predecessors_are_done) {
  for_all_counts([](const PredecessorCounts& counts) {
    if (counts.done < counts.total) return;
    for (const JoinRule& rule : all_rules) {
      EXPECT_NE(judge_join(rule, counts), JoinVerdict::undecided) << static_cast<int>(rule.kind);
    }
  });
}

// What one more finished predecessor can do: nothing, or decide; never turn a decision round.
TEST(Join, a_decision_stands_whatever_happens_to_the_others) {
  auto add = [](PredecessorCounts counts, std::uint32_t succeeded, std::uint32_t failed) {
    ++counts.done;
    counts.succeeded += succeeded;
    counts.failed += failed;
    counts.failed_for_good += failed;
    return counts;
  };
  for_all_counts([&](const PredecessorCounts& counts) {
    if (counts.done == counts.total) return;
    for (const JoinRule& rule : all_rules) {
      auto verdict = judge_join(rule, counts);
      if (verdict == JoinVerdict::undecided) continue;
      EXPECT_EQ(judge_join(rule, add(counts, 1, 0)), verdict);
      EXPECT_EQ(judge_join(rule, add(counts, 0, 1)), verdict);
      EXPECT_EQ(judge_join(rule, add(counts, 0, 0)), verdict);
    }
  });
}

TEST(Join, a_task_without_predecessors_is_released) {
  for (const JoinRule& rule : all_rules) {
    if (rule.kind == JoinKind::at_least) continue;  // at least k of none is refused when saving
    EXPECT_EQ(judge_join(rule, {}), JoinVerdict::release);
  }
}

}  // namespace
}  // namespace harmonia::execution
