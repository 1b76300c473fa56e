#include "tests/simulation/hostile_store.h"

namespace harmonia::simulation {

using store::sqlite::testing::DiskCall;
using store::sqlite::testing::DiskFault;
using store::sqlite::testing::DiskFile;

void HostileStore::set_inner(store::Store& inner, store::sqlite::testing::FaultDisk* disk) {
  inner_ = &inner;
  disk_ = disk;
  if (!position_without_power_) return;
  bool is_there = inner.last_position().value() > *std::exchange(position_without_power_, {});
  coverage_.note("power", is_there ? "the commit is there" : "the commit is lost");
}

void HostileStore::take_time() {
  if (faults.slow_calls == 0) return;
  --faults.slow_calls;
  coverage_.note("fault", "calls are slow");
  clock_.set(clock_.now() + faults.slowness);
}

std::optional<Error> HostileStore::read_fault() {
  take_time();
  if (faults.reads_fail == 0) return std::nullopt;
  if (faults.reads_pass > 0) {
    --faults.reads_pass;
    return std::nullopt;
  }
  --faults.reads_fail;
  ++read_failures;
  coverage_.note("fault", "reads fail");
  return make_error(error_code::storage, "the disk can't be read");
}

std::optional<Error> HostileStore::write_fault() {
  take_time();
  bool is_full = clock_.now() < faults.full_until;
  if (!is_full && faults.commits_fail == 0 && health().writable) return std::nullopt;
  if (!is_full && faults.commits_fail > 0) --faults.commits_fail;
  ++write_failures;
  coverage_.note("fault", is_full ? "disk is full" : "commits fail");
  if (health().writable)
    writable_at_ = is_full ? faults.full_until : clock_.now() + faults.recovery;
  return make_error(error_code::storage, "the disk can't be written");
}

std::vector<Result<store::Position>> HostileStore::commit(std::span<const store::Commit> commits) {
  if (std::exchange(faults.die_before_commit, false)) {
    coverage_.note("fault", "die before commit");
    throw ProcessDied{"before a commit"};
  }
  if (auto power = std::exchange(faults.power, std::nullopt)) lose_power(*power, commits);
  bool was_writable = health().writable;
  if (auto error = write_fault()) {
    if (was_writable) write_some(commits);
    return std::vector<Result<store::Position>>(commits.size(), *error);
  }
  auto results = inner_->commit(commits);
  if (std::exchange(faults.die_after_commit, false)) {
    coverage_.note("fault", "die after commit");
    throw ProcessDied{"after a commit"};
  }
  return results;
}

Result<bool> HostileStore::keep_event(const store::KeptEvent& event) {
  if (auto error = write_fault()) return *error;
  return inner_->keep_event(event);
}
Result<std::uint32_t> HostileStore::put_definition(const store::PutDefinition& put) {
  if (auto error = write_fault()) return *error;
  return inner_->put_definition(put);
}
Result<void> HostileStore::delete_definition(const store::DeleteDefinition& del) {
  if (auto error = write_fault()) return *error;
  return inner_->delete_definition(del);
}
Result<std::size_t> HostileStore::forget_expired_events(Timestamp now) {
  if (auto error = write_fault()) return *error;
  return inner_->forget_expired_events(now);
}

Result<std::optional<store::LoadedExecution>> HostileStore::load_execution(ExecutionId id) {
  if (auto error = read_fault()) return *error;
  return inner_->load_execution(id);
}
Result<std::optional<store::Summary>> HostileStore::find_summary(ExecutionId id) {
  if (auto error = read_fault()) return *error;
  return inner_->find_summary(id);
}
Result<std::vector<execution::Event>> HostileStore::read_history(const store::HistoryQuery& query) {
  if (auto error = read_fault()) return *error;
  return inner_->read_history(query);
}
Result<store::ExecutionPage> HostileStore::list_executions(const store::ExecutionQuery& query) {
  if (auto error = read_fault()) return *error;
  return inner_->list_executions(query);
}
Result<std::vector<ExecutionId>> HostileStore::read_at_work(const store::AtWorkQuery& query) {
  if (auto error = read_fault()) return *error;
  return inner_->read_at_work(query);
}
Result<std::vector<store::TimerRow>> HostileStore::read_timers(const store::TimerQuery& query) {
  if (auto error = read_fault()) return *error;
  return inner_->read_timers(query);
}
Result<std::vector<store::InterestRow>> HostileStore::read_interests(
    const store::InterestQuery& query) {
  if (auto error = read_fault()) return *error;
  return inner_->read_interests(query);
}
Result<std::vector<store::KeptEvent>> HostileStore::read_kept_events(
    const store::KeptEventQuery& query) {
  if (auto error = read_fault()) return *error;
  return inner_->read_kept_events(query);
}
Result<std::optional<store::StoredDefinition>> HostileStore::find_definition(
    WorkflowId id, std::uint32_t revision) {
  if (auto error = read_fault()) return *error;
  return inner_->find_definition(id, revision);
}
Result<std::optional<store::StoredDefinition>> HostileStore::find_definition_by_name(
    std::string_view name) {
  if (auto error = read_fault()) return *error;
  return inner_->find_definition_by_name(name);
}
Result<store::DefinitionPage> HostileStore::list_definitions(const store::DefinitionQuery& query) {
  if (auto error = read_fault()) return *error;
  return inner_->list_definitions(query);
}
Result<std::optional<store::CommandRecord>> HostileStore::find_command(
    std::string_view command_id) {
  if (auto error = read_fault()) return *error;
  return inner_->find_command(command_id);
}
Result<std::vector<store::FeedEntry>> HostileStore::read_feed(store::Position after,
                                                              std::size_t limit) {
  if (auto error = read_fault()) return *error;
  return inner_->read_feed(after, limit);
}
Result<store::Position> HostileStore::last_position() {
  if (auto error = read_fault()) return *error;
  return inner_->last_position();
}
Result<store::StoreStats> HostileStore::stats() {
  if (auto error = read_fault()) return *error;
  return inner_->stats();
}
// Before the last write or sync of the commit, so that it is not known what came of it.
void HostileStore::lose_power(const BreakThings& fault, std::span<const store::Commit> commits) {
  if (disk_ != nullptr) {
    position_without_power_ = inner_->last_position().value();
    disk_->fail({.call = fault.after == 0 ? DiskCall::sync : DiskCall::write,
                 .file = DiskFile::wal,
                 .fault = DiskFault::power_cut,
                 .after = fault.after,
                 .count = 1,
                 .seed = fault.seed});
    expect(!inner_->commit(commits).front().ok(), "receipts",
           [] { return "a commit is acknowledged, and the power went in the middle of it"; });
    coverage_.note("fault", "power fails within a commit");
  }
  throw ProcessDied{"within a commit, for lack of power"};
}

// What a sync that fails leaves behind is all, some or nothing.
void HostileStore::write_some(std::span<const store::Commit> commits) {
  std::size_t count = std::min<std::size_t>(faults.commits_written, commits.size());
  if (count == 0 || clock_.now() < faults.full_until) return;
  coverage_.note("fault", "written all the same");
  auto results = inner_->commit(commits.first(count));
  for (std::size_t i = 0; i < count; ++i) {
    if (results[i].ok()) unheard_[commits[i].execution] = commits[i].events.back().seq;
  }
}

store::StoreHealth HostileStore::health() const {
  return {.writable = clock_.now() >= writable_at_, .fault = "it is simulated"};
}

Result<std::vector<std::string>> HostileStore::check() { return inner_->check(); }

}  // namespace harmonia::simulation
