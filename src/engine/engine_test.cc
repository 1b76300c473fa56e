#include "engine/engine.h"

#include <condition_variable>
#include <mutex>
#include <thread>

#include <gtest/gtest.h>

#include "store/memory/memory_store.h"
#include "workflow/parse.h"

namespace harmonia::engine {
namespace {

class SystemClock final : public Clock {
 public:
  Timestamp now() const override {
    return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  }
};

class CountingIds final : public IdSource {
 public:
  Uuid next(Timestamp) override { return make_uuid_v7(1, 0, ++count_ << 8); }

 private:
  std::atomic<std::uint64_t> count_{0};
};

// Answers every attempt at once, from the shard's own thread.
class EchoDispatcher final : public Dispatcher {
 public:
  void dispatch(Assignment assignment) override {
    engine->report(assignment.key, execution::AttemptSucceeded{.output = assignment.input});
  }
  void cancel(const AttemptKey&) override {}
  Engine* engine = nullptr;
};

class EndCounter final : public Announcer {
 public:
  void announce(const Announcement& announcement) override {
    if (!execution::ends_execution(announcement.events.back().body)) return;
    std::lock_guard lock(mutex_);
    ++ended_;
    changed_.notify_all();
  }
  bool wait_for(std::size_t count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, std::chrono::seconds(60), [&] { return ended_ >= count; });
  }

 private:
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::size_t ended_ = 0;
};

TEST(Engine, runs_of_several_threads_all_end) {
  auto store = store::make_memory_store();
  WorkflowId workflow{make_uuid_v7(1, 1, 1)};
  auto outcome = workflow::parse_definition(
      "name: chain\ntasks:\n  a: {component: noop}\n  b: {component: noop, depends_on: [a]}\n"
      "  c: {component: noop, depends_on: [a]}\n  d: {component: noop, depends_on: [b, c]}\n");
  ASSERT_TRUE(outcome.ok());
  store::PutDefinition put;
  put.id = workflow;
  put.create = true;
  put.canonical = outcome.definition->canonical;
  put.name = "chain";
  ASSERT_TRUE(store->put_definition(put).ok());

  SystemClock clock;
  CountingIds ids;
  EchoDispatcher dispatcher;
  EndCounter announcer;
  EngineOptions options;
  options.shards = 3;
  auto engine = Engine::create(options, {*store, clock, ids, dispatcher, announcer});
  dispatcher.engine = engine.get();
  ASSERT_TRUE(engine->start().ok());

  constexpr std::size_t threads_count = 4;
  constexpr std::size_t runs_each = 100;
  std::atomic<std::size_t> accepted{0};
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < threads_count; ++i) {
    threads.emplace_back([&] {
      for (std::size_t n = 0; n < runs_each; ++n) {
        StartRequest request{
            .workflow = workflow, .input = share(JsonObject{}), .context = share(JsonObject{})};
        engine->start_execution(std::move(request),
                                [&](const Result<Receipt>& receipt) { accepted += receipt.ok(); });
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_TRUE(announcer.wait_for(threads_count * runs_each));
  engine->stop();
  EXPECT_EQ(accepted, threads_count * runs_each);
  EXPECT_EQ(engine->status().commit_failures_total, 0u);
  auto stats = store->stats();
  ASSERT_TRUE(stats.ok());
  EXPECT_EQ(stats->executions, threads_count * runs_each);
  EXPECT_EQ(stats->executions_active, 0u);
}

TEST(Engine, what_it_has_no_room_for_is_refused_with_the_time_to_come_again) {
  auto store = store::make_memory_store();
  SystemClock clock;
  CountingIds ids;
  EchoDispatcher dispatcher;
  EndCounter announcer;
  EngineOptions options;
  options.shards = 1;
  options.mailbox_max = 2;
  auto engine = Engine::create(options, {*store, clock, ids, dispatcher, announcer});
  std::vector<Error> errors;
  auto cancel = [&] {
    engine->submit({make_uuid_v7(2, 0, 1)}, execution::Cancel{},
                   [&](Result<Receipt> receipt) { errors.push_back(std::move(receipt).error()); });
  };
  EXPECT_TRUE(engine->check_room().ok());
  for (int i = 0; i < 3; ++i) cancel();  // nobody takes them: it has not started
  ASSERT_EQ(errors.size(), 1u);
  EXPECT_EQ(errors[0].code, error_code::overloaded);
  ASSERT_TRUE(errors[0].retry_after.has_value());
  EXPECT_GE(*errors[0].retry_after, std::chrono::seconds(1));
  Result<void> room = engine->check_room();
  ASSERT_FALSE(room.ok());
  EXPECT_EQ(room.error().code, error_code::overloaded);
  EXPECT_EQ(engine->status().overloads_total, 2u);
}

TEST(Engine, an_unknown_workflow_is_not_found) {
  auto store = store::make_memory_store();
  SystemClock clock;
  CountingIds ids;
  EchoDispatcher dispatcher;
  EndCounter announcer;
  auto engine = Engine::create({}, {*store, clock, ids, dispatcher, announcer});
  std::optional<Error> error;
  engine->start_execution({.workflow = {make_uuid_v7(1, 1, 1)},
                           .input = share(JsonObject{}),
                           .context = share(JsonObject{})},
                          [&](Result<Receipt> receipt) { error = std::move(receipt).error(); });
  ASSERT_TRUE(error.has_value());
  EXPECT_EQ(error->code, error_code::not_found);
}

}  // namespace
}  // namespace harmonia::engine
