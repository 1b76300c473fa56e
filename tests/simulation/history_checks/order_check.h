#pragma once

#include "tests/simulation/ledger.h"

namespace harmonia::simulation {

// docs/language.md, Joins and Conditions; docs/language/tasks.md, decision;
// docs/language/failure.md, on_child_failure: a task begins when its rule says so and not before,
// is skipped when it can't begin any more and only then, and none is left pending once its
// predecessors are done.
class OrderCheck final : public HistoryCheck {
 public:
  void before(const RunRecord& run, const execution::Event& event) override;
  void after_commit(const RunRecord& run, const std::vector<execution::Event>& events) override;
};

}  // namespace harmonia::simulation
