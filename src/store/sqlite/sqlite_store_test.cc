#include "store/sqlite/sqlite_store.h"

#include <csignal>
#include <fstream>
#include <sqlite3.h>
#include <thread>
#include <unistd.h>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "base/crash_point.h"
#include "store/conformance/driver.h"
#include "store/conformance/samples.h"

namespace harmonia::store {
namespace {

namespace fs = std::filesystem;
using execution::RunStatus;

// What versions 6 and 5 of the schema have changed, undone.
const std::string before_counts = "ALTER TABLE history DROP COLUMN tasks;";
const std::string before_at_work =
    before_counts +
    "DROP INDEX executions_at_work; ALTER TABLE executions DROP COLUMN at_work;"
    "CREATE TABLE dispatches (run INTEGER NOT NULL, scope INTEGER NOT NULL, "
    "  task INTEGER NOT NULL, attempt INTEGER NOT NULL, "
    "  PRIMARY KEY (run, scope, task, attempt)) STRICT, WITHOUT ROWID;"
    "CREATE TRIGGER execution_tags_inserted AFTER INSERT ON executions BEGIN SELECT 1; END;"
    "CREATE TRIGGER execution_tags_updated AFTER UPDATE ON executions BEGIN SELECT 1; END;";

class SqliteStoreTest : public testing::Test {
 protected:
  std::unique_ptr<Store> open() {
    auto opened = open_sqlite_store({.directory = directory_.path()});
    EXPECT_TRUE(opened.ok()) << (opened.ok() ? "" : opened.error().detail);
    return opened.ok() ? std::move(opened).value() : nullptr;
  }
  Error open_error(const std::string& directory) {
    auto opened = open_sqlite_store({.directory = directory});
    EXPECT_FALSE(opened.ok());
    return opened.ok() ? Error{} : opened.error();
  }
  std::string database() const { return directory_.path() + "/harmonia.db"; }

  // SQL on the file while no store has it open.
  void execute(const std::string& sql) {
    sqlite3* handle = nullptr;
    ASSERT_EQ(sqlite3_open(database().c_str(), &handle), SQLITE_OK);
    EXPECT_EQ(sqlite3_exec(handle, sql.c_str(), nullptr, nullptr, nullptr), SQLITE_OK)
        << sqlite3_errmsg(handle);
    sqlite3_close(handle);
  }

