#include <thread>

#include "store/conformance/driver.h"
#include "store/conformance/samples.h"

namespace harmonia::store {
namespace {

using execution::RunStatus;

const auto first = execution_id(1);
const auto second = execution_id(2);

TEST_P(StoreConformance, what_was_committed_is_read_back) {
  Commit commit = make_commit(first, 0, 3);
  commit_one(*store_, commit);
  auto history = store_->read_history({.execution = first});
  ASSERT_TRUE(history.ok());
  EXPECT_EQ(describe(*history), describe(commit.events));
}

TEST_P(StoreConformance, an_unknown_execution_is_nothing) {
  EXPECT_EQ(describe(store_->load_execution(first)), "nothing");
  EXPECT_EQ(describe(store_->find_summary(first)), "nothing");
  EXPECT_EQ(describe(store_->read_history({.execution = first})), "");
}

TEST_P(StoreConformance, positions_rise) {
  Position a = commit_one(*store_, make_commit(first, 0));
  Position b = commit_one(*store_, make_commit(second, 0));
  Position c = commit_one(*store_, make_commit(first, 1));
  EXPECT_GT(a, 0);
  EXPECT_LT(a, b);
  EXPECT_LT(b, c);
  EXPECT_EQ(*store_->last_position(), c);
}

TEST_P(StoreConformance, a_wrong_version_is_a_conflict_and_writes_nothing) {
  commit_one(*store_, make_commit(first, 0, 2));
  for (std::uint64_t version : {0u, 1u, 3u}) {
    Commit wrong = make_commit(first, version, 2);
    wrong.summary = make_summary(first, RunStatus::failed);
    wrong.command = make_command("k");
    wrong.snapshot = Snapshot{.seq = 1, .state = "{}"};
    wrong.at_work = true;
    auto results = store_->commit({&wrong, 1});
    ASSERT_EQ(results.size(), 1u);
    ASSERT_FALSE(results[0].ok());
    EXPECT_EQ(results[0].error().code, error_code::conflict);
  }
  EXPECT_EQ(store_->read_history({.execution = first})->size(), 2u);
  EXPECT_EQ((*store_->find_summary(first))->status, RunStatus::pending);
  EXPECT_EQ(describe(store_->find_command("k")), "nothing");
  EXPECT_FALSE((*store_->load_execution(first))->snapshot);
  EXPECT_TRUE(store_->read_at_work({})->empty());
  EXPECT_EQ(store_->read_feed(0, 10)->size(), 1u);
}

TEST_P(StoreConformance, a_version_of_an_execution_that_does_not_exist_is_a_conflict) {
  Commit commit = make_commit(first, 4);
  EXPECT_EQ(store_->commit({&commit, 1})[0].error().code, error_code::conflict);
  // And it can still be made.
  commit_one(*store_, make_commit(first, 0));
}

TEST_P(StoreConformance, no_commits_give_no_results) { EXPECT_TRUE(store_->commit({}).empty()); }

TEST_P(StoreConformance, commits_of_one_call_build_on_each_other) {
  std::vector<Commit> commits = {make_commit(first, 0, 2), make_commit(second, 0),
                                 make_commit(first, 2, 3), make_commit(first, 5)};
  auto results = store_->commit(commits);
  ASSERT_EQ(results.size(), 4u);
  Position last = 0;
  for (const auto& result : results) {
    ASSERT_TRUE(result.ok());
    EXPECT_GT(*result, last);
    last = *result;
  }
  EXPECT_EQ(store_->read_history({.execution = first})->size(), 6u);
}

TEST_P(StoreConformance, one_conflict_leaves_the_other_executions_of_the_call_alone) {
  std::vector<Commit> commits = {make_commit(first, 7), make_commit(second, 0),
                                 make_commit(second, 1)};
  auto results = store_->commit(commits);
  EXPECT_FALSE(results[0].ok());
  EXPECT_TRUE(results[1].ok());
  EXPECT_TRUE(results[2].ok());
}

TEST_P(StoreConformance, after_a_conflict_later_commits_of_that_execution_conflict_too) {
  commit_one(*store_, make_commit(first, 0));
  // The second would fit, but it was decided on top of the first.
  std::vector<Commit> commits = {make_commit(first, 5), make_commit(first, 1),
                                 make_commit(second, 0)};
  auto results = store_->commit(commits);
  EXPECT_EQ(results[0].error().code, error_code::conflict);
  EXPECT_EQ(results[1].error().code, error_code::conflict);
  EXPECT_TRUE(results[2].ok());
  commit_one(*store_, make_commit(first, 1));
}

TEST_P(StoreConformance, the_newest_summary_counts_for_what_changes) {
  Commit made = make_commit(first, 0);
  made.summary = make_summary(first, RunStatus::running);
  made.summary->tags = {"blue", "eu \"west\""};
  Commit quiet = make_commit(first, 1);
  quiet.tasks = made.summary->tasks;
  Commit ended = make_commit(first, 2);
  ended.summary = make_summary(first, RunStatus::failed);
  Summary expected = *ended.summary;
  expected.tags = made.summary->tags;
  ended.summary->workflow = workflow_id(2);
  ended.summary->workflow_name = "another";
  ended.summary->revision = 9;
  ended.summary->created_at = time_at(99);
  std::vector<Commit> both = {made, quiet};
  store_->commit(both);
  EXPECT_EQ(describe(*store_->find_summary(first)), describe(*made.summary));
  commit_one(*store_, ended);
  EXPECT_EQ(describe(*store_->find_summary(first)), describe(expected));
  Commit again = make_commit(first, 3);
  again.summary = made.summary;
  commit_one(*store_, again);
  EXPECT_EQ(describe(*store_->find_summary(first)), describe(*made.summary));
}

TEST_P(StoreConformance, counts_alone_change_nothing_else) {
  Commit made = make_commit(first, 0);
  made.summary = make_summary(first, RunStatus::running);
  Commit next = make_commit(first, 1);
  next.tasks = {.total = 8, .completed = 3, .running = 1};
  std::vector<Commit> both = {made, next};
  store_->commit(both);
  Summary expected = *made.summary;
  expected.tasks = next.tasks;
  EXPECT_EQ(describe(*store_->find_summary(first)), describe(expected));
  next = make_commit(first, 2);
  next.tasks = expected.tasks = {.total = 8, .completed = 4};
  commit_one(*store_, next);
  EXPECT_EQ(describe(*store_->find_summary(first)), describe(expected));
}

TEST_P(StoreConformance, an_execution_that_comes_without_summary_has_one_of_its_start) {
  commit_one(*store_, make_commit(first, 0));
  auto summary = *store_->find_summary(first);
  ASSERT_TRUE(summary);
  EXPECT_EQ(summary->workflow, workflow_id(1));
  EXPECT_EQ(summary->revision, 3u);
  EXPECT_EQ(summary->status, RunStatus::pending);
}

TEST_P(StoreConformance, loading_gives_the_newest_snapshot_and_what_follows_it) {
  Commit commit = make_commit(first, 0, 4);
  commit_one(*store_, commit);
  auto loaded = *store_->load_execution(first);
  ASSERT_TRUE(loaded);
  EXPECT_FALSE(loaded->snapshot);
  EXPECT_EQ(loaded->tail.size(), 4u);
  EXPECT_EQ(loaded->workflow, workflow_id(1));
  EXPECT_EQ(loaded->revision, 3u);

  Commit with = make_commit(first, 4, 3);
  with.snapshot = Snapshot{.seq = 5, .state = R"({"n":12.5})"};  // within a commit
  Commit newer = make_commit(first, 7, 2);
  newer.snapshot = Snapshot{.seq = 8, .state = R"({"n":1})"};
  std::vector<Commit> both = {with, newer};
  store_->commit({both.data(), 1});
  loaded = *store_->load_execution(first);
  EXPECT_EQ(describe(loaded->snapshot), "5 {\"n\":12.5}");
  ASSERT_EQ(loaded->tail.size(), 2u);
  EXPECT_EQ(loaded->tail[0].seq, 6u);

  store_->commit({both.data() + 1, 1});
  loaded = *store_->load_execution(first);
  EXPECT_EQ(describe(loaded->snapshot), "8 {\"n\":1}");
  ASSERT_EQ(loaded->tail.size(), 1u);
  EXPECT_EQ(loaded->tail[0].seq, 9u);
}

TEST_P(StoreConformance, a_long_tail_is_loaded_up_to_its_bound_and_read_on_as_history) {
  commit_one(*store_, make_commit(first, 0, tail_max - 1));
  EXPECT_EQ((*store_->load_execution(first))->tail.size(), tail_max - 1);
  commit_one(*store_, make_commit(first, tail_max - 1, 5));
  auto loaded = *store_->load_execution(first);
  ASSERT_EQ(loaded->tail.size(), tail_max);
  EXPECT_EQ(loaded->tail.back().seq, tail_max);
  EXPECT_EQ(store_->read_history({.execution = first, .after_seq = tail_max})->size(), 4u);
}

TEST_P(StoreConformance, history_is_paged_by_events_across_commits) {
  std::uint64_t version = 0;
  for (std::size_t count : {1u, 5u, 2u, 7u, 1u}) {
    commit_one(*store_, make_commit(first, version, count));
    version += count;
  }
  for (std::size_t limit : {1u, 2u, 3u, 16u, 100u}) {
    std::uint64_t after = 0;
    for (;;) {
      auto page = *store_->read_history({.execution = first, .after_seq = after, .limit = limit});
      if (page.empty()) break;
      EXPECT_LE(page.size(), limit);
      for (const auto& event : page) EXPECT_EQ(event.seq, ++after);
    }
    EXPECT_EQ(after, version);
  }
}

TEST_P(StoreConformance, ten_thousand_events_of_one_run_are_paged_in_order) {
  std::vector<Commit> commits;
  for (std::uint64_t version = 0; version < 10'000; version += 4)
    commits.push_back(make_commit(first, version, 4));
  for (const auto& result : store_->commit(commits)) ASSERT_TRUE(result.ok());
  std::uint64_t after = 0;
  while (after < 10'000) {
    auto page = *store_->read_history({.execution = first, .after_seq = after});
    ASSERT_EQ(page.size(), 1'000u);
    for (const auto& event : page) ASSERT_EQ(event.seq, ++after);
  }
  EXPECT_TRUE(store_->read_history({.execution = first, .after_seq = after})->empty());
}

TEST_P(StoreConformance, five_megabytes_of_payload_come_back_whole) {
  std::string big(5 << 20, 'x');
  big[1234567] = '"';
  Commit commit = make_commit(first, 0);
  std::get<execution::ExecutionStarted>(commit.events[0].body).input =
      share(JsonObject{{"data", big}});
  commit.snapshot = Snapshot{.seq = 1, .state = big};
  commit.command = make_command("big");
  commit.command->answer = JsonObject{{"data", big}};
  commit_one(*store_, commit);
  auto history = *store_->read_history({.execution = first});
  ASSERT_EQ(history.size(), 1u);
  EXPECT_EQ(to_text(*std::get<execution::ExecutionStarted>(history[0].body).input),
            to_text(JsonObject{{"data", big}}));
  EXPECT_EQ((*store_->load_execution(first))->snapshot->state, commit.snapshot->state);
  EXPECT_EQ(to_text((*store_->find_command("big"))->answer), to_text(commit.command->answer));
}

TEST_P(StoreConformance, a_command_record_is_kept_with_its_commit) {
  Commit commit = make_commit(first, 0);
  commit.command = make_command("key-1");
  commit_one(*store_, commit);
  EXPECT_EQ(describe(*store_->find_command("key-1")), describe(*commit.command));
  EXPECT_EQ(describe(store_->find_command("key-2")), "nothing");
}

TEST_P(StoreConformance, a_command_id_used_twice_is_a_conflict_of_the_command) {
  Commit commit = make_commit(first, 0);
  commit.command = make_command("key-1");
  Commit other = make_commit(second, 0);
  other.command = make_command("key-1");
  std::vector<Commit> both = {commit, other};
  auto results = store_->commit(both);
  EXPECT_TRUE(results[0].ok());
  ASSERT_FALSE(results[1].ok());
  EXPECT_EQ(results[1].error().code, error_code::conflict);
  EXPECT_EQ(results[1].error().instance, "/command");
  EXPECT_EQ(describe(store_->find_summary(second)), "nothing");
  EXPECT_EQ(store_->read_feed(0, 10)->size(), 1u);
  other.command.reset();
  commit_one(*store_, other);
}

TEST_P(StoreConformance, writes_of_several_threads_are_all_there_and_read_by_their_writer) {
  constexpr std::uint64_t threads = 4;
  constexpr std::uint64_t commits_each = 100;
  std::vector<std::thread> workers;
  std::atomic<int> wrong = 0;
  for (std::uint64_t t = 0; t < threads; ++t) {
    workers.emplace_back([this, t, &wrong] {
      for (std::uint64_t i = 0; i < commits_each; ++i) {
        ExecutionId id = execution_id(t * 7 + i % 7 + 100);
        std::uint64_t version = i / 7;
        Commit commit = make_commit(id, version);
        commit.summary = make_summary(id, RunStatus::running);
        commit.summary->tasks.total = static_cast<std::uint32_t>(i);
        auto results = store_->commit({&commit, 1});
        auto loaded = store_->load_execution(id);
        auto summary = store_->find_summary(id);
        bool seen = results[0].ok() && loaded.ok() && *loaded && summary.ok() && *summary &&
                    (*loaded)->tail.size() == version + 1 && (*summary)->tasks.total == i &&
                    *store_->last_position() >= *results[0];
        if (!seen) ++wrong;
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(store_->read_feed(0, 1'000)->size(), threads * commits_each);
  EXPECT_EQ(describe(store_->check()), "");
}

TEST_P(StoreConformance, of_commits_that_race_for_a_version_one_wins) {
  commit_one(*store_, make_commit(first, 0));
  std::atomic<int> won = 0;
  std::vector<std::thread> workers;
  for (int t = 0; t < 4; ++t) {
    workers.emplace_back([this, &won] {
      for (std::uint64_t version = 1; version <= 50; ++version) {
        Commit commit = make_commit(first, version);
        if (store_->commit({&commit, 1})[0].ok()) ++won;
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  auto history = *store_->read_history({.execution = first});
  EXPECT_EQ(history.size(), static_cast<std::size_t>(won) + 1);
  EXPECT_GE(won, 1);
}

TEST_P(StoreConformance, statistics_count_what_is_there) {
  for (std::uint64_t i = 0; i < 6; ++i) {
    ExecutionId id = execution_id(i);
    Commit commit = make_commit(id, 0);
    commit.summary = make_summary(id, static_cast<RunStatus>(i));
    commit_one(*store_, commit);
  }
  ASSERT_TRUE(store_->put_definition(make_definition(1, "a")).ok());
  ASSERT_TRUE(store_->put_definition(make_definition(2, "b")).ok());
  ASSERT_TRUE(store_->delete_definition({.id = workflow_id(2), .at = time_at(5)}).ok());
  auto stats = *store_->stats();
  EXPECT_EQ(stats.executions, 6u);
  EXPECT_EQ(stats.executions_active, 3u);
  EXPECT_EQ(stats.definitions, 1u);
}

TEST_P(StoreConformance, a_healthy_store_has_no_findings) {
  Commit commit = make_commit(first, 0, 3);
  commit.summary = make_summary(first, RunStatus::running);
  commit.summary->tags = {"a", "a", "b"};
  commit.at_work = true;
  commit.snapshot = Snapshot{.seq = 2, .state = "{}"};
  commit_one(*store_, commit);
  ASSERT_TRUE(store_->put_definition(make_definition(1, "a")).ok());
  EXPECT_EQ(describe(store_->check()), "");
}

}  // namespace
}  // namespace harmonia::store
