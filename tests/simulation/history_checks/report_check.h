#pragma once

#include "tests/simulation/ledger.h"
#include "tests/simulation/witness.h"

namespace harmonia::simulation {

// Under what the results of a task with `cache` are kept, in Witness.
std::string result_key(const RunRecord& run, const TaskRecord& task);

// What a runner says is what stands in the history: no success, no failure and no output that
// nobody reported.
class ReportCheck final : public HistoryCheck {
 public:
  explicit ReportCheck(const Witness& witness) : witness_(witness) {}

  void before(const RunRecord& run, const execution::Event& event) override;

 private:
  const Witness& witness_;
};

}  // namespace harmonia::simulation
