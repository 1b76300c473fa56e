#pragma once

#include "tests/simulation/ledger.h"
#include "tests/simulation/witness.h"

namespace harmonia::simulation {

// docs/language.md, Retries: whether there is a next attempt and when; docs/language/failure.md, in
// which order failures are taken over; durations: nothing ends early, deadlines are what the
// definition says.
class AttemptCheck final : public HistoryCheck {
 public:
  explicit AttemptCheck(const Witness& witness) : witness_(witness) {}

  void before(const RunRecord& run, const execution::Event& event) override;

 private:
  const Witness& witness_;
};

}  // namespace harmonia::simulation
