#pragma once

#include "engine/ports.h"
#include "engine/run_loader.h"
#include "tests/simulation/ledger.h"

namespace harmonia::simulation {

// What the engine's own parts must agree on: the state in memory, the fold of the history, the
// snapshots and the rows on disk. The only check here that uses execution::State.
class FoldCheck final : public HistoryCheck {
 public:
  void after(const RunRecord& run, const execution::Event& event) override;

  // The state in memory is what the history gives.
  void compare(const engine::Announcement& announcement) const;
  // A run that is loaded from snapshot and tail is what the history gives.
  void compare_loaded(store::Store& store, engine::DefinitionCache& definitions,
                      ExecutionId id) const;

 private:
  std::map<ExecutionId, execution::State> folded_;  // of runs that go on
};

// The rows of what is owed, as histories say by the documents: each open run has somebody with a
// name in them who moves it on.
void check_rows(store::Store& store, const Ledger& ledger);
// harmonia verify finds nothing.
void check_verified(store::Store& store);

}  // namespace harmonia::simulation
