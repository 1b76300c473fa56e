#pragma once

#include <map>

#include "engine/ports.h"
#include "store/sqlite/testing/fault_disk.h"
#include "store/store.h"
#include "tests/simulation/broken_law.h"
#include "tests/simulation/coverage.h"
#include "tests/simulation/steps.h"

namespace harmonia::simulation {

// A clock that goes where it is put.
class WorldClock final : public engine::Clock {
 public:
  Timestamp now() const override { return now_; }
  void set(Timestamp time) {
    now_ = time;
    latest_ = std::max(latest_, time);
  }
  // What it has ever shown.
  Timestamp latest() const { return latest_; }

 private:
  Timestamp now_ = from_micros(1'767'225'600'000'000);
  Timestamp latest_ = now_;
};

// What goes wrong with the store, until it is used up.
struct StoreFaults {
  std::uint32_t commits_fail = 0;
  std::uint32_t commits_written = 0;  // of a call that fails: so many are on disk all the same
  Duration recovery{0};               // how long it takes no writes after one that failed
  Timestamp full_until{};
  std::uint32_t reads_pass = 0;
  std::uint32_t reads_fail = 0;
  std::uint32_t slow_calls = 0;
  Duration slowness{0};
  bool die_before_commit = false;
  bool die_after_commit = false;
  std::optional<BreakThings> power;  // fails in the next commit

  bool any() const {
    return commits_fail + reads_fail > 0 || die_before_commit || die_after_commit || power;
  }
};

// Passes everything on to the real one, but for what goes wrong. Keeps to the port: what came of a
// write that failed is not known until it takes writes again. Throws ProcessDied.
class HostileStore final : public store::Store {
 public:
  HostileStore(WorldClock& clock, Coverage& coverage) : clock_(clock), coverage_(coverage) {}

  // `disk`: below it, when it has one.
  void set_inner(store::Store& inner, store::sqlite::testing::FaultDisk* disk);
  // It was opened anew.
  void heal() { writable_at_ = {}; }

  StoreFaults faults;
  std::uint64_t read_failures = 0;   // so far
  std::uint64_t write_failures = 0;  // so far

  std::vector<Result<store::Position>> commit(std::span<const store::Commit> commits) override;
  Result<std::optional<store::LoadedExecution>> load_execution(ExecutionId id) override;
  Result<std::optional<store::Summary>> find_summary(ExecutionId id) override;
  Result<std::vector<execution::Event>> read_history(const store::HistoryQuery& query) override;
  Result<store::ExecutionPage> list_executions(const store::ExecutionQuery& query) override;
  Result<std::vector<ExecutionId>> read_at_work(const store::AtWorkQuery& query) override;
  Result<std::vector<store::TimerRow>> read_timers(const store::TimerQuery& query) override;
  Result<std::vector<store::InterestRow>> read_interests(
      const store::InterestQuery& query) override;
  Result<bool> keep_event(const store::KeptEvent& event) override;
  Result<std::vector<store::KeptEvent>> read_kept_events(
      const store::KeptEventQuery& query) override;
  Result<std::size_t> forget_expired_events(Timestamp now) override;
  Result<std::uint32_t> put_definition(const store::PutDefinition& put) override;
  Result<void> delete_definition(const store::DeleteDefinition& del) override;
  Result<std::optional<store::StoredDefinition>> find_definition(WorkflowId id,
                                                                 std::uint32_t revision) override;
  Result<std::optional<store::StoredDefinition>> find_definition_by_name(
      std::string_view name) override;
  Result<store::DefinitionPage> list_definitions(const store::DefinitionQuery& query) override;
  Result<std::optional<store::CommandRecord>> find_command(std::string_view command_id) override;
  Result<std::vector<store::FeedEntry>> read_feed(store::Position after,
                                                  std::size_t limit) override;
  Result<store::Position> last_position() override;
  Result<store::StoreStats> stats() override;
  store::StoreHealth health() const override;
  Result<std::vector<std::string>> check() override;

  // Events of commits that failed and are on disk all the same: the last one of each run.
  const std::map<ExecutionId, std::uint64_t>& unheard() const { return unheard_; }

 private:
  // The error with which a read fails now, if it does.
  std::optional<Error> read_fault();
  std::optional<Error> write_fault();
  void take_time();
  void write_some(std::span<const store::Commit> commits);
  [[noreturn]] void lose_power(const BreakThings& fault, std::span<const store::Commit> commits);

  WorldClock& clock_;
  Coverage& coverage_;
  store::Store* inner_ = nullptr;
  store::sqlite::testing::FaultDisk* disk_ = nullptr;
  std::optional<store::Position> position_without_power_;  // before the commit it failed in
  Timestamp writable_at_{};
  std::map<ExecutionId, std::uint64_t> unheard_;
};

}  // namespace harmonia::simulation
