#pragma once

#include <gtest/gtest.h>

#include "engine/shard.h"
#include "engine/testing/faulty_store.h"
#include "workflow/parse.h"

namespace harmonia::engine::testing {

class ManualClock final : public Clock {
 public:
  Timestamp now() const override { return time; }
  Timestamp time = from_micros(1'767'225'600'000'000);
};

class CountingIds final : public IdSource {
 public:
  Uuid next(Timestamp) override { return make_uuid_v7(1, 0, ++count_ << 8); }

 private:
  std::uint64_t count_ = 0;
};

class RecordingDispatcher final : public Dispatcher {
 public:
  void dispatch(Assignment assignment) override { dispatched.push_back(std::move(assignment)); }
  void cancel(const AttemptKey& key) override { canceled.push_back(key); }
  std::vector<Assignment> dispatched;
  std::vector<AttemptKey> canceled;
};

class RecordingAnnouncer final : public Announcer {
 public:
  void announce(const Announcement& announcement) override {
    for (const auto& event : announcement.events)
      names.emplace_back(execution::event_name(event.body));
  }
  std::vector<std::string> names;
};

// In memory.
std::unique_ptr<store::Store> make_store();

// One shard over a store that can fail, with a clock that is moved by hand.
class ShardTest : public ::testing::Test {
 protected:
  void SetUp() override { boot(); }

  // A new process on the same disk.
  void boot() {
    definitions = std::make_unique<DefinitionCache>(store);
    shard =
        std::make_unique<Shard>(options, Engine::Ports{store, clock, ids, dispatcher, announcer},
                                *definitions, Shard::Place{});
    ASSERT_TRUE(shard->recover().ok());
  }

  void put(std::string_view text) {
    auto outcome = workflow::parse_definition(text);
    ASSERT_TRUE(outcome.ok()) << workflow::to_error(outcome).detail;
    auto revision = store.put_definition({.id = workflow,
                                          .create = true,
                                          .canonical = outcome.definition->canonical,
                                          .name = outcome.definition->name,
                                          .version = "1",
                                          .description = "",
                                          .tags = {},
                                          .at = clock.now()});
    ASSERT_TRUE(revision.ok());
  }

  Envelope start(std::uint64_t number, std::string command_id = {}, std::string fingerprint = {}) {
    execution::Start command{.execution = {make_uuid_v7(2, 0, number)},
                             .workflow = workflow,
                             .revision = 1,
                             .input = share(JsonObject{}),
                             .context = share(JsonObject{}),
                             .env = nullptr};
    return {.execution = command.execution,
            .command = command,
            .command_id = std::move(command_id),
            .fingerprint = std::move(fingerprint)};
  }

  void offer(Envelope envelope) {
    envelope.done = [this](Result<Receipt> receipt) { answers.push_back(std::move(receipt)); };
    ASSERT_TRUE(shard->mailbox().offer(envelope, clock.now()));
  }

  // As another run starts it: what is offered next comes behind it, in the same batch.
  void post(Envelope envelope) {
    envelope.done = [this](Result<Receipt> receipt) { answers.push_back(std::move(receipt)); };
    shard->mailbox().insist(std::move(envelope));
  }

  void finish(const AttemptKey& key) {
    execution::Report report{.task = key.task,
                             .attempt = key.attempt,
                             .outcome = execution::AttemptSucceeded{.output = share(JsonObject{})}};
    shard->mailbox().insist({.execution = key.execution, .command = report, .insists = true});
  }

  void run() {
    while (shard->run_batch()) {
    }
  }

  // After `fails_after_writing`: what is on disk is known again, and what waited for that goes on.
  void mend_disk() {
    store.fails_after_writing = false;
    store.state = {};
    clock.time += std::chrono::seconds(2);
    run();
  }

  execution::RunStatus status_of(ExecutionId id) {
    auto run_on_disk = load_run(store, *definitions, id);
    return (*run_on_disk)->state.status;
  }

  EngineOptions options;
  FaultyStore store{make_store()};
  ManualClock clock;
  CountingIds ids;
  RecordingDispatcher dispatcher;
  RecordingAnnouncer announcer;
  std::unique_ptr<DefinitionCache> definitions;
  std::unique_ptr<Shard> shard;
  WorkflowId workflow{make_uuid_v7(1, 1, 1)};
  std::vector<Result<Receipt>> answers;
};

}  // namespace harmonia::engine::testing
