#pragma once

#include <filesystem>

#include "engine/handout.h"
#include "engine/shard.h"
#include "tests/simulation/clients.h"
#include "tests/simulation/fold_check.h"
#include "tests/simulation/history_checks/attempt_check.h"
#include "tests/simulation/history_checks/family_check.h"
#include "tests/simulation/history_checks/life_check.h"
#include "tests/simulation/history_checks/limit_check.h"
#include "tests/simulation/history_checks/order_check.h"
#include "tests/simulation/history_checks/report_check.h"
#include "tests/simulation/history_checks/scope_check.h"
#include "tests/simulation/history_checks/signal_check.h"
#include "tests/simulation/history_checks/undo_check.h"
#include "tests/simulation/runners.h"
#include "tests/simulation/scenario.h"

namespace harmonia::simulation {

// The engine's shards over a hostile store, with simulated runners and people, and every check
// there is. Single-threaded: shards are stepped one batch at a time. Breaks of laws are thrown.
class World {
 public:
  World(const Scenario& scenario, Coverage& coverage, bool trace);
  ~World();

  void perform(const Step& step);
  // All faults stop and everything that is waited for comes: every run must end.
  void finish();

  const Ledger& ledger() const { return ledger_; }
  const Runners& runners() const { return runners_; }
  const WorldClock& clock() const { return clock_; }
  std::size_t shard_count() const { return process_->shards.size(); }
  std::uint64_t commands() const;
  std::uint64_t commits() const { return static_cast<std::uint64_t>(digests_.size()); }
  std::uint64_t digest() const { return digests_.empty() ? 0 : digests_.back(); }

 private:
  // What is lost in a crash.
  struct Process {
    explicit Process(store::Store& store) : definitions(store) {}
    engine::DefinitionCache definitions;
    engine::SharedLimits limits;
    std::vector<std::unique_ptr<engine::Shard>> shards;
  };

  void save_workflow(store::Store& store, std::size_t workflow, std::size_t text);
  std::shared_ptr<const WorkflowSpec> find_spec(WorkflowId id, std::uint32_t revision);

  // With the power, when a seed says what is lost.
  void crash(std::size_t shards, std::optional<std::uint64_t> power = {});
  void boot(std::size_t shards);
  bool try_to_boot(std::size_t shards);
  void open_store();
  void note_power_loss();
  engine::Shard& shard_of(ExecutionId run);
  void post(engine::Envelope envelope);

  // Brings the ledger up to what is on disk.
  void look();
  void tell(const std::string& what) const;
  void show(const store::FeedEntry& entry) const;
  // What is on disk is what was seen before, and more.
  void check_prefix();
  void compare_now_and_then(const engine::Announcement& announcement);

  void take(const BreakThings& step);
  void take(const SaveWorkflow& step);
  void take(const ReportAttempt& step);
  void take(const Heartbeat& step);
  void take(const MoveClock& step);
  void take(const MoveClockToDue& step);
  void take(const RunBatch& step);
  void take(const Settle& step);
  void take(const Crash& step);
  template <class ClientStep>
  void take(const ClientStep& step) {
    clients_.perform(step);
  }

  void settle();
  bool is_healthy() const;
  void check_at_rest();
  void check_times_at_rest() const;
  void check_announced() const;

  bool all_ended() const;
  // False: nobody is waited for that could answer.
  bool answer_everybody();
  bool answer(const RunRecord& run, const TaskRecord& task);
  bool wait_for_time();
  bool break_deadlock();
  void check_end();

  const Scenario& scenario_;
  Coverage& coverage_;
  const bool trace_;
  engine::EngineOptions options_;
  WorldClock clock_;
  // Removed when the world ends, also by a law that is broken before it has begun.
  struct Folder {
    std::filesystem::path path;
    Folder() = default;
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder();
  };
  Folder folder_;  // of SQLite; without a path: the store is in memory
  std::unique_ptr<store::sqlite::testing::FaultDisk> disk_;  // of SQLite
  store::sqlite::testing::PowerLoss loss_seen_;
  std::unique_ptr<store::Store> inner_;
  HostileStore store_;
  Witness witness_;
  std::map<std::pair<WorkflowId, std::uint32_t>, std::shared_ptr<const WorkflowSpec>> specs_;

  Ledger ledger_;
  HistoryCoverage history_coverage_;
  LifeCheck life_check_;
  OrderCheck order_check_;
  AttemptCheck attempt_check_;
  ReportCheck report_check_;
  ScopeCheck scope_check_;
  SlotCheck slot_check_;
  LockCheck lock_check_;
  SignalCheck signal_check_;
  FamilyCheck family_check_;
  UndoCheck undo_check_;
  EndCheck end_check_;
  FoldCheck fold_check_;

  Runners runners_;
  Listener listener_;
  Clients clients_;

  std::vector<std::uint64_t> digests_;  // of the feed up to each entry
  store::Position position_ = 0;
  std::set<ExecutionId> committed_;         // in this life of the process
  std::uint64_t read_failures_before_ = 0;  // this life
  std::uint64_t write_failures_seen_ = 0;
  Timestamp write_failed_at_{};
  std::uint64_t commands_before_ = 0;
  std::uint64_t looks_ = 0;
  std::uint64_t saves_ = 0;
  std::int64_t last_tokens_ = 0;  // of what is said at the end
  std::unique_ptr<engine::IdSource> ids_;
  std::unique_ptr<Process> process_;  // last: it refers to all above
};

}  // namespace harmonia::simulation
