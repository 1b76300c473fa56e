#pragma once

#include <functional>
#include <optional>
#include <set>
#include <vector>

#include "engine/mailbox.h"
#include "engine/ports.h"
#include "engine/run_loader.h"
#include "store/store.h"

namespace harmonia::engine {

// What runs mean to each other: the turns of locks, the starts and ends of subworkflows, events for
// whoever waits for them. Everything follows from interests on disk: a crash loses none of it, and
// saying a thing twice is harmless, because the core refuses what is stale.
// Called by one shard for its own runs; the commands it gives go to any shard.
class Relations {
 public:
  // Must not block; commands are kept until they are durable or refused.
  using Post = std::function<void(Envelope)>;

  Relations(store::Store& store, DefinitionCache& definitions, Clock& clock, Post post)
      : store_(store), definitions_(definitions), clock_(clock), post_(std::move(post)) {}

  // A commit is on disk. The state may be ahead of it.
  void after_commit(const store::Commit& commit, const execution::CommandBody& command,
                    const Run& run);

  // Says again what a run means to others: nobody was told when a commit after it failed.
  void take_up(const Run& run);
  // Whether a grant still holds: its run may have stood aside since, and let another one before. To
  // be asked when all that the run did is on disk: then it stays so until the run's next commit.
  // `stale` when it does not; ok also for what waits for no lock, which the core refuses.
  Result<void> has_turn(const Run& run, const execution::Grant& grant);
  // A run waits no more for this, or has given it back, and nobody was told.
  void let_go(const execution::Interest& interest);

  // What could not be read is tried again, every second until it can.
  void try_again(Timestamp now);
  std::optional<Timestamp> next_due() const;

  // Takes up what the runs of this shard waited for when the process ended.
  Result<void> recover(const std::function<bool(ExecutionId)>& owns);

  // Keeps the event and gives it to the runs that wait for it. `done` is called once all of them
  // have it on disk, or when the store fails. Any thread.
  static void send_event(store::Store& store, store::KeptEvent event, const Post& post,
                         EventSent done);

 private:
  void added(ExecutionId execution, const execution::Interest& interest, const Run& run);
  void removed(const execution::Interest& interest, const execution::CommandBody& command);
  void take_turn(ExecutionId execution, const execution::Interest& interest);
  void replace_older(ExecutionId execution, const execution::Interest& interest);
  void pass_turn(const execution::Interest& interest);
  void grant(const store::InterestRow& row);
  void offer_kept_events(ExecutionId execution, const execution::Interest& interest);
  void ensure_child(ExecutionId parent, const execution::Interest& interest, const Run& run);
  void start_child(const execution::Parent& parent, ExecutionId child, const JsonObject& wanted);
  void tell_children(const Run& run, bool paused);
  void tell_parent(const Run& run);
  void look_after_child(const store::InterestRow& row);
  void post(ExecutionId execution, execution::CommandBody command);
  void warn(std::string_view what, const Error& error);
  void take_up(ExecutionId execution);

  store::Store& store_;
  DefinitionCache& definitions_;
  Clock& clock_;
  Post post_;
  // Reads that failed: of runs whose interests others have to hear of, of locks whose turn is
  // passed on, of children whose parents may have gone on.
  std::set<ExecutionId> unheard_;
  std::vector<execution::Interest> unpassed_;
  std::vector<store::InterestRow> orphans_;
  std::optional<Timestamp> try_again_at_;
};

}  // namespace harmonia::engine
