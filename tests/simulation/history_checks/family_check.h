#pragma once

#include "tests/simulation/ledger.h"

namespace harmonia::simulation {

// docs/language/tasks.md, subworkflow: a child is started once, for the task that waits for it and
// with its input; and the task ends with what the child ended with.
class FamilyCheck final : public HistoryCheck {
 public:
  explicit FamilyCheck(const Ledger& ledger) : ledger_(ledger) {}

  void before(const RunRecord& run, const execution::Event& event) override;

  // When nothing more happens by itself: no child without a task that waits for it, and no task
  // that waits for a child that has ended.
  void check_at_rest(const std::set<ExecutionId>& paused_or_resumed_by_hand) const;

 private:
  void check_asked(const RunRecord& run, const execution::TaskAwaiting& awaiting);
  void check_start(const RunRecord& run, const execution::ExecutionStarted& started) const;
  void check_completed(const RunRecord& run, const execution::TaskCompleted& completed) const;
  void check_failed(const RunRecord& run, TaskRef ref, const Error& error) const;

  const Ledger& ledger_;
  std::set<std::string> asked_for_;  // ids of children
};

}  // namespace harmonia::simulation
