// What a shard does when it is not certain what is on disk, or who has heard of it.
#include "engine/testing/shard_fixture.h"

namespace harmonia::engine {
namespace {

using std::chrono::seconds;
using testing::ShardTest;

constexpr std::string_view one_task = "name: one\ntasks:\n  a: {component: noop}\n";

Envelope cancel(ExecutionId id) {
  return {.execution = id, .command = execution::Cancel{.reason = "enough"}};
}

// A cancel is decided and can't be written; what came behind it was refused by a state that never
// was.
TEST_F(ShardTest, a_report_is_not_lost_to_a_cancel_that_could_not_be_written) {
  put(one_task);
  ExecutionId id = start(1).execution;
  offer(start(1));
  run();
  store.failing = true;
  offer(cancel(id));
  finish(dispatcher.dispatched.at(0).key);
  run();
  EXPECT_EQ(answers.at(1).error().code, error_code::storage);
  store.failing = false;
  clock.time += seconds(2);
  run();
  EXPECT_EQ(status_of(id), execution::RunStatus::completed);
}

TEST_F(ShardTest, nobody_is_refused_by_what_is_not_on_disk) {
  put(one_task);
  ExecutionId id = start(1).execution;
  offer(start(1));
  run();
  store.failing = true;
  offer(cancel(id));
  offer({.execution = id, .command = execution::Pause{}});
  run();
  ASSERT_EQ(answers.size(), 3u);
  for (std::size_t i : {1u, 2u})
    EXPECT_EQ(answers[i].error().code, error_code::storage) << answers[i].error().detail;
  store.failing = false;
  offer({.execution = id, .command = execution::Pause{}});
  run();
  EXPECT_TRUE(answers.at(3).ok());
}

TEST_F(ShardTest, work_that_a_faster_callback_has_ended_is_not_handed_out) {
  put("name: hook\ntasks:\n"
      "  a:\n    type: webhook\n    input: {url: '${callback.url}'}\n"
      "    finally: {b: {type: approval}}\n");
  post(start(1));
  offer({.execution = start(1).execution,
         .command = execution::Callback{.task = {}, .payload = share(1)}});
  run();
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_TRUE(answers[1].ok());
  EXPECT_TRUE(dispatcher.dispatched.empty());
}

// On the way to the next in line the turn is its own; before it comes, that one stands aside and
// returns.
TEST_F(ShardTest, a_turn_that_went_to_another_meanwhile_is_not_taken) {
  options.batch_max = 1;
  boot();
  put("name: till\ntasks:\n  a: {component: noop, concurrency: {key: till}}\n");
  for (std::uint64_t number : {1u, 2u, 3u}) {
    offer(start(number));
    run();
  }
  ASSERT_EQ(dispatcher.dispatched.size(), 1u);
  finish(dispatcher.dispatched[0].key);
  offer({.execution = start(2).execution, .command = execution::Pause{}});
  offer({.execution = start(2).execution, .command = execution::Resume{}});
  run();
  ASSERT_EQ(dispatcher.dispatched.size(), 2u);
  EXPECT_EQ(dispatcher.dispatched[1].key.execution, start(3).execution);
  finish(dispatcher.dispatched[1].key);
  run();
  ASSERT_EQ(dispatcher.dispatched.size(), 3u);
  EXPECT_EQ(dispatcher.dispatched[2].key.execution, start(2).execution);
}

// The sync failed by which a run gave its lock back, but the bytes are there.
TEST_F(ShardTest, a_lock_that_was_given_back_by_a_commit_that_failed_is_passed_on) {
  put("name: till\ntasks:\n  a: {component: noop, concurrency: {key: till}}\n");
  offer(start(1));
  offer(start(2));
  run();
  ASSERT_EQ(dispatcher.dispatched.size(), 1u);
  store.fails_after_writing = true;
  offer(cancel(dispatcher.dispatched[0].key.execution));
  run();
  mend_disk();
  ASSERT_EQ(dispatcher.dispatched.size(), 2u);
  EXPECT_EQ(dispatcher.dispatched[1].key.execution, start(2).execution);
  EXPECT_EQ(dispatcher.canceled.size(), 1u) << "the runner of the first is told";
}

TEST_F(ShardTest, a_subworkflow_is_started_once_its_definition_can_be_read) {
  put("name: call\ntasks:\n  s: {type: subworkflow, workflow: call, max_depth: 1}\n");
  store.definitions_unreadable = false;
  offer(start(1));
  // The revision of the parent is known, the newest one is not.
  ASSERT_TRUE(definitions->find(workflow, 1).ok());
  store.definitions_unreadable = true;
  run();
  EXPECT_EQ(status_of(start(1).execution), execution::RunStatus::running);
  store.definitions_unreadable = false;
  clock.time += seconds(2);
  run();
  auto parent = load_run(store, *definitions, start(1).execution);
  ASSERT_TRUE((*parent)->state.error.has_value());
  EXPECT_EQ((*parent)->state.error->code, error_code::depth_limit) << "its child failed, it ran";
}

// The process dies after a pause and before the child of the run has begun.
TEST_F(ShardTest, a_child_that_begins_after_a_crash_stands_still_with_its_parent) {
  put("name: call\ntasks:\n  s: {type: subworkflow, workflow: call, max_depth: 1}\n"
      "  w: {type: wait, duration: 60}\n");
  std::vector<Envelope> mail;
  Shard::Place apart{.post = [&mail](Envelope envelope) { mail.push_back(std::move(envelope)); }};
  shard = std::make_unique<Shard>(options, Engine::Ports{store, clock, ids, dispatcher, announcer},
                                  *definitions, apart);
  post(start(1));
  offer({.execution = start(1).execution, .command = execution::Pause{}});
  run();
  ASSERT_FALSE(mail.empty()) << "the child is not started: its mail is lost";
  ExecutionId child = mail.front().execution;
  boot();
  run();
  EXPECT_EQ(status_of(child), execution::RunStatus::paused);
}

}  // namespace
}  // namespace harmonia::engine
