#include "store/sqlite/disk_fault.h"

#include <filesystem>
#include <random>
#include <thread>

#include <gtest/gtest.h>

#include "store/conformance/driver.h"
#include "store/conformance/samples.h"
#include "store/sqlite/sqlite_store.h"
#include "store/sqlite/testing/fault_disk.h"

namespace harmonia::store {
namespace {

using sqlite::testing::DiskCall;
using sqlite::testing::DiskFault;
using sqlite::testing::DiskFile;
using sqlite::testing::DiskRule;
using sqlite::testing::FaultDisk;
using sqlite::testing::parse_disk_rule;

constexpr std::uint64_t runs_count = 5;

// A store on a disk that fails, and a record, kept outside, of what it acknowledged.
class DiskFaultTest : public testing::Test {
 protected:
  ~DiskFaultTest() override { store_.reset(); }

  void open() {
    auto opened = open_sqlite_store({.directory = directory_.path()});
    ASSERT_TRUE(opened.ok()) << opened.error().detail;
    store_ = std::move(opened).value();
  }

  std::uint64_t version_of(std::uint64_t run) {
    auto loaded = store_->load_execution(execution_id(run));
    EXPECT_TRUE(loaded.ok()) << loaded.error().detail;
    if (!loaded.ok() || !*loaded) return 0;
    const LoadedExecution& found = **loaded;
    if (!found.tail.empty()) return found.tail.back().seq;
    return found.snapshot ? found.snapshot->seq : 0;
  }

  // One commit on what is there; true when it was acknowledged.
  bool commit(std::uint64_t run, std::size_t bytes = 100) {
    Commit next = make_commit(execution_id(run), versions_[run]);
    next.snapshot = Snapshot{.seq = versions_[run] + 1, .state = std::string(bytes, 'x')};
    auto result = store_->commit({&next, 1}).front();
    if (result.ok()) {
      acknowledged_[run] = ++versions_[run];
    } else {
      last_error_ = result.error();
    }
    return result.ok();
  }

