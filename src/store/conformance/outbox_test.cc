#include "store/conformance/driver.h"
#include "store/conformance/samples.h"

namespace harmonia::store {
namespace {

using execution::Dispatch;
using execution::TimerKind;
using execution::Wake;

Dispatch dispatch(std::uint32_t scope, std::uint32_t task, std::uint32_t attempt = 1) {
  return {.task = {.scope = scope, .task = task}, .attempt = attempt};
}

Wake wake(std::int64_t due, TimerKind kind, std::uint32_t task) {
  return {.due = time_at(due), .kind = kind, .task = {.scope = 0, .task = task}, .attempt = 1};
}

TEST_P(StoreConformance, dispatches_are_those_added_and_not_removed) {
  Commit made = make_commit(execution_id(1), 0);
  made.owed.added.dispatches = {dispatch(0, 2), dispatch(0, 1)};
  commit_one(*store_, made);
  Commit next = make_commit(execution_id(1), 1);
  next.owed.removed.dispatches = {dispatch(0, 1), dispatch(0, 9)};   // one was never there
  next.owed.added.dispatches = {dispatch(3, 1, 2), dispatch(0, 2)};  // one is there already
  commit_one(*store_, next);
  std::vector<DispatchRow> expected = {
      {.execution = execution_id(1), .dispatch = dispatch(0, 2)},
      {.execution = execution_id(1), .dispatch = dispatch(3, 1, 2)}};
  EXPECT_EQ(describe(*store_->read_dispatches({})), describe(expected));
}

TEST_P(StoreConformance, what_one_commit_removes_and_adds_is_there) {
  Commit made = make_commit(execution_id(1), 0);
  made.owed.added.dispatches = {dispatch(0, 1)};
  made.owed.added.wakes = {wake(1, TimerKind::wait, 1)};
  commit_one(*store_, made);
  Commit next = make_commit(execution_id(1), 1);
  next.owed.removed = made.owed.added;
  next.owed.added = made.owed.added;
  commit_one(*store_, next);
  EXPECT_EQ(store_->read_dispatches({})->size(), 1u);
  EXPECT_EQ(store_->read_timers({.due_before = time_at(5)})->size(), 1u);
}

TEST_P(StoreConformance, dispatches_are_paged_by_the_last_row) {
  // Made in the order 3, 1, 2: that is the order of reading, whatever the ids.
  for (std::uint64_t number : {3u, 1u, 2u}) {
    Commit commit = make_commit(execution_id(number), 0);
    for (std::uint32_t task : {5u, 0u, 3u}) {
      commit.owed.added.dispatches.push_back(dispatch(1, task, 2));
      commit.owed.added.dispatches.push_back(dispatch(0, task));
    }
    commit_one(*store_, commit);
  }
  auto all = *store_->read_dispatches({});
  ASSERT_EQ(all.size(), 18u);
  EXPECT_EQ(all[0].execution, execution_id(3));
  EXPECT_EQ(all[17].execution, execution_id(2));
  for (std::size_t limit : {1u, 4u, 6u, 18u}) {
    std::vector<DispatchRow> paged;
    DispatchQuery query{.limit = limit};
    for (;;) {
      auto page = *store_->read_dispatches(query);
      if (page.empty()) break;
      paged.insert(paged.end(), page.begin(), page.end());
      query.after_execution = page.back().execution;
      query.after_dispatch = page.back().dispatch;
    }
    EXPECT_EQ(describe(paged), describe(all));
  }
}

TEST_P(StoreConformance, dispatches_behind_an_unknown_execution_are_not_found) {
  EXPECT_EQ(store_->read_dispatches({.after_execution = execution_id(8)}).error().code,
            error_code::not_found);
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

}  // namespace
}  // namespace harmonia::store
