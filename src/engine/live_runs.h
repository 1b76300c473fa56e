#pragma once

#include <list>
#include <unordered_map>

#include "engine/run_loader.h"

namespace harmonia::engine {

// The runs a shard has in memory, least recently used dropped beyond a bound: everything about them
// is on disk. Single-threaded.
class LiveRuns {
 public:
  explicit LiveRuns(std::size_t count_max) : count_max_(count_max) {}

  Run* find(ExecutionId id);  // marks it as used
  Run& insert(ExecutionId id, Run run);
  void erase(ExecutionId id);
  // Call between batches: references from find and insert end here.
  void trim();
  std::size_t size() const { return runs_.size(); }

 private:
  struct Entry {
    ExecutionId id;
    Run run;
  };
  const std::size_t count_max_;
  std::list<Entry> by_use_;  // most recent first
  std::unordered_map<ExecutionId, std::list<Entry>::iterator> runs_;
};

}  // namespace harmonia::engine