  bool wait_until_writable() {
    for (int i = 0; i < 1'000; ++i) {
      if (store_->health().writable) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }

  // What the engine does after a failure: it waits, and reads again.
  void read_again() {
    ASSERT_TRUE(wait_until_writable()) << store_->health().fault;
    for (std::uint64_t run = 1; run <= runs_count; ++run) versions_[run] = version_of(run);
  }

  void restart() {
    store_.reset();
    disk_.restart();
    ASSERT_NO_FATAL_FAILURE(open());
    for (std::uint64_t run = 1; run <= runs_count; ++run) versions_[run] = version_of(run);
  }

  void expect_nothing_lost(const std::string& when) {
    for (const auto& [run, version] : acknowledged_)
      EXPECT_GE(version_of(run), version) << "run " << run << " " << when;
    EXPECT_EQ(describe(store_->check()), "") << when;
  }

  TemporaryDirectory directory_;
  FaultDisk disk_;
  std::unique_ptr<Store> store_;
  std::map<std::uint64_t, std::uint64_t> versions_;
  std::map<std::uint64_t, std::uint64_t> acknowledged_;
  Error last_error_;
};

TEST(FaultDisk, rules_are_read_from_text) {
  auto rule = parse_disk_rule("sync wal io_error after=2 count=1");
  ASSERT_TRUE(rule.ok());
  EXPECT_EQ(rule->call, DiskCall::sync);
  EXPECT_EQ(rule->file, DiskFile::wal);
  EXPECT_EQ(rule->fault, DiskFault::io_error);
  EXPECT_EQ(rule->after, 2u);
  EXPECT_EQ(rule->count, 1u);
  for (const char* wrong : {"", "sync", "sync wal", "sink wal full", "sync wal full after=x"})
    EXPECT_FALSE(parse_disk_rule(wrong).ok()) << wrong;
}

TEST_F(DiskFaultTest, while_the_disk_fails_writes_are_refused_and_reads_go_on) {
  ASSERT_NO_FATAL_FAILURE(open());
  ASSERT_TRUE(commit(1));
  disk_.fail({.call = DiskCall::sync, .file = DiskFile::wal});
  EXPECT_FALSE(commit(1));
  EXPECT_EQ(last_error_.code, error_code::storage);
  EXPECT_FALSE(commit(2));
  EXPECT_EQ(last_error_.code, error_code::storage);
  EXPECT_EQ(last_error_.retry_after, std::chrono::seconds(1));
  StoreHealth health = store_->health();
  EXPECT_FALSE(health.writable);
  EXPECT_NE(health.fault.find("disk I/O error when syncing"), std::string::npos) << health.fault;
  EXPECT_TRUE(health.since.has_value());
  EXPECT_EQ(health.faults_total, 1u);
  EXPECT_EQ(version_of(1), 1u);
  EXPECT_FALSE(store_->put_definition(make_definition(1, "a")).ok());
  EXPECT_FALSE(store_->keep_event(make_event("e", 1)).ok());
}

TEST_F(DiskFaultTest, it_works_again_by_itself_when_the_fault_goes_away) {
  ASSERT_NO_FATAL_FAILURE(open());
  ASSERT_TRUE(commit(1));
  for (DiskFault fault : {DiskFault::io_error, DiskFault::full, DiskFault::short_write}) {
    disk_.fail({.call = DiskCall::write, .file = DiskFile::wal, .fault = fault});
    EXPECT_FALSE(commit(1));
    EXPECT_FALSE(commit(1));
    EXPECT_FALSE(store_->health().writable);
    disk_.mend();
    ASSERT_NO_FATAL_FAILURE(read_again());
    EXPECT_EQ(store_->health().fault, "");
    EXPECT_TRUE(commit(1)) << last_error_.detail;
  }
  EXPECT_EQ(store_->health().recoveries_total, 3u);
  expect_nothing_lost("in the end");
}

TEST_F(DiskFaultTest, a_single_failure_is_over_at_once) {
  ASSERT_NO_FATAL_FAILURE(open());
  disk_.fail({.call = DiskCall::sync, .file = DiskFile::wal, .count = 1});
  EXPECT_FALSE(commit(1));
  ASSERT_NO_FATAL_FAILURE(read_again());
  EXPECT_TRUE(commit(1));
  expect_nothing_lost("in the end");
}

TEST_F(DiskFaultTest, a_full_disk_is_told_and_reads_stay_open) {
  ASSERT_NO_FATAL_FAILURE(open());
  ASSERT_TRUE(commit(1));
  disk_.fail({.call = DiskCall::write, .fault = DiskFault::full});
  EXPECT_FALSE(commit(1));
  EXPECT_NE(last_error_.detail.find("free some space"), std::string::npos) << last_error_.detail;
  EXPECT_EQ(version_of(1), 1u);
}

TEST_F(DiskFaultTest, a_checkpoint_that_finds_the_disk_full_is_told_and_commits_go_on) {
  ASSERT_NO_FATAL_FAILURE(open());
  disk_.fail({.call = DiskCall::write, .file = DiskFile::database, .fault = DiskFault::full});
  for (int i = 0; i < 500 && store_->health().fault.empty(); ++i) {
    ASSERT_TRUE(commit(1, 200'000)) << last_error_.detail;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  StoreHealth health = store_->health();
  EXPECT_NE(health.fault.find("checkpoints fail"), std::string::npos) << health.fault;
  EXPECT_TRUE(health.writable);
  EXPECT_TRUE(commit(1));
  disk_.mend();
  for (int i = 0; i < 500 && !store_->health().fault.empty(); ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  EXPECT_EQ(store_->health().fault, "");
}

TEST_F(DiskFaultTest, a_store_that_closes_while_the_disk_fails_is_whole_at_the_next_start) {
  ASSERT_NO_FATAL_FAILURE(open());
  ASSERT_TRUE(commit(1));
  disk_.fail({.call = DiskCall::sync});
  EXPECT_FALSE(commit(1));
  store_.reset();
  disk_.mend();
  ASSERT_NO_FATAL_FAILURE(open());
  expect_nothing_lost("after the start");
}

// Acknowledged work on top of a commit whose sync failed, which a dead process can't know of: the
// page cache has it, the platter does not.
TEST_F(DiskFaultTest, what_a_start_finds_is_on_the_platter_before_anything_is_added) {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    ASSERT_NO_FATAL_FAILURE(open());
    ASSERT_TRUE(commit(1, 20'000));
    versions_[1] = version_of(1);
    disk_.fail({.call = DiskCall::sync, .file = DiskFile::wal});
    EXPECT_FALSE(commit(1, 20'000));
    disk_.kill_process();
    ASSERT_NO_FATAL_FAILURE(restart());
    ASSERT_TRUE(commit(1));
    ASSERT_TRUE(commit(2));
    disk_.cut_power(seed);
    ASSERT_NO_FATAL_FAILURE(restart());
    expect_nothing_lost("after power came back, seed " + std::to_string(seed));
    store_.reset();
  }
}

// Lost, halved or garbled in the middle of a commit: it is there as a whole or not at all, and what
// was acknowledged before is untouched.
TEST_F(DiskFaultTest, a_commit_that_loses_power_is_whole_or_not_there) {
  ASSERT_NO_FATAL_FAILURE(open());
  int kept = 0;
  constexpr int rounds = 40;
  for (std::uint64_t seed = 0; seed < rounds; ++seed) {
    ASSERT_TRUE(commit(1));
    disk_.fail({.call = seed % 4 == 0 ? DiskCall::write : DiskCall::sync,
                .file = DiskFile::wal,
                .fault = DiskFault::power_cut,
                .after = seed % 4 == 0 ? 2u : 0u,
                .seed = seed});
    EXPECT_FALSE(commit(1, 20'000));
    ASSERT_NO_FATAL_FAILURE(restart());
    expect_nothing_lost("seed " + std::to_string(seed));
    if (version_of(1) > acknowledged_[1]) ++kept;
  }
  EXPECT_GT(kept, 0);
  EXPECT_LT(kept, rounds);
  sqlite::testing::PowerLoss loss = disk_.power_loss();
  for (std::uint64_t pages : {loss.kept, loss.lost, loss.halved, loss.garbled})
    EXPECT_GT(pages, 0u);
}

// A checkpoint counts pages as copied before the database is synced. When that sync fails only the
// WAL has them.
TEST_F(DiskFaultTest, pages_of_a_checkpoint_whose_sync_failed_are_copied_again) {
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    ASSERT_NO_FATAL_FAILURE(open());
    ASSERT_NO_FATAL_FAILURE(read_again());
    disk_.fail({.call = DiskCall::sync, .file = DiskFile::database, .count = 1});
    std::uint64_t faults = disk_.faults();
    auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    for (std::uint64_t i = 0; disk_.faults() == faults; ++i) {
      ASSERT_LT(std::chrono::steady_clock::now(), deadline) << "no checkpoint came to its end";
      // Many small commits, so that the background has copied a part before the rest is synced.
      if (!commit(1 + i % runs_count, 100'000)) read_again();
    }
    ASSERT_NO_FATAL_FAILURE(read_again());
    // One more round of checkpoints: the WAL starts anew.
    for (std::uint64_t i = 0; i < 100; ++i) {
      if (!commit(1 + i % runs_count, 100'000)) read_again();
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(300));
    if (!commit(1)) read_again();
    disk_.cut_power(seed);
    ASSERT_NO_FATAL_FAILURE(restart());
    expect_nothing_lost("seed " + std::to_string(seed));
    store_.reset();
  }
}

// Everything at once: commits of all sizes, faults of all kinds, deaths of the process and of the
// machine.
TEST_F(DiskFaultTest, nothing_acknowledged_is_lost_whatever_the_disk_does) {
  std::mt19937_64 dice(20'251'121);
  auto below = [&dice](std::uint64_t bound) { return dice() % bound; };
  ASSERT_NO_FATAL_FAILURE(open());
  for (int round = 0; round < 60; ++round) {
    std::uint64_t cuts = below(4);
    DiskRule rule{.call = std::array{DiskCall::write, DiskCall::sync, DiskCall::sync,
                                     DiskCall::truncate}[below(4)],
                  .file = std::array{DiskFile::any, DiskFile::wal, DiskFile::database}[below(3)],
                  .fault = std::array{DiskFault::io_error, DiskFault::full, DiskFault::short_write,
                                      DiskFault::power_cut}[cuts == 0 ? 3 : below(3)],
                  .after = below(200),
                  .count = 1 + below(3)};
    disk_.fail(rule);
    for (int i = 0; i < 60; ++i) {
      if (commit(1 + below(runs_count), below(2) == 0 ? 100 : 60'000)) continue;
      if (rule.fault == DiskFault::power_cut) break;
      ASSERT_NO_FATAL_FAILURE(read_again());
    }
    if (cuts == 1) disk_.kill_process();
    if (cuts == 2) disk_.cut_power(dice());
    if (cuts != 3) {
      ASSERT_NO_FATAL_FAILURE(restart());
    }
    disk_.mend();
    ASSERT_NO_FATAL_FAILURE(read_again());
    expect_nothing_lost("round " + std::to_string(round));
    if (HasFailure()) break;
  }
}

}  // namespace
}  // namespace harmonia::store
