#include "execution/join.h"

#include "base/assert.h"

namespace harmonia::execution {
namespace {

using workflow::JoinKind;

JoinVerdict when(bool release, bool hopeless) {
  if (release) return JoinVerdict::release;
  return hopeless ? JoinVerdict::skip : JoinVerdict::undecided;
}

JoinVerdict at_least(std::uint32_t needed, const PredecessorCounts& counts) {
  std::uint32_t possible = counts.succeeded + (counts.total - counts.done);
  return when(counts.succeeded >= needed, possible < needed);
}

}  // namespace

JoinVerdict judge_join(const workflow::JoinRule& rule, const PredecessorCounts& counts) {
  bool all_done = counts.done == counts.total;
  switch (rule.kind) {
    case JoinKind::all_success:
      return when(counts.succeeded == counts.total, counts.succeeded < counts.done);
    case JoinKind::none_failed:
      return when(all_done && counts.failed_for_good == 0, counts.failed_for_good > 0);
    case JoinKind::all_done: return when(all_done, false);
    case JoinKind::any_success:
      return counts.total == 0 ? JoinVerdict::release : at_least(1, counts);
    case JoinKind::one_failed:
      return counts.total == 0 ? JoinVerdict::release : when(counts.failed > 0, all_done);
    case JoinKind::at_least: return at_least(rule.count, counts);
  }
  ASSERT(false);
}

std::string describe_skip(const workflow::JoinRule& rule, const PredecessorCounts& counts) {
  switch (rule.kind) {
    case JoinKind::all_success:
      return counts.failed_for_good > 0 ? "a task it depends on failed"
                                        : "a task it depends on was skipped";
    case JoinKind::none_failed: return "a task it depends on failed";
    case JoinKind::all_done: return {};
    case JoinKind::any_success: return "no task it depends on succeeded";
    case JoinKind::one_failed: return "no task it depends on failed";
    case JoinKind::at_least:
      return "fewer than " + std::to_string(rule.count) +
             " of the tasks it depends on can still succeed";
  }
  ASSERT(false);
}

}  // namespace harmonia::execution