  TemporaryDirectory directory_;
};

std::atomic<bool> is_copying = false;

void linger_in_checkpoints(std::string_view name) {
  if (name != "store.after_checkpoint") return;
  is_copying = true;
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
}

// The background tells the writer what came of its copy, and waits for nobody.
TEST_F(SqliteStoreTest, a_checkpoint_may_end_while_the_store_closes) {
  auto store = open();
  crash_hook = linger_in_checkpoints;
  constexpr std::uint64_t most = 1'000;
  std::uint64_t runs = 0;
  while (!is_copying && runs < most) {
    Commit commit = make_commit(execution_id(++runs), 0);
    commit.snapshot = Snapshot{.seq = 1, .state = std::string(200'000, 'x')};
    commit_one(*store, commit);
  }
  EXPECT_LT(runs, most);
  store.reset();
  crash_hook = nullptr;
  store = open();
  EXPECT_TRUE(store->load_execution(execution_id(runs))->has_value());
  EXPECT_EQ(describe(store->check()), "");
}

TEST_F(SqliteStoreTest, everything_is_there_after_closing_and_opening) {
  auto store = open();
  Commit commit = make_commit(execution_id(1), 0, 3);
  commit.summary = make_summary(execution_id(1), RunStatus::running);
  commit.summary->tags = {"a"};
  commit.at_work = true;
  commit.owed.added.wakes = {
      {.due = time_at(4), .kind = execution::TimerKind::wait, .task = {0, 2}}};
  commit.owed.added.interests = {{.key = "a"}};
  ASSERT_TRUE(*store->keep_event(make_event("e", 1)));
  commit.command = make_command("key");
  commit.snapshot = Snapshot{.seq = 2, .state = R"({"x":1})"};
  commit_one(*store, commit);
  ASSERT_TRUE(store->put_definition(make_definition(1, "a")).ok());
  auto text = [&store] {
    return describe(store->load_execution(execution_id(1))) +
           describe(store->list_executions({.tag = "a"})) + describe(store->read_at_work({})) +
           describe(store->read_timers({.due_before = time_at(9)})) +
           describe(store->read_interests({})) +
           describe(store->read_kept_events(
               {.name = "paid", .correlation = "order-1", .now = time_at(1)})) +
           describe(store->find_command("key")) + describe(store->list_definitions({})) +
           describe(store->read_feed(0, 10));
  };
  std::string before = text();
  store.reset();
  EXPECT_FALSE(fs::exists(database() + "-wal")) << "a clean close empties the WAL";
  store = open();
  EXPECT_EQ(text(), before);
  Position last = *store->last_position();
  EXPECT_GT(commit_one(*store, make_commit(execution_id(1), 3)), last);
  EXPECT_GT(commit_one(*store, make_commit(execution_id(2), 0)), last + 1);
  EXPECT_EQ(describe(store->check()), "");
}

TEST_F(SqliteStoreTest, a_second_store_on_the_folder_is_refused_naming_folder_and_process) {
  auto store = open();
  Error error = open_error(directory_.path());
  EXPECT_EQ(error.code, error_code::storage_locked);
  EXPECT_NE(error.detail.find(directory_.path()), std::string::npos);
  EXPECT_NE(error.detail.find(std::to_string(getpid())), std::string::npos);
  store.reset();
  EXPECT_NE(open(), nullptr);
}

TEST_F(SqliteStoreTest, the_lock_keeps_out_other_processes) {
  auto store = open();
  pid_t child = fork();
  if (child == 0) {
    auto opened = open_sqlite_store({.directory = directory_.path()});
    _exit(!opened.ok() && opened.error().code == error_code::storage_locked ? 0 : 1);
  }
  int status = 0;
  ASSERT_EQ(waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

TEST_F(SqliteStoreTest, a_database_of_a_newer_version_is_refused_naming_both) {
  open().reset();
  execute("PRAGMA user_version = 4711");
  Error error = open_error(directory_.path());
  EXPECT_EQ(error.code, error_code::storage);
  EXPECT_NE(error.detail.find("4711"), std::string::npos) << error.detail;
  EXPECT_NE(error.detail.find("up to 6"), std::string::npos) << error.detail;
}

TEST_F(SqliteStoreTest, a_database_of_an_older_version_is_brought_up_to_date) {
  commit_one(*open(), make_commit(execution_id(1), 0));
  execute(before_at_work + "DROP TABLE interests; DROP TABLE events; PRAGMA user_version = 1");
  auto store = open();
  ASSERT_NE(store, nullptr);
  Commit next = make_commit(execution_id(1), 1);
  next.owed.added.interests = {{.key = "a"}};
  commit_one(*store, next);
  EXPECT_TRUE(*store->keep_event(make_event("e", 1)));
  EXPECT_EQ(store->read_interests({.key = "a"})->size(), 1u);
  EXPECT_EQ(describe(store->check()), "");
}

TEST_F(SqliteStoreTest, dispatches_of_an_older_version_say_who_is_at_work) {
  for (std::uint64_t i = 1; i <= 3; ++i) commit_one(*open(), make_commit(execution_id(i), 0));
  execute(before_at_work +
          "INSERT INTO dispatches VALUES (2, 0, 0, 1), (2, 0, 1, 1), (3, 0, 0, 1);"
          "PRAGMA user_version = 4");
  std::vector<ExecutionId> expected = {execution_id(2), execution_id(3)};
  EXPECT_EQ(*open()->read_at_work({}), expected);
}

TEST_F(SqliteStoreTest, numbers_of_tasks_of_an_older_version_are_shown_until_the_next_commit) {
  Commit made = make_commit(execution_id(1), 0);
  made.summary = make_summary(execution_id(1), execution::RunStatus::running);
  commit_one(*open(), made);
  execute(before_counts + "PRAGMA user_version = 5");
  auto store = open();
  Summary expected = *made.summary;
  EXPECT_EQ(describe(*store->find_summary(execution_id(1))), describe(expected));
  Commit next = make_commit(execution_id(1), 1);
  next.tasks = expected.tasks = {.total = 8, .completed = 5, .waiting = 3};
  commit_one(*store, next);
  EXPECT_EQ(describe(*store->find_summary(execution_id(1))), describe(expected));
  EXPECT_EQ(describe(store->check()), "");
}

TEST_F(SqliteStoreTest, places_in_line_outlive_a_new_version) {
  auto store = open();
  Commit first = make_commit(execution_id(1), 0);
  first.owed.added.interests = {{.key = "a"}, {.key = "b"}, {.key = "c"}};
  commit_one(*store, first);
  Commit gone = make_commit(execution_id(1), 1);
  gone.owed.removed.interests = {{.key = "c"}};
  commit_one(*store, gone);
  std::string before = describe(store->read_interests({}));
  store.reset();
  execute(before_at_work + "PRAGMA user_version = 3");
  store = open();
  EXPECT_EQ(describe(store->read_interests({})), before);
  Commit next = make_commit(execution_id(1), 2);
  next.owed.added.interests = {{.kind = execution::InterestKind::aside, .key = "d"}};
  commit_one(*store, next);
  EXPECT_EQ(store->read_interests({})->back().place, 4) << "3 was given";
}

TEST_F(SqliteStoreTest, a_place_is_never_given_twice_across_restarts) {
  auto store = open();
  Commit first = make_commit(execution_id(1), 0);
  first.owed.added.interests = {{.key = "a"}, {.key = "b"}};
  commit_one(*store, first);
  std::int64_t last = store->read_interests({})->back().place;
  Commit gone = make_commit(execution_id(1), 1);
  gone.owed.removed = first.owed.added;
  commit_one(*store, gone);
  store.reset();
  store = open();
  Commit anew = make_commit(execution_id(1), 2);
  anew.owed.added.interests = {{.key = "c"}};
  commit_one(*store, anew);
  EXPECT_GT(store->read_interests({})->back().place, last);
}

TEST_F(SqliteStoreTest, a_folder_that_is_a_file_is_refused) {
  std::string path = directory_.path() + "/file";
  std::ofstream(path) << "x";
  for (const std::string& directory : {path, path + "/below"}) {
    Error error = open_error(directory);
    EXPECT_EQ(error.code, error_code::storage);
    EXPECT_NE(error.detail.find(directory), std::string::npos) << error.detail;
  }
}

TEST_F(SqliteStoreTest, a_read_only_folder_is_refused) {
  fs::permissions(directory_.path(), fs::perms::owner_read | fs::perms::owner_exec);
  if (access(directory_.path().c_str(), W_OK) == 0) GTEST_SKIP() << "this user may write anyway";
  Error error = open_error(directory_.path());
  fs::permissions(directory_.path(), fs::perms::owner_all);
  EXPECT_EQ(error.code, error_code::storage);
}

TEST_F(SqliteStoreTest, a_folder_is_made_when_missing) {
  std::string nested = directory_.path() + "/a/b";
  EXPECT_TRUE(open_sqlite_store({.directory = nested}).ok());
  EXPECT_TRUE(fs::exists(nested + "/harmonia.db"));
}

TEST_F(SqliteStoreTest, a_file_that_is_no_database_is_refused) {
  std::ofstream(database()) << std::string(10'000, 'x');
  Error error = open_error(directory_.path());
  EXPECT_EQ(error.code, error_code::storage);
  EXPECT_NE(error.detail.find(database()), std::string::npos) << error.detail;
  EXPECT_NE(error.detail.find("restore a backup"), std::string::npos) << error.detail;
}

TEST_F(SqliteStoreTest, a_truncated_database_is_refused) {
  auto store = open();
  std::uint64_t version = 0;
  for (; version < 400; version += 4) commit_one(*store, make_commit(execution_id(1), version, 4));
  store.reset();
  fs::resize_file(database(), fs::file_size(database()) / 2);
  Error error = open_error(directory_.path());
  EXPECT_EQ(error.code, error_code::storage);
  EXPECT_NE(error.detail.find(database()), std::string::npos) << error.detail;
}

TEST_F(SqliteStoreTest, damage_is_found_at_the_start_after_an_unclean_stop) {
  open().reset();
  execute("PRAGMA writable_schema = 1; DELETE FROM sqlite_schema WHERE name = 'history_by_run'");
  EXPECT_NE(open(), nullptr) << "after a clean stop nothing is looked for";
  std::ofstream(directory_.path() + "/harmonia.lock") << "12345\n";
  Error error = open_error(directory_.path());
  EXPECT_EQ(error.code, error_code::storage);
  EXPECT_NE(error.detail.find("damaged"), std::string::npos) << error.detail;
}

TEST_F(SqliteStoreTest, check_finds_what_contradicts_itself) {
  auto store = open();
  for (std::uint64_t i = 1; i <= 4; ++i) {
    commit_one(*store, make_commit(execution_id(i), 0, 2));
    commit_one(*store, make_commit(execution_id(i), 2, 2));
  }
  ASSERT_TRUE(store->put_definition(make_definition(1, "a")).ok());
  EXPECT_EQ(describe(store->check()), "");
  store.reset();
  execute(
      "DELETE FROM history WHERE run = 1 AND first_seq = 1;"
      "DELETE FROM executions WHERE run = 2;"
      "DELETE FROM history WHERE run = 3;"
      "UPDATE history SET payload = x'5b' WHERE run = 4 AND first_seq = 3;"
      "UPDATE executions SET at_work = 1, status = 3, ended_at = 1 WHERE run = 4;"
      "UPDATE executions SET tags = '[\"lost\"]', tasks_failed = 9 WHERE run = 4;"
      "INSERT INTO timers VALUES (5, 77, 0, 0, 0, 1);"
      "INSERT INTO interests VALUES (1, 77, 0, 0, 0, 0, 0, 'a', 1, 0);"
      "INSERT INTO snapshots VALUES (4, 99, x'7b7d');"
      "DELETE FROM definitions;");
  auto findings = *open()->check();
  EXPECT_EQ(findings.size(), 11u) << describe(findings);
}

TEST_F(SqliteStoreTest, idempotency_records_are_bounded) {
  auto opened = open_sqlite_store({.directory = directory_.path(), .command_retention_count = 10});
  ASSERT_TRUE(opened.ok());
  auto& store = **opened;
  for (std::uint64_t i = 0; i < 50; ++i) {
    Commit commit = make_commit(execution_id(i), 0);
    commit.command = make_command("key" + std::to_string(i));
    commit_one(store, commit);
  }
  EXPECT_EQ(describe(store.find_command("key0")), "nothing");
  for (std::uint64_t i = 40; i < 50; ++i)
    EXPECT_NE(describe(store.find_command("key" + std::to_string(i))), "nothing");
}

// A file size limit is the nearest thing to a full disk that a test can make for itself.
class FileSizeLimit {
 public:
  explicit FileSizeLimit(rlim_t bytes) {
    std::signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &before_);
    rlimit limited{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
    setrlimit(RLIMIT_FSIZE, &limited);
  }
  ~FileSizeLimit() { setrlimit(RLIMIT_FSIZE, &before_); }

 private:
  rlimit before_{};
};

TEST_F(SqliteStoreTest, a_disk_that_is_full_fails_the_commit_and_later_ones_go_on) {
  auto store = open();
  commit_one(*store, make_commit(execution_id(1), 0));
  Position before = *store->last_position();
  Commit big = make_commit(execution_id(1), 1);
  big.snapshot = Snapshot{.seq = 2, .state = std::string(4 << 20, 'x')};
  {
    FileSizeLimit limit(2 << 20);
    std::vector<Commit> commits = {make_commit(execution_id(2), 0), big};
    for (const auto& result : store->commit(commits)) {
      ASSERT_FALSE(result.ok());
      EXPECT_EQ(result.error().code, error_code::storage);
      EXPECT_NE(result.error().detail.find(database()), std::string::npos);
    }
    EXPECT_EQ(*store->last_position(), before);
    EXPECT_EQ(describe(store->find_summary(execution_id(2))), "nothing");
  }
  commit_one(*store, big);
  commit_one(*store, make_commit(execution_id(2), 0));
  store.reset();
  store = open();
  EXPECT_EQ(store->read_history({.execution = execution_id(1)})->size(), 2u);
  EXPECT_EQ(describe(store->check()), "");
}

TEST_F(SqliteStoreTest, the_wal_stays_bounded_under_load) {
  auto store = open();
  std::string data(20'000, 'x');
  std::uintmax_t largest = 0;
  std::uint64_t written = 0;
  std::uint64_t version = 0;
  while (written < (400u << 20)) {
    std::vector<Commit> commits;
    for (int i = 0; i < 50; ++i) {
      commits.push_back(make_commit(execution_id(1), version++));
      commits.back().events[0].body = execution::TaskSkipped{.task = {}, .reason = data};
      written += data.size();
    }
    ASSERT_TRUE(store->commit(commits).back().ok());
    largest = std::max(largest, fs::file_size(database() + "-wal"));
  }
  RecordProperty("largest_wal_bytes", std::to_string(largest));
  EXPECT_LT(largest, 200u << 20);
}

// Commits for ever, and says over the pipe what was acknowledged.
[[noreturn]] void commit_until_killed(const std::string& directory, int pipe) {
  auto opened = open_sqlite_store({.directory = directory});
  if (!opened.ok()) _exit(1);
  std::vector<std::thread> threads;
  for (std::uint64_t t = 0; t < 3; ++t) {
    threads.emplace_back([&store = **opened, pipe, t] {
      for (std::uint64_t version = 0;; ++version) {
        std::vector<Commit> commits;
        for (std::uint64_t i = 0; i < 4; ++i)
          commits.push_back(make_commit(execution_id(t * 4 + i), version));
        for (const auto& result : store.commit(commits)) {
          if (!result.ok()) _exit(1);
        }
        std::uint64_t acknowledged[] = {t, version + 1};
        if (write(pipe, acknowledged, sizeof acknowledged) < 0) _exit(1);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  _exit(1);
}

TEST_F(SqliteStoreTest, what_was_acknowledged_survives_kill_9) {
  for (int round = 0; round < 3; ++round) {
    TemporaryDirectory directory;
    int ends[2];
    ASSERT_EQ(pipe(ends), 0);
    pid_t child = fork();
    if (child == 0) commit_until_killed(directory.path(), ends[1]);
    close(ends[1]);
    std::map<std::uint64_t, std::uint64_t> acknowledged;
    auto kill_at = std::chrono::steady_clock::now() + std::chrono::milliseconds(300 + 170 * round);
    std::uint64_t message[2];
    while (read(ends[0], message, sizeof message) == sizeof message) {
      acknowledged[message[0]] = message[1];
      if (std::chrono::steady_clock::now() > kill_at) kill(child, SIGKILL);
    }
    close(ends[0]);
    int status = 0;
    waitpid(child, &status, 0);
    ASSERT_TRUE(WIFSIGNALED(status));
    ASSERT_FALSE(acknowledged.empty());

    auto opened = open_sqlite_store({.directory = directory.path()});
    ASSERT_TRUE(opened.ok()) << opened.error().detail;
    auto& store = **opened;
    for (const auto& [thread, version] : acknowledged) {
      for (std::uint64_t i = 0; i < 4; ++i) {
        // Not by loading, which gives a long history page by page.
        auto events =
            store.read_history({.execution = execution_id(thread * 4 + i), .limit = 1'000'000});
        ASSERT_TRUE(events.ok());
        EXPECT_GE(events->size(), version);
        for (std::uint64_t seq = 1; seq <= events->size(); ++seq)
          ASSERT_EQ((*events)[seq - 1].seq, seq);
      }
    }
    EXPECT_EQ(describe(store.check()), "");
    commit_one(store, make_commit(execution_id(1'000), 0));
  }
}

}  // namespace
}  // namespace harmonia::store
