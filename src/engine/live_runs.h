#pragma once

#include <list>
#include <unordered_map>

#include "engine/run_loader.h"

namespace harmonia::engine {

// The runs a shard has in memory, least recently used dropped beyond a bound: everything about them
// is on disk. Those that rest have a bound of their own, a smaller one: there may be a great many
// of them, and nothing may come for days. Single-threaded.
class LiveRuns {
 public:
  LiveRuns(std::size_t count_max, std::size_t resting_max)
      : count_max_(count_max), resting_max_(resting_max) {}

  Run* find(ExecutionId id);  // marks it as used
  Run& insert(ExecutionId id, Run run);
  void erase(ExecutionId id);
  // Nothing of the run is in flight: it waits for time or for somebody. Until the next find.
  void rest(ExecutionId id);
  // Call between batches: references from find and insert end here.
  void trim();
  std::size_t size() const { return runs_.size(); }

 private:
  struct Entry {
    ExecutionId id;
    Run run;
    bool rests = false;
  };
  using Entries = std::list<Entry>;  // most recent first

  Entries& list_of(const Entry& entry) { return entry.rests ? resting_ : by_use_; }
  void drop_beyond(Entries& entries, std::size_t count_max);

  const std::size_t count_max_;
  const std::size_t resting_max_;
  Entries by_use_;
  Entries resting_;
  std::unordered_map<ExecutionId, Entries::iterator> runs_;
};

}  // namespace harmonia::engine
