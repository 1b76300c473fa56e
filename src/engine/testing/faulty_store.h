#pragma once

#include <memory>
#include <utility>

#include "store/store.h"

namespace harmonia::engine::testing {

// Passes everything on, but for reads of history while `failing_history` is set, reads of what runs
// mean to each other while `unreadable` is, of definitions while `definitions_unreadable` is, and
// commits: while `failing` is set they find the disk
// full, while `fails_after_writing` is set they are written and say that they were not, and the
// store takes no writes until `state` is set back.
class FaultyStore final : public store::Store {
 public:
  explicit FaultyStore(std::unique_ptr<store::Store> inner) : inner_(std::move(inner)) {}

  bool failing = false;
  bool fails_after_writing = false;
  store::StoreHealth state = {};  // what it says of itself
  bool failing_history = false;   // reads of it
  bool unreadable = false;
  bool definitions_unreadable = false;
  std::size_t commit_calls = 0;
  std::size_t load_calls = 0;

  std::vector<Result<store::Position>> commit(std::span<const store::Commit> commits) override {
    ++commit_calls;
    if (!failing) {
      auto results = inner_->commit(commits);
      if (!fails_after_writing) return results;
      state = {.writable = false, .fault = "a sync failed"};
    }
    return std::vector<Result<store::Position>>(
        commits.size(), make_error(error_code::storage, "the disk is full"));
  }
  Result<std::optional<store::LoadedExecution>> load_execution(ExecutionId id) override {
    ++load_calls;
    return inner_->load_execution(id);
  }
  Result<std::optional<store::Summary>> find_summary(ExecutionId id) override {
    return inner_->find_summary(id);
  }
  Result<std::vector<execution::Event>> read_history(const store::HistoryQuery& query) override {
    if (failing_history) return make_error(error_code::storage, "the disk can't be read");
    return inner_->read_history(query);
  }
  Result<store::ExecutionPage> list_executions(const store::ExecutionQuery& query) override {
    return inner_->list_executions(query);
  }
  Result<std::vector<ExecutionId>> read_at_work(const store::AtWorkQuery& query) override {
    return inner_->read_at_work(query);
  }
  Result<std::vector<store::TimerRow>> read_timers(const store::TimerQuery& query) override {
    return inner_->read_timers(query);
  }
  Result<std::vector<store::InterestRow>> read_interests(
      const store::InterestQuery& query) override {
    if (unreadable) return make_error(error_code::storage, "the disk does not answer");
    return inner_->read_interests(query);
  }
  Result<bool> keep_event(const store::KeptEvent& event) override {
    return inner_->keep_event(event);
  }
  Result<std::vector<store::KeptEvent>> read_kept_events(
      const store::KeptEventQuery& query) override {
    if (unreadable) return make_error(error_code::storage, "the disk does not answer");
    return inner_->read_kept_events(query);
  }
  Result<std::size_t> forget_expired_events(Timestamp now) override {
    return inner_->forget_expired_events(now);
  }
  Result<std::uint32_t> put_definition(const store::PutDefinition& put) override {
    return inner_->put_definition(put);
  }
  Result<void> delete_definition(const store::DeleteDefinition& del) override {
    return inner_->delete_definition(del);
  }
  Result<std::optional<store::StoredDefinition>> find_definition(WorkflowId id,
                                                                 std::uint32_t revision) override {
    if (definitions_unreadable) return make_error(error_code::storage, "the disk does not answer");
    return inner_->find_definition(id, revision);
  }
  Result<std::optional<store::StoredDefinition>> find_definition_by_name(
      std::string_view name) override {
    if (unreadable) return make_error(error_code::storage, "the disk does not answer");
    return inner_->find_definition_by_name(name);
  }
  Result<store::DefinitionPage> list_definitions(const store::DefinitionQuery& query) override {
    return inner_->list_definitions(query);
  }
  Result<std::optional<store::CommandRecord>> find_command(std::string_view command_id) override {
    return inner_->find_command(command_id);
  }
  Result<std::vector<store::FeedEntry>> read_feed(store::Position after,
                                                  std::size_t limit) override {
    return inner_->read_feed(after, limit);
  }
  Result<store::Position> last_position() override { return inner_->last_position(); }
  Result<store::StoreStats> stats() override { return inner_->stats(); }
  store::StoreHealth health() const override { return state; }
  Result<std::vector<std::string>> check() override { return inner_->check(); }

 private:
  std::unique_ptr<store::Store> inner_;
};

}  // namespace harmonia::engine::testing
