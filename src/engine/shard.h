#pragma once

#include <atomic>
#include <map>
#include <unordered_map>
#include <unordered_set>

#include "engine/claims.h"
#include "engine/engine.h"
#include "engine/handout.h"
#include "engine/live_runs.h"
#include "engine/mailbox.h"
#include "engine/relations.h"
#include "engine/timers.h"

namespace harmonia::engine {

// The single owner of its executions: takes what its mailbox holds, decides each command on the
// state its predecessors produced, commits all of it at once, and only then answers, dispatches and
// announces. No thread of its own, so that a simulation can step it; in the server one thread calls
// run_batch in a loop.
class Shard {
 public:
  struct Place {
    unsigned index = 0;
    unsigned count = 1;
    // Takes commands for runs of other shards to them; none: all runs are in this one.
    Relations::Post post = {};
    SharedLimits* limits = nullptr;  // shared with other shards; none: its own
  };
  Shard(const EngineOptions& options, const Engine::Ports& ports, DefinitionCache& definitions,
        Place place);

  // Hands out again what was owed when the process ended.
  Result<void> recover();
  // Handles what is waiting and what is due. False: there was nothing to do.
  bool run_batch();
  // When run_batch has something to do at the latest, apart from new mail.
  Timestamp next_due() const;

  Mailbox& mailbox() { return mailbox_; }
  bool owns(ExecutionId id) const { return hash_value(id.uuid) % place_.count == place_.index; }

  // Written by the shard, read by anyone.
  struct Counters {
    std::atomic<std::uint64_t> commands{0};
    std::atomic<std::uint64_t> commits{0};
    std::atomic<std::uint64_t> commit_failures{0};
    std::atomic<std::uint64_t> refusals{0};
    std::atomic<std::uint64_t> stale_reports{0};
    std::atomic<std::uint64_t> live_runs{0};
    std::atomic<std::uint64_t> attempts_in_flight{0};
    std::atomic<std::uint64_t> timers_armed{0};
    std::atomic<std::int64_t> last_commit_micros{0};
  };
  const Counters& counters() const { return counters_; }

 private:
  // One envelope that was decided and waits for its commit.
  struct Decided {
    Envelope envelope;
    Receipt receipt;
  };
  struct Batch {
    Timestamp now;
    std::vector<store::Commit> commits;
    std::vector<Decided> decided;    // one for each commit
    std::vector<Decided> unchanged;  // accepted without events: answered after the commits
    std::vector<std::pair<Envelope, Error>>
        refused;                              // likewise, by a state that is not on disk yet
    std::unordered_set<ExecutionId> changed;  // runs with a commit
    std::vector<std::pair<Envelope, std::size_t>>
        followers;  // repeats of a command that is in this batch
    std::unordered_map<std::string, std::size_t> command_ids;  // of this batch: index into commits
  };

  std::vector<Envelope> collect(Timestamp now);
  void decide_envelope(Batch& batch, Envelope envelope);
  bool answer_repeat(Batch& batch, Envelope& envelope);
  void add_token_key(execution::Start& start);
  Result<Run*> find_run(const Envelope& envelope);
  void add_commit(Batch& batch, Envelope envelope, Run& run, execution::Decision decision,
                  execution::RunStatus before);
  void commit_batch(Batch& batch);
  void succeed(Batch& batch, std::size_t index);
  void fail(Envelope envelope, Error error);
  void answer_followers(Batch& batch, const std::vector<Result<store::Position>>& results);
  void answer_rest(Batch& batch, const std::unordered_set<ExecutionId>& dropped);
  void perform(const store::Commit& commit, const Envelope& envelope, const Run& run);
  void dispatch(const execution::Dispatch& owed, const Run& run);
  void hand_out_due(Timestamp now);
  void revive();
  void let_go(ExecutionId execution, const execution::Owed& ended, const execution::Owed& owed);
  void refuse_all(Batch& batch, std::vector<Envelope> envelopes);
  void retry_later(Envelope envelope);
  void publish_counters();

  const EngineOptions& options_;
  const Engine::Ports ports_;
  DefinitionCache& definitions_;
  const Place place_;
  Mailbox mailbox_;
  LiveRuns runs_;
  Timers timers_;
  Claims claims_;
  std::multimap<Timestamp, Envelope> deferred_;  // insisting envelopes, while the disk fails
  // A commit failed: what is on disk is to be read. With what those commits would have ended, which
  // may have been written all the same.
  std::unordered_map<ExecutionId, execution::Owed> to_revive_;
  SharedLimits own_limits_;
  Handout handout_;
  Relations relations_;
  Counters counters_;
};

}  // namespace harmonia::engine
