#include "engine/live_runs.h"

namespace harmonia::engine {

Run* LiveRuns::find(ExecutionId id) {
  auto found = runs_.find(id);
  if (found == runs_.end()) return nullptr;
  by_use_.splice(by_use_.begin(), list_of(*found->second), found->second);
  found->second->rests = false;
  return &found->second->run;
}

Run& LiveRuns::insert(ExecutionId id, Run run) {
  by_use_.push_front({.id = id, .run = std::move(run), .rests = false});
  runs_[id] = by_use_.begin();
  return by_use_.front().run;
}

void LiveRuns::erase(ExecutionId id) {
  auto found = runs_.find(id);
  if (found == runs_.end()) return;
  list_of(*found->second).erase(found->second);
  runs_.erase(found);
}

void LiveRuns::rest(ExecutionId id) {
  auto found = runs_.find(id);
  if (found == runs_.end()) return;
  resting_.splice(resting_.begin(), list_of(*found->second), found->second);
  found->second->rests = true;
}

void LiveRuns::trim() {
  drop_beyond(resting_, resting_max_);
  drop_beyond(by_use_, count_max_);
}

void LiveRuns::drop_beyond(Entries& entries, std::size_t count_max) {
  while (entries.size() > count_max) {
    runs_.erase(entries.back().id);
    entries.pop_back();
  }
}

}  // namespace harmonia::engine
