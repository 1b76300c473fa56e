#pragma once

#include "tests/simulation/ledger.h"

namespace harmonia::simulation {

// docs/language/failure.md, compensate and on_failure: when a scope fails, what it has completed is
// undone, the last one first, each once, with the input that was kept; then on_failure runs, once.
class UndoCheck final : public HistoryCheck {
 public:
  void before(const RunRecord& run, const execution::Event& event) override;
  void after_commit(const RunRecord& run, const std::vector<execution::Event>& events) override;
};

// docs/language/failure.md, The end of a run.
class EndCheck final : public HistoryCheck {
 public:
  void before(const RunRecord& run, const execution::Event& event) override;
};

}  // namespace harmonia::simulation
