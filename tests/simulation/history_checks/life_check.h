#pragma once

#include "tests/simulation/ledger.h"

namespace harmonia::simulation {

// docs/life_of_an_execution.md, States: what may follow what in the life of a run and of a task.
// Nothing begins while a run is paused or waits for its turn. Tasks are canceled only where
// docs/language/failure.md says so.
class LifeCheck final : public HistoryCheck {
 public:
  void before(const RunRecord& run, const execution::Event& event) override;
  void after_commit(const RunRecord& run, const std::vector<execution::Event>& events) override;
};

}  // namespace harmonia::simulation
