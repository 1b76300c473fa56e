#include "engine/shard.h"

#include "engine/testing/shard_fixture.h"

namespace harmonia::engine {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::ShardTest;

constexpr std::string_view two_tasks =
    "name: two\ntasks:\n  a: {component: noop}\n  b: {component: noop, depends_on: [a]}\n";

TEST_F(ShardTest, many_commands_share_one_commit) {
  put(two_tasks);
  for (std::uint64_t i = 1; i <= 50; ++i) offer(start(i));
  run();
  EXPECT_EQ(store.commit_calls, 1u);
  EXPECT_EQ(answers.size(), 50u);
  EXPECT_EQ(dispatcher.dispatched.size(), 50u);
}

TEST_F(ShardTest, nothing_is_dispatched_answered_well_or_announced_before_it_is_on_disk) {
  put(two_tasks);
  store.failing = true;
  offer(start(1));
  run();
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0].error().code, error_code::storage);
  EXPECT_TRUE(dispatcher.dispatched.empty());
  EXPECT_TRUE(announcer.names.empty());
}

TEST_F(ShardTest, a_store_that_takes_no_writes_is_not_asked_and_new_work_is_refused) {
  put(two_tasks);
  offer(start(1, "key", "print"));
  run();
  std::size_t calls = store.commit_calls;
  store.state = {.writable = false, .fault = "the disk is full"};
  offer(start(2));
  offer(start(1, "key", "print"));
  finish(dispatcher.dispatched.at(0).key);
  run();
  EXPECT_EQ(store.commit_calls, calls);
  ASSERT_EQ(answers.size(), 3u);
  EXPECT_EQ(answers[1].error().code, error_code::storage);
  EXPECT_TRUE(answers[1].error().retry_after.has_value());
  EXPECT_TRUE(answers[2].ok()) << "what was acknowledged keeps its answer";
  store.state = {};
  clock.time += seconds(2);
  run();
  EXPECT_EQ(dispatcher.dispatched.size(), 2u) << "the report was kept";
}

// A sync failed, but the bytes are there after all.
TEST_F(ShardTest, a_commit_that_is_there_although_it_failed_is_gone_on_with) {
  put(two_tasks);
  store.fails_after_writing = true;
  offer(start(1));
  run();
  EXPECT_FALSE(answers.at(0).ok());
  clock.time += seconds(2);
  run();
  EXPECT_TRUE(dispatcher.dispatched.empty()) << "it is not known yet what is on disk";
  store.fails_after_writing = false;
  store.state = {};
  EXPECT_LE(shard->next_due(), clock.time + seconds(1));
  run();
  ASSERT_EQ(dispatcher.dispatched.size(), 1u);

  store.fails_after_writing = true;
  finish(dispatcher.dispatched.at(0).key);
  run();
  mend_disk();
  ASSERT_EQ(dispatcher.dispatched.size(), 2u);
  finish(dispatcher.dispatched.at(1).key);
  run();
  EXPECT_EQ(status_of(start(1).execution), execution::RunStatus::completed);
  EXPECT_EQ(shard->counters().attempts_in_flight, 0u);
}

TEST_F(ShardTest, a_timer_of_a_commit_that_is_there_although_it_failed_fires) {
  put("name: nap\ntasks:\n  a: {type: wait, duration: 5}\n");
  store.fails_after_writing = true;
  offer(start(1));
  run();
  store.fails_after_writing = false;
  store.state = {};
  run();
  clock.time += seconds(6);
  run();
  EXPECT_EQ(status_of(start(1).execution), execution::RunStatus::completed);
}

TEST_F(ShardTest, a_report_is_kept_while_the_disk_fails) {
  put(two_tasks);
  offer(start(1));
  run();
  AttemptKey first = dispatcher.dispatched.at(0).key;
  store.failing = true;
  finish(first);
  run();
  store.failing = false;
  EXPECT_EQ(dispatcher.dispatched.size(), 1u);
  clock.time += seconds(2);
  run();
  ASSERT_EQ(dispatcher.dispatched.size(), 2u);
  EXPECT_EQ(dispatcher.dispatched[1].task_path, "b");
}

TEST_F(ShardTest, a_timer_is_kept_while_the_disk_fails) {
  put("name: nap\ntasks:\n  a: {type: wait, duration: 5}\n");
  offer(start(1));
  run();
  store.failing = true;
  clock.time += seconds(5);
  run();
  store.failing = false;
  clock.time += seconds(2);
  run();
  EXPECT_EQ(status_of(start(1).execution), execution::RunStatus::completed);
}

