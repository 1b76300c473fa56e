#include "engine/live_runs.h"

#include <gtest/gtest.h>

namespace harmonia::engine {
namespace {

ExecutionId id(std::uint64_t number) { return {make_uuid_v7(1, 0, number)}; }

void fill(LiveRuns& runs, std::uint64_t count) {
  for (std::uint64_t number = 1; number <= count; ++number) runs.insert(id(number), Run{});
}

TEST(LiveRuns, those_used_longest_ago_are_dropped) {
  LiveRuns runs(3, 1);
  fill(runs, 4);
  EXPECT_NE(runs.find(id(1)), nullptr);
  runs.trim();
  EXPECT_EQ(runs.size(), 3u);
  EXPECT_NE(runs.find(id(1)), nullptr);
  EXPECT_EQ(runs.find(id(2)), nullptr);
}

TEST(LiveRuns, those_that_rest_have_a_bound_of_their_own) {
  LiveRuns runs(3, 1);
  fill(runs, 3);
  runs.rest(id(2));
  runs.rest(id(3));
  runs.trim();
  EXPECT_EQ(runs.find(id(2)), nullptr);
  EXPECT_NE(runs.find(id(3)), nullptr);
  EXPECT_NE(runs.find(id(1)), nullptr);
}

TEST(LiveRuns, one_that_is_used_again_rests_no_more) {
  LiveRuns runs(3, 1);
  fill(runs, 3);
  runs.rest(id(1));
  EXPECT_NE(runs.find(id(1)), nullptr);
  runs.rest(id(2));
  runs.rest(id(3));
  runs.trim();
  EXPECT_NE(runs.find(id(1)), nullptr);
  EXPECT_EQ(runs.size(), 2u);
  runs.rest(id(1));
  runs.rest(id(1));
  runs.erase(id(1));
  EXPECT_EQ(runs.find(id(1)), nullptr);
}

}  // namespace
}  // namespace harmonia::engine
