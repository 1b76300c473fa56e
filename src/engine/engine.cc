#include "engine/engine.h"

#include <atomic>
#include <thread>

#include "base/log.h"
#include "base/thread_name.h"
#include "engine/shard.h"

namespace harmonia::engine {
namespace {

Error overloaded() {
  Error error = make_error(error_code::overloaded,
                           "the engine has as many commands waiting as it takes; try again");
  error.retry_after = std::chrono::seconds(1);
  return error;
}

class ThreadedEngine final : public Engine {
 public:
  ThreadedEngine(const EngineOptions& options, const Ports& ports)
      : options_(options), ports_(ports), definitions_(ports.store) {
    unsigned count = std::max(1u, options_.shards);
    for (unsigned i = 0; i < count; ++i) {
      shards_.push_back(
          std::make_unique<Shard>(options_, ports_, definitions_, place_of(i, count)));
    }
  }
  ~ThreadedEngine() override { stop(); }

  Result<void> start() override {
    for (auto& shard : shards_) TRY_DO(shard->recover());
    for (auto& shard : shards_) threads_.emplace_back([this, &shard] { run_shard(*shard); });
    return {};
  }

  void stop() override {
    stopping_ = true;
    for (auto& shard : shards_) shard->mailbox().wake();
    for (auto& thread : threads_) thread.join();
    threads_.clear();
  }

  void start_execution(StartRequest request, Completion done) override {
    std::uint32_t revision = request.revision;
    if (revision == 0) {
      auto newest = definitions_.newest_revision(request.workflow);
      if (!newest.ok()) return done(std::move(newest).error());
      revision = *newest;
    }
    // With an idempotency key the id follows from the key, so that repeats meet in one shard
    // however close together they come.
    ExecutionId id = request.command_id.empty() ? ExecutionId{ports_.ids.next(ports_.clock.now())}
                                                : ExecutionId{uuid_from_text(request.command_id)};
    execution::Start start{.execution = id,
                           .workflow = request.workflow,
                           .revision = revision,
                           .input = std::move(request.input),
                           .context = std::move(request.context),
                           .env = nullptr};
    offer({.execution = id,
           .command = std::move(start),
           .command_id = std::move(request.command_id),
           .fingerprint = std::move(request.fingerprint),
           .done = std::move(done)});
  }

  void submit(ExecutionId execution, execution::CommandBody command, Completion done) override {
    offer({.execution = execution, .command = std::move(command), .done = std::move(done)});
  }

  void send_event(store::KeptEvent event, EventSent done) override {
    if (ports_.clock.now() >= next_forgetting_.load()) forget_expired_events();
    auto post = [this](Envelope envelope) { route(std::move(envelope)); };
    Relations::send_event(ports_.store, std::move(event), post, std::move(done));
  }

  void report(const AttemptKey& key, execution::AttemptSucceeded outcome) override {
    insist(key, {.task = key.task, .attempt = key.attempt, .outcome = std::move(outcome)});
  }
  void report(const AttemptKey& key, execution::AttemptErrored outcome) override {
    insist(key, {.task = key.task, .attempt = key.attempt, .outcome = std::move(outcome)});
  }
  void heartbeat(const AttemptKey& key) override {
    shard_of(key.execution).mailbox().heartbeat(key);
  }

  DefinitionCache& definitions() override { return definitions_; }

  EngineStatus status() const override {
    EngineStatus status;
    for (const auto& shard : shards_) {
      const auto& counters = shard->counters();
      status.commands_total += counters.commands;
      status.commits_total += counters.commits;
      status.commit_failures_total += counters.commit_failures;
      status.refusals_total += counters.refusals;
      status.stale_reports_total += counters.stale_reports;
      status.mailbox_depth += shard->mailbox().size();
      status.live_runs += counters.live_runs;
      status.attempts_in_flight += counters.attempts_in_flight;
      status.timers_armed += counters.timers_armed;
      status.last_commit_time =
          std::max(status.last_commit_time, Duration(counters.last_commit_micros.load()));
    }
    status.storage_ok = ports_.store.health().writable;
    return status;
  }

 private:
  Shard::Place place_of(unsigned index, unsigned count) {
    auto post = [this](Envelope envelope) { route(std::move(envelope)); };
    return {.index = index, .count = count, .post = std::move(post), .limits = &limits_};
  }

  void route(Envelope envelope) {
    shard_of(envelope.execution).mailbox().insist(std::move(envelope));
  }

  void forget_expired_events() {
    Timestamp now = ports_.clock.now();
    next_forgetting_ = now + std::chrono::minutes(1);
    if (auto forgotten = ports_.store.forget_expired_events(now); !forgotten.ok())
      log::warning("expired events can't be forgotten", {{"error", forgotten.error().detail}});
  }

  Shard& shard_of(ExecutionId id) {
    for (auto& shard : shards_) {
      if (shard->owns(id)) return *shard;
    }
    ASSERT(false);
  }

  void offer(Envelope envelope) {
    Mailbox& mailbox = shard_of(envelope.execution).mailbox();
    if (!mailbox.offer(envelope)) envelope.done(overloaded());
  }

  void insist(const AttemptKey& key, execution::Report report) {
    shard_of(key.execution)
        .mailbox()
        .insist({.execution = key.execution, .command = std::move(report), .insists = true});
  }

  void run_shard(Shard& shard) {
    name_this_thread("shard");
    while (!stopping_) {
      if (shard.run_batch()) continue;
      Duration until_due = shard.next_due() - ports_.clock.now();
      if (until_due > Duration(0)) shard.mailbox().wait(until_due);
    }
  }

  const EngineOptions options_;
  const Ports ports_;
  DefinitionCache definitions_;
  SharedLimits limits_;
  std::vector<std::unique_ptr<Shard>> shards_;
  std::vector<std::thread> threads_;
  std::atomic<bool> stopping_{false};
  std::atomic<Timestamp> next_forgetting_{Timestamp{}};
};

}  // namespace

std::unique_ptr<Engine> Engine::create(const EngineOptions& options, const Ports& ports) {
  return std::make_unique<ThreadedEngine>(options, ports);
}

}  // namespace harmonia::engine
