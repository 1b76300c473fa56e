#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "engine/ports.h"
#include "engine/run_loader.h"
#include "store/store.h"

namespace harmonia::engine {

struct EngineOptions {
  unsigned shards = 2;  // threads; an execution belongs to one of them for good
  std::size_t mailbox_max =
      10'000;  // commands waiting per shard; beyond: `overloaded` with retry_after
  // How long starts may wait in a shard: while the oldest has waited longer, the next is refused as
  // `overloaded`. A burst is taken, up to mailbox_max; a queue that only stands is not.
  Duration start_wait_max = std::chrono::milliseconds(250);
  std::size_t batch_max = 1'000;  // commands decided and committed together
  std::size_t live_runs_max =
      20'000;  // runs kept in memory per shard; idle ones beyond are dropped and reloaded
  std::size_t resting_runs_max = 1'000;  // the same of runs of which nothing is in flight
  std::uint64_t snapshot_events = 256;   // at least this many events between two snapshots of a run
  Duration timer_horizon = std::chrono::minutes(1);  // timers due later stay on disk
  Duration idle_max = std::chrono::seconds(60);      // a shard looks around at least this often
  JsonObject env;                                    // the allow-listed environment, root `env`
  std::string public_url = "http://127.0.0.1:8007";  // for links: callbacks, approvals
};

struct StartRequest {
  WorkflowId workflow;
  std::uint32_t revision = 0;  // 0: the newest
  SharedJson input;            // object
  SharedJson context;  // object; member `tags` (array of strings) adds to the summary's tags
  // An idempotency key, scoped by the caller, and the fingerprint of the request. A repeat with the
  // same fingerprint gets the first receipt; with another one `idempotency_mismatch`.
  std::string command_id = {};
  std::string fingerprint = {};
};

// A command was decided, and what it decided is on disk.
struct Receipt {
  ExecutionId execution;
  std::uint64_t version = 0;  // last seq
  execution::RunStatus status = execution::RunStatus::pending;
  bool repeated = false;  // an earlier command with the same id had done it
};
// Called once, on a shard thread (or at once on the caller's when refused beforehand): must not
// block.
using Completion = std::function<void(Result<Receipt>)>;
// False: an event of this id was sent before, and is kept still.
using EventSent = std::function<void(Result<bool>)>;

struct EngineStatus {
  std::uint64_t commands_total = 0;
  std::uint64_t commits_total = 0;
  std::uint64_t commit_failures_total = 0;
  std::uint64_t refusals_total = 0;
  std::uint64_t stale_reports_total = 0;
  std::uint64_t overloads_total = 0;  // commands refused because too many waited
  std::uint64_t mailbox_depth = 0;
  std::uint64_t live_runs = 0;
  std::uint64_t attempts_in_flight = 0;
  std::uint64_t timers_armed = 0;
  Duration last_commit_time{0};
  bool storage_ok = true;  // the store takes writes
};

// Runs executions: shards that own them, timers, claims, recovery. Thread-safe. The ports must
// outlive it.
class Engine {
 public:
  struct Ports {
    store::Store& store;
    Clock& clock;
    IdSource& ids;
    Dispatcher& dispatcher;
    Announcer& announcer;
  };
  // Does not run yet: call `start` once the dispatcher is ready.
  static std::unique_ptr<Engine> create(const EngineOptions& options, const Ports& ports);

  virtual ~Engine() = default;  // stops

  // Reads what is owed from the store and begins. Runs that were in flight go on.
  virtual Result<void> start() = 0;
  // Ends after the batch in hand. What is owed stays owed. Safe to call twice.
  virtual void stop() = 0;

  virtual void start_execution(StartRequest request, Completion done) = 0;
  // Cheap, for before a request is read: `overloaded` when no shard takes starts now. Counted like
  // a refused start.
  virtual Result<void> check_room() = 0;
  // Whatever a person or another system may ask of a run: Pause, Resume, Cancel, Signal,
  // DecideApproval, Callback, ResolveIncident.
  virtual void submit(ExecutionId execution, execution::CommandBody command, Completion done) = 0;

  // Gives an event to every run that waits for its name and correlation, and keeps it for those
  // that will before it expires. Blocks for the store; `done` comes, on any thread, when all that
  // waited for it have it on disk.
  virtual void send_event(store::KeptEvent event, EventSent done) = 0;

  // From runners. Reports are kept until they are durable or refused as stale, also while the disk
  // fails.
  virtual void report(const AttemptKey& key, execution::AttemptSucceeded outcome) = 0;
  virtual void report(const AttemptKey& key, execution::AttemptErrored outcome) = 0;
  virtual void heartbeat(const AttemptKey& key) = 0;

  virtual DefinitionCache& definitions() = 0;
  virtual EngineStatus status() const = 0;
};

}  // namespace harmonia::engine