TEST_F(ShardTest, a_lock_is_granted_and_passed_on_once_it_can_be_read) {
  put("name: till\ntasks:\n  a: {component: noop, concurrency: {key: till}}\n");
  store.unreadable = true;
  offer(start(1));
  offer(start(2));
  run();
  EXPECT_TRUE(dispatcher.dispatched.empty());
  EXPECT_EQ(shard->next_due(), clock.time + seconds(1));
  clock.time += seconds(1);
  run();
  store.unreadable = false;
  EXPECT_TRUE(dispatcher.dispatched.empty());
  clock.time += seconds(1);
  run();
  ASSERT_EQ(dispatcher.dispatched.size(), 1u);
  store.unreadable = true;
  finish(dispatcher.dispatched[0].key);
  run();
  EXPECT_EQ(status_of(start(1).execution), execution::RunStatus::completed);
  store.unreadable = false;
  EXPECT_EQ(dispatcher.dispatched.size(), 1u);
  clock.time += seconds(1);
  run();
  ASSERT_EQ(dispatcher.dispatched.size(), 2u);
  EXPECT_EQ(dispatcher.dispatched[1].key.execution, start(2).execution);
}

TEST_F(ShardTest, kept_events_and_subworkflows_are_found_once_they_can_be_read) {
  put("name: wait\ntasks:\n  e: {type: event, event: go, correlation: '1'}\n"
      "  s: {type: subworkflow, workflow: missing, on_error: continue}\n");
  store::KeptEvent event{.id = "1",
                         .name = "go",
                         .correlation = "1",
                         .payload = 7,
                         .at = clock.time,
                         .expires_at = clock.time + seconds(60)};
  ASSERT_TRUE(store.keep_event(event).ok());
  store.unreadable = true;
  offer(start(1));
  run();
  store.unreadable = false;
  run();
  EXPECT_EQ(status_of(start(1).execution), execution::RunStatus::running);
  clock.time += seconds(1);
  run();
  EXPECT_EQ(status_of(start(1).execution), execution::RunStatus::completed);
}

TEST_F(ShardTest, a_repeated_start_gets_the_first_receipt_also_after_a_restart) {
  put(two_tasks);
  offer(start(1, "key", "print"));
  offer(start(1, "key", "print"));
  run();
  boot();
  offer(start(1, "key", "print"));
  run();
  ASSERT_EQ(answers.size(), 3u);
  for (const auto& answer : answers) {
    ASSERT_TRUE(answer.ok());
    EXPECT_EQ(answer->execution, answers[0]->execution);
    EXPECT_EQ(answer->version, answers[0]->version);
  }
  EXPECT_FALSE(answers[0]->repeated);
  EXPECT_TRUE(answers[1]->repeated);
  EXPECT_TRUE(answers[2]->repeated);
}

TEST_F(ShardTest, a_key_used_with_another_request_is_refused) {
  put(two_tasks);
  offer(start(1, "key", "print"));
  offer(start(1, "key", "other"));
  run();
  offer(start(1, "key", "another"));
  run();
  ASSERT_EQ(answers.size(), 3u);
  EXPECT_EQ(answers[1].error().code, error_code::idempotency_mismatch);
  EXPECT_EQ(answers[2].error().code, error_code::idempotency_mismatch);
}

TEST_F(ShardTest, an_attempt_without_heartbeat_is_lost_and_tried_again) {
  put("name: hb\ntasks:\n  a: {component: noop, heartbeat_timeout: 10, "
      "retry_policy: {max_retries: 1, initial_delay: 1, retry_on: [worker_lost]}}\n");
  offer(start(1));
  run();
  AttemptKey first = dispatcher.dispatched.at(0).key;
  clock.time += seconds(9);
  shard->mailbox().heartbeat(first);
  run();
  clock.time += seconds(9);
  run();
  EXPECT_TRUE(dispatcher.canceled.empty());
  clock.time += seconds(2);
  run();
  EXPECT_EQ(dispatcher.canceled, std::vector<AttemptKey>{first});
  clock.time += seconds(1);
  run();
  ASSERT_EQ(dispatcher.dispatched.size(), 2u);
  EXPECT_EQ(dispatcher.dispatched[1].key.attempt, 2u);
}

TEST_F(ShardTest, what_was_in_flight_is_handed_out_again_after_a_restart) {
  put(two_tasks);
  offer(start(1));
  offer(start(2));
  run();
  finish(dispatcher.dispatched.at(0).key);
  run();
  std::vector<Assignment> before = dispatcher.dispatched;
  dispatcher.dispatched.clear();
  boot();
  ASSERT_EQ(dispatcher.dispatched.size(), 2u);
  for (const auto& again : dispatcher.dispatched) {
    bool known = std::any_of(before.begin(), before.end(), [&](const Assignment& first) {
      return first.key == again.key && first.task_path == again.task_path;
    });
    EXPECT_TRUE(known) << again.task_path;
  }
}

