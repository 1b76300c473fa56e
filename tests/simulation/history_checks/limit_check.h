#pragma once

#include <map>
#include <set>

#include "tests/simulation/ledger.h"

namespace harmonia::simulation {

// docs/language/sharing.md, max_parallel and priority.
class SlotCheck final : public HistoryCheck {
 public:
  void before(const RunRecord& run, const execution::Event& event) override;
  void after_commit(const RunRecord& run, const std::vector<execution::Event>& events) override;
};

// docs/language/tasks.md, critical; docs/language/sharing.md, concurrency of runs and tasks: over
// all runs, in the order of the feed, so many have a key at a time, and who asked first has it
// first.
class LockCheck final : public HistoryCheck {
 public:
  void before(const RunRecord& run, const execution::Event& event) override;
  void after(const RunRecord& run, const execution::Event& event) override;

  // When nothing more happens by itself: whoever has room before it has its turn, and nobody waits
  // in a line whose policy knows no waiting.
  void check_at_rest(const Ledger& ledger) const;

 private:
  struct Place {
    ExecutionId run;
    std::optional<TaskRef> task;  // none: the run itself
    auto operator<=>(const Place&) const = default;
  };
  struct Turn {
    std::uint64_t place = 0;  // 0: it stands aside
    bool has_it = false;
    bool was_aside = false;
    std::size_t limit = 1;
  };
  using Line = std::map<Place, Turn>;

  void check_turn(const RunRecord& run, const Place& mine, const std::string& key,
                  std::size_t limit) const;

  std::map<std::string, Line> lines_;
  // Tasks of the same name in different bodies or revisions may share a key and not its limit.
  std::set<std::string> mixed_;
  std::map<ExecutionId, std::set<std::string>> keys_;  // of each run, in lines_
};

}  // namespace harmonia::simulation
