#include <array>

#include "store/conformance/driver.h"
#include "store/conformance/samples.h"

namespace harmonia::store {
namespace {

using execution::Interest;
using execution::InterestKind;
using execution::TimerKind;
using execution::Wake;

Wake wake(std::int64_t due, TimerKind kind, std::uint32_t task) {
  return {.due = time_at(due), .kind = kind, .task = {.scope = 0, .task = task}, .attempt = 1};
}

Interest lock(std::uint32_t task, std::string key, std::uint32_t attempt = 1) {
  return {.task = {{.scope = 0, .task = task}}, .attempt = attempt, .key = std::move(key)};
}

Commit interested(std::uint64_t run, std::vector<Interest> interests) {
  Commit commit = make_commit(execution_id(run), 0);
  commit.owed.added.interests = std::move(interests);
  return commit;
}

TEST_P(StoreConformance, who_is_at_work_is_what_the_last_commit_says) {
  auto commit = [this](std::uint64_t run, std::uint64_t version, bool at_work) {
    Commit one = make_commit(execution_id(run), version);
    one.at_work = at_work;
    commit_one(*store_, one);
  };
  auto at_work = [this] { return *store_->read_at_work({}); };
  using Executions = std::vector<ExecutionId>;
  // Made in the order 3, 1, 2: that is the order of reading, whatever the ids.
  commit(3, 0, true);
  commit(1, 0, false);
  commit(2, 0, true);
  EXPECT_EQ(at_work(), (Executions{execution_id(3), execution_id(2)}));
  commit(1, 1, true);
  commit(3, 1, false);
  EXPECT_EQ(at_work(), (Executions{execution_id(1), execution_id(2)}));
  EXPECT_EQ(*store_->read_at_work({.after = execution_id(1)}), Executions{execution_id(2)});
  EXPECT_EQ(*store_->read_at_work({.limit = 1}), Executions{execution_id(1)});
}

TEST_P(StoreConformance, of_one_call_the_last_commit_says_who_is_at_work) {
  std::vector<Commit> commits;
  for (std::uint64_t version = 0; version < 3; ++version) {
    commits.push_back(make_commit(execution_id(1), version));
    commits.back().at_work = version != 1;
    commits.push_back(make_commit(execution_id(2), version));
    commits.back().at_work = version == 1;
  }
  store_->commit(commits);
  EXPECT_EQ(*store_->read_at_work({}), std::vector<ExecutionId>{execution_id(1)});
}

TEST_P(StoreConformance, who_is_at_work_behind_an_unknown_execution_is_not_found) {
  EXPECT_EQ(store_->read_at_work({.after = execution_id(8)}).error().code, error_code::not_found);
}

TEST_P(StoreConformance, what_one_commit_removes_and_adds_is_there) {
  Commit made = make_commit(execution_id(1), 0);
  made.owed.added.wakes = {wake(1, TimerKind::wait, 1)};
  commit_one(*store_, made);
  Commit next = make_commit(execution_id(1), 1);
  next.owed.removed = made.owed.added;
  next.owed.added = made.owed.added;
  commit_one(*store_, next);
  EXPECT_EQ(store_->read_timers({.due_before = time_at(5)})->size(), 1u);
}

TEST_P(StoreConformance, timers_are_read_by_due_time_up_to_a_moment) {
  Commit one = make_commit(execution_id(1), 0);
  one.owed.added.wakes = {wake(30, TimerKind::run_timeout, 0), wake(10, TimerKind::retry, 2),
                          wake(20, TimerKind::wait, 1)};
  Commit two = make_commit(execution_id(2), 0);
  two.owed.added.wakes = {wake(10, TimerKind::task_timeout, 2), wake(10, TimerKind::retry, 3)};
  std::vector<Commit> both = {one, two};
  store_->commit(both);

  auto due = [this](std::int64_t before, std::size_t limit) {
    std::vector<std::int64_t> seconds;
    auto rows = *store_->read_timers({.due_before = time_at(before), .limit = limit});
    for (const TimerRow& row : rows)
      seconds.push_back((row.wake.due - time_at(0)) / std::chrono::seconds(1));
    return seconds;
  };
  using Seconds = std::vector<std::int64_t>;
  EXPECT_EQ(due(10, 100), Seconds{});
  EXPECT_EQ(due(11, 100), (Seconds{10, 10, 10}));
  EXPECT_EQ(due(100, 100), (Seconds{10, 10, 10, 20, 30}));
  EXPECT_EQ(due(100, 4), (Seconds{10, 10, 10, 20}));

  Commit gone = make_commit(execution_id(1), 1);
  gone.owed.removed.wakes = {wake(10, TimerKind::retry, 2), wake(20, TimerKind::retry, 1)};
  commit_one(*store_, gone);
  EXPECT_EQ(due(100, 100), (Seconds{10, 10, 20, 30}));
}

TEST_P(StoreConformance, interests_are_read_as_they_were_written) {
  std::vector<Interest> interests = {
      {.kind = InterestKind::lock,
       .key = "run/nightly",
       .limit = 4'000'000'000,
       .policy = workflow::ConcurrencyPolicy::replace},
      {.kind = InterestKind::event,
       .task = {{.scope = 3, .task = 2}},
       .attempt = 7,
       .key = execution::event_key("paid", std::string("ü\0'", 4))},
      {.kind = InterestKind::child, .task = {{.scope = 0, .task = 0}}, .attempt = 1, .key = ""},
      {.kind = InterestKind::parent, .key = "p"},
      {.kind = InterestKind::approval, .task = {{.scope = 1, .task = 2}}, .attempt = 1, .key = ""},
      {.kind = InterestKind::incident, .task = {{.scope = 1, .task = 3}}, .attempt = 4, .key = ""}};
  commit_one(*store_, interested(1, interests));
  auto rows = *store_->read_interests({});
  ASSERT_EQ(rows.size(), interests.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(rows[i].execution, execution_id(1));
    EXPECT_EQ(rows[i].interest, interests[i]) << describe(rows[i]);
  }
}

TEST_P(StoreConformance, interests_are_read_in_the_order_of_arrival) {
  for (std::uint64_t run : {3u, 1u, 2u})
    commit_one(*store_, interested(run, {lock(5, "a"), lock(1, "b"), lock(0, "a")}));
  auto all = *store_->read_interests({});
  ASSERT_EQ(all.size(), 9u);
  std::int64_t last = 0;
  for (std::size_t i = 0; i < 9; ++i) {
    EXPECT_GT(all[i].place, last);
    last = all[i].place;
    EXPECT_EQ(all[i].execution, execution_id(std::array{3u, 1u, 2u}[i / 3]));
    EXPECT_EQ(all[i].interest.task->task, (std::array{5u, 1u, 0u}[i % 3]));
  }
  for (std::size_t limit : {1u, 2u, 3u, 9u}) {
    std::vector<InterestRow> paged;
    InterestQuery query{.limit = limit};
    for (;;) {
      auto page = *store_->read_interests(query);
      if (page.empty()) break;
      EXPECT_LE(page.size(), limit);
      paged.insert(paged.end(), page.begin(), page.end());
      query.after = page.back().place;
    }
    EXPECT_EQ(describe(paged), describe(all));
  }
}

TEST_P(StoreConformance, interests_of_a_key_are_those_of_that_kind_and_key) {
  Interest child = lock(2, "a");
  child.kind = InterestKind::child;
  commit_one(*store_, interested(1, {lock(0, "a"), lock(1, "A"), child}));
  commit_one(*store_, interested(2, {lock(0, "a"), lock(1, "ab")}));
  auto runs = [this](const InterestQuery& query) {
    std::string text;
    auto rows = *store_->read_interests(query);
    for (const InterestRow& row : rows)
      text += to_string(row.execution) + "/" + std::to_string(row.interest.task->task) + " ";
    return text;
  };
  std::string one = to_string(execution_id(1));
  std::string two = to_string(execution_id(2));
  EXPECT_EQ(runs({.key = "a"}), one + "/0 " + two + "/0 ");
  EXPECT_EQ(runs({.key = "a", .limit = 1}), one + "/0 ");
  EXPECT_EQ(runs({.kind = InterestKind::child, .key = "a"}), one + "/2 ");
  EXPECT_EQ(runs({.kind = InterestKind::event, .key = "a"}), "");
  EXPECT_EQ(runs({.key = ""}), "");
  std::int64_t first = store_->read_interests({.key = "a"})->front().place;
  EXPECT_EQ(runs({.key = "a", .after = first}), two + "/0 ");
}

TEST_P(StoreConformance, an_interest_is_removed_by_run_kind_task_attempt_and_key) {
  Interest of_run{.key = "a"};
  Interest of_first_task = lock(0, "a", 0);
  commit_one(*store_, interested(1, {of_run, of_first_task, lock(0, "a", 1), lock(0, "b", 0)}));
  commit_one(*store_, interested(2, {of_run}));
  Commit next = make_commit(execution_id(1), 1);
  Interest as_child = of_run;
  as_child.kind = InterestKind::child;
  Interest of_run_changed = of_run;
  of_run_changed.limit = 9;
  next.owed.removed.interests = {of_run_changed, as_child, lock(1, "a", 0), lock(0, "A", 0)};
  commit_one(*store_, next);
  std::string one = to_string(execution_id(1));
  EXPECT_EQ(describe(store_->read_interests({})),
            one + " 0 0/0#0 a 1 0\n" + one + " 0 0/0#1 a 1 0\n" + one + " 0 0/0#0 b 1 0\n" +
                to_string(execution_id(2)) + " 0 run#0 a 1 0\n");
}

TEST_P(StoreConformance, an_interest_that_is_there_keeps_its_place) {
  commit_one(*store_, interested(1, {lock(0, "a")}));
  commit_one(*store_, interested(2, {lock(0, "a")}));
  auto before = *store_->read_interests({});
  Commit again = make_commit(execution_id(1), 1);
  again.owed.added.interests = {lock(0, "a")};
  commit_one(*store_, again);
  auto after = *store_->read_interests({});
  ASSERT_EQ(after.size(), 2u);
  EXPECT_EQ(after[0].place, before[0].place);
  EXPECT_EQ(after[0].execution, execution_id(1));
}

TEST_P(StoreConformance, a_place_is_never_given_twice) {
  commit_one(*store_, interested(1, {lock(0, "a"), lock(1, "a")}));
  std::int64_t last = store_->read_interests({})->back().place;
  Commit gone = make_commit(execution_id(1), 1);
  gone.owed.removed.interests = {lock(0, "a"), lock(1, "a")};
  commit_one(*store_, gone);
  EXPECT_EQ(store_->read_interests({})->size(), 0u);
  // Also when one commit removes and adds it: it comes anew, behind the others.
  commit_one(*store_, interested(2, {lock(0, "a")}));
  EXPECT_GT(store_->read_interests({})->back().place, last);
  Commit anew = make_commit(execution_id(2), 1);
  last = store_->read_interests({})->back().place;
  anew.owed.removed.interests = {lock(0, "a")};
  anew.owed.added.interests = {lock(0, "a")};
  commit_one(*store_, anew);
  auto rows = *store_->read_interests({});
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_GT(rows[0].place, last);
}

// Who stands in the line of key `a`, by run.
std::string line_of(Store& store) {
  std::string line;
  auto rows = *store.read_interests({.key = "a"});
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_TRUE(i == 0 || rows[i - 1].place < rows[i].place);
    for (std::uint64_t run = 1; run < 9; ++run)
      if (rows[i].execution == execution_id(run)) line += std::to_string(run);
  }
  return line;
}

Commit turned(std::uint64_t run, std::uint64_t version, std::uint32_t limit, bool back) {
  Interest in_line = lock(0, "a");
  in_line.limit = limit;
  Interest aside = in_line;
  aside.kind = InterestKind::aside;
  Commit commit = make_commit(execution_id(run), version);
  commit.owed.removed.interests = {back ? aside : in_line};
  commit.owed.added.interests = {back ? in_line : aside};
  return commit;
}

TEST_P(StoreConformance, a_lock_that_turns_aside_keeps_its_place) {
  for (std::uint64_t run : {1u, 2u, 3u, 4u}) commit_one(*store_, interested(run, {lock(0, "a")}));
  commit_one(*store_, turned(3, 1, 1, false));
  EXPECT_EQ(line_of(*store_), "124");
  commit_one(*store_, turned(3, 2, 1, true));
  EXPECT_EQ(line_of(*store_), "1234");
}

TEST_P(StoreConformance, what_turns_back_goes_behind_those_that_have_the_lock) {
  for (std::uint64_t run : {1u, 2u, 3u, 4u, 5u, 6u})
    commit_one(*store_, interested(run, {lock(0, "a")}));
  commit_one(*store_, turned(1, 1, 2, false));
  commit_one(*store_, turned(3, 1, 2, false));
  EXPECT_EQ(line_of(*store_), "2456");
  commit_one(*store_, turned(1, 2, 2, true));  // 2 and 4 have it
  EXPECT_EQ(line_of(*store_), "24156");
  commit_one(*store_, turned(3, 2, 2, true));
  EXPECT_EQ(line_of(*store_), "241356");
  commit_one(*store_, interested(7, {lock(0, "a")}));
  EXPECT_EQ(line_of(*store_), "2413567");
  EXPECT_EQ(store_->read_interests({.kind = InterestKind::aside, .key = "a"})->size(), 0u);
}

TEST_P(StoreConformance, what_turns_back_with_locks_left_has_one_at_its_place) {
  for (std::uint64_t run : {1u, 2u}) commit_one(*store_, interested(run, {lock(0, "a")}));
  commit_one(*store_, turned(1, 1, 2, false));
  EXPECT_EQ(line_of(*store_), "2");
  commit_one(*store_, turned(1, 2, 2, true));
  EXPECT_EQ(line_of(*store_), "12");
}

TEST_P(StoreConformance, a_refused_commit_leaves_no_interest) {
  commit_one(*store_, interested(1, {lock(0, "a")}));
  Commit refused = make_commit(execution_id(1), 5);
  refused.owed.removed.interests = {lock(0, "a")};
  refused.owed.added.interests = {lock(1, "a")};
  EXPECT_FALSE(store_->commit({&refused, 1})[0].ok());
  auto rows = *store_->read_interests({});
  ASSERT_EQ(rows.size(), 1u);
  EXPECT_EQ(rows[0].interest, lock(0, "a"));
}

}  // namespace
}  // namespace harmonia::store