TEST_F(ShardTest, runs_beyond_the_bound_leave_memory_and_go_on) {
  options.live_runs_max = 3;
  boot();
  put(two_tasks);
  for (std::uint64_t i = 1; i <= 20; ++i) offer(start(i));
  run();
  EXPECT_EQ(shard->counters().live_runs, 3u);
  for (const auto& assignment : std::vector<Assignment>(dispatcher.dispatched))
    finish(assignment.key);
  run();
  EXPECT_EQ(dispatcher.dispatched.size(), 40u);
  EXPECT_GT(store.load_calls, 0u);
}

TEST_F(ShardTest, sleepers_cost_no_memory_until_their_time_is_near) {
  put("name: nap\ntasks:\n  a: {type: wait, duration: 3600}\n");
  for (std::uint64_t i = 1; i <= 20; ++i) offer(start(i));
  run();
  EXPECT_EQ(shard->counters().timers_armed, 0u);
  clock.time += seconds(3599);
  run();
  EXPECT_EQ(shard->next_due(), clock.time + seconds(1));
  clock.time += seconds(1);
  run();
  EXPECT_EQ(status_of(start(20).execution), execution::RunStatus::completed);
}

TEST_F(ShardTest, more_timers_than_are_read_at_once_all_fire) {
  put("name: nap\ntasks:\n  a: {type: wait, duration: 3600}\n");
  constexpr std::uint64_t count = 25'000;
  options.mailbox_max = count;
  boot();
  for (std::uint64_t i = 1; i <= count; ++i) offer(start(i << 8));
  run();
  clock.time += seconds(3700);
  boot();
  for (int step = 0; step < 1000 && store.stats()->executions_active > 0; ++step) {
    run();
    clock.time = std::max(clock.time, shard->next_due());
  }
  EXPECT_EQ(store.stats()->executions_active, 0u);
}

TEST_F(ShardTest, a_clock_that_steps_back_breaks_nothing) {
  put(two_tasks);
  offer(start(1));
  run();
  clock.time -= seconds(3600);
  finish(dispatcher.dispatched.at(0).key);
  run();
  finish(dispatcher.dispatched.at(1).key);
  run();
  auto events = store.read_history({.execution = start(1).execution});
  ASSERT_TRUE(events.ok());
  EXPECT_TRUE(std::is_sorted(events->begin(), events->end(),
                             [](const auto& a, const auto& b) { return a.at < b.at; }));
  EXPECT_EQ(status_of(start(1).execution), execution::RunStatus::completed);
}

TEST_F(ShardTest, a_full_mailbox_refuses_commands_but_never_reports) {
  options.mailbox_max = 2;
  boot();
  put(two_tasks);
  offer(start(1));
  offer(start(2));
  Envelope third = start(3);
  EXPECT_FALSE(shard->mailbox().offer(third, clock.now()));
  run();
  offer(start(4));
  offer(start(5));
  finish(dispatcher.dispatched.at(0).key);
  run();
  EXPECT_EQ(dispatcher.dispatched.size(), 5u);
}

TEST_F(ShardTest, a_run_with_more_events_than_a_page_is_loaded_whole) {
  put("name: many\ntasks:\n  each: {type: map, items: \"${lists.range(400)}\", "
      "do: {work: {component: noop}}}\n");
  options.snapshot_events = 1'000'000;
  boot();
  offer(start(1));
  run();
  for (std::size_t i = 0; i < dispatcher.dispatched.size() && i < 350; ++i) {
    finish(dispatcher.dispatched.at(i).key);
    run();
  }
  auto on_disk = load_run(store, *definitions, start(1).execution);
  ASSERT_TRUE(on_disk.ok() && *on_disk);
  EXPECT_EQ((*on_disk)->snapshot_seq, 0u);
  EXPECT_GT((*on_disk)->state.last_seq, store::tail_max);
  EXPECT_EQ((*on_disk)->state.counts.completed, 350u);
}

TEST_F(ShardTest, cancel_reaches_the_runner_once_and_a_report_does_not) {
  put(two_tasks);
  offer(start(1));
  offer(start(2));
  run();
  finish(dispatcher.dispatched.at(0).key);
  run();
  EXPECT_TRUE(dispatcher.canceled.empty());
  offer({.execution = start(2).execution, .command = execution::Cancel{}});
  run();
  EXPECT_EQ(dispatcher.canceled, std::vector<AttemptKey>{dispatcher.dispatched.at(1).key});
}

}  // namespace
}  // namespace harmonia::engine
