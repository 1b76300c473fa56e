#pragma once

#include "tests/simulation/ledger.h"

namespace harmonia::simulation {

// docs/language/tasks.md, Bodies and the types that hold others: which scopes open, how many at a
// time, how often, in which order, when they close and what they give.
class ScopeCheck final : public HistoryCheck {
 public:
  void before(const RunRecord& run, const execution::Event& event) override;
  void after_commit(const RunRecord& run, const std::vector<execution::Event>& events) override;
};

}  // namespace harmonia::simulation
