#include "engine/live_runs.h"

namespace harmonia::engine {

Run* LiveRuns::find(ExecutionId id) {
  auto found = runs_.find(id);
  if (found == runs_.end()) return nullptr;
  by_use_.splice(by_use_.begin(), by_use_, found->second);
  return &found->second->run;
}

Run& LiveRuns::insert(ExecutionId id, Run run) {
  by_use_.push_front({.id = id, .run = std::move(run)});
  runs_[id] = by_use_.begin();
  return by_use_.front().run;
}

void LiveRuns::erase(ExecutionId id) {
  auto found = runs_.find(id);
  if (found == runs_.end()) return;
  by_use_.erase(found->second);
  runs_.erase(found);
}

void LiveRuns::trim() {
  while (runs_.size() > count_max_) {
    runs_.erase(by_use_.back().id);
    by_use_.pop_back();
  }
}

}  // namespace harmonia::engine
