#include "engine/run_reader.h"

#include <gtest/gtest.h>

#include "engine/testing/faulty_store.h"
#include "store/memory/memory_store.h"
#include "workflow/parse.h"

namespace harmonia::engine {
namespace {

class RunReaderTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto outcome = workflow::parse_definition(
        "name: w\ntasks:\n  a: {component: noop}\n  b: {component: noop, depends_on: [a]}\n");
    definition = outcome.definition;
    ASSERT_TRUE(store
                    .put_definition({.id = workflow,
                                     .create = true,
                                     .canonical = definition->canonical,
                                     .name = "w",
                                     .version = "1",
                                     .description = "",
                                     .tags = {},
                                     .at = {}})
                    .ok());
  }

  ExecutionId id(std::uint64_t number) { return {make_uuid_v7(2, 0, number)}; }

  // Decides and commits, as a shard would.
  void commit(execution::State& state, execution::CommandBody command) {
    std::uint64_t version = state.last_seq;
    auto decision = execution::decide(*definition, std::move(state), {.now = {}, .body = command});
    ASSERT_FALSE(decision.refusal);
    state = std::move(decision.state);
    store::Commit one{.execution = state.id,
                      .expected_version = version,
                      .events = decision.events,
                      .owed = decision.owed};
    ASSERT_TRUE(store.commit({&one, 1}).front().ok());
  }

  execution::State start(std::uint64_t number) {
    execution::State state;
    state.id = id(number);
    commit(state, execution::Start{.execution = id(number),
                                   .workflow = workflow,
                                   .revision = 1,
                                   .input = share(JsonObject{}),
                                   .context = share(JsonObject{}),
                                   .env = nullptr});
    return state;
  }

  std::uint64_t version_read(std::uint64_t number) {
    auto run = reader.read(id(number));
    return run.ok() && *run ? (**run)->state.last_seq : 0;
  }

  testing::FaultyStore store{store::make_memory_store()};
  DefinitionCache definitions{store};
  RunReader reader{store, definitions, 2};
  workflow::SharedDefinition definition;
  WorkflowId workflow{make_uuid_v7(1, 1, 1)};
};

TEST_F(RunReaderTest, each_read_sees_what_was_committed_before_it) {
  auto state = start(1);
  EXPECT_EQ(version_read(1), state.last_seq);
  commit(state, execution::Pause{});
  EXPECT_EQ(version_read(1), state.last_seq);
  commit(state, execution::Cancel{});
  EXPECT_EQ(version_read(1), state.last_seq);
  EXPECT_EQ(version_read(1), state.last_seq) << "a run that has ended";
}

TEST_F(RunReaderTest, a_run_that_was_not_there_is_found_once_it_is) {
  EXPECT_EQ(version_read(1), 0u);
  auto state = start(1);
  EXPECT_EQ(version_read(1), state.last_seq);
}

TEST_F(RunReaderTest, more_runs_than_are_kept_are_read_as_well) {
  for (std::uint64_t number = 1; number <= 5; ++number) start(number);
  for (int round = 0; round < 2; ++round) {
    for (std::uint64_t number = 1; number <= 5; ++number) EXPECT_GT(version_read(number), 0u);
  }
}

TEST_F(RunReaderTest, after_a_read_that_failed_the_run_is_read_anew) {
  auto state = start(1);
  EXPECT_EQ(version_read(1), state.last_seq);
  commit(state, execution::Pause{});
  store.failing_history = true;
  EXPECT_EQ(version_read(1), 0u);
  store.failing_history = false;
  EXPECT_EQ(version_read(1), state.last_seq);
}

}  // namespace
}  // namespace harmonia::engine
