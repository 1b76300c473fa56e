#include "store/sqlite/run_cache.h"

#include <gtest/gtest.h>

#include "store/conformance/samples.h"

namespace harmonia::store::sqlite {
namespace {

TEST(RunCache, what_is_in_use_stays_and_what_is_not_goes) {
  RunCache cache(10);
  for (std::uint64_t i = 0; i < 100; ++i) {
    cache.insert(execution_id(i), {.run = static_cast<std::int64_t>(i)});
    ASSERT_NE(cache.find(execution_id(0)), nullptr);
    cache.trim();
  }
  EXPECT_EQ(cache.find(execution_id(0))->run, 0);
  EXPECT_NE(cache.find(execution_id(99)), nullptr);
  EXPECT_EQ(cache.find(execution_id(50)), nullptr);
}

TEST(RunCache, entries_do_not_move_while_a_transaction_uses_them) {
  RunCache cache(2);
  RunEntry* entry = cache.insert(execution_id(1), {.run = 1});
  for (std::uint64_t i = 2; i < 1'000; ++i) cache.insert(execution_id(i), {});
  cache.trim();
  EXPECT_EQ(cache.find(execution_id(1)), entry);
}

}  // namespace
}  // namespace harmonia::store::sqlite
