#pragma once

#include "tests/simulation/ledger.h"
#include "tests/simulation/witness.h"

namespace harmonia::simulation {

// docs/language/tasks.md, event: what arrives was sent, stands in a history once, is taken once, by
// a task that waits for just that, in the order of arrival; and nobody waits for what is there.
class SignalCheck final : public HistoryCheck {
 public:
  explicit SignalCheck(const Witness& witness) : witness_(witness) {}

  void before(const RunRecord& run, const execution::Event& event) override;
  void after_commit(const RunRecord& run, const std::vector<execution::Event>& events) override;

 private:
  const Witness& witness_;
  std::map<std::pair<ExecutionId, std::int64_t>, std::uint32_t> received_;  // by run and token
};

// The token of a payload; 0: none.
std::int64_t token_of(const SharedJson& payload);
// Whether a task that waits may have it.
bool fits(const TaskRecord& task, const SignalRecord& signal);

}  // namespace harmonia::simulation
