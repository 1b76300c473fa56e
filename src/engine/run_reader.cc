#include "engine/run_reader.h"

#include <algorithm>

namespace harmonia::engine {

Result<std::optional<ReadRun>> RunReader::read(ExecutionId id) {
  std::shared_ptr<Entry> entry = find_entry(id);
  std::unique_lock lock(entry->mutex);
  TRY_DO(bring_up_to_date(*entry));
  if (!entry->run) return std::optional<ReadRun>();
  const Run& run = *entry->run;
  return std::optional(ReadRun(std::move(entry), std::move(lock), run));
}

std::shared_ptr<RunReader::Entry> RunReader::find_entry(ExecutionId id) {
  std::lock_guard lock(mutex_);
  auto found = std::find_if(by_use_.begin(), by_use_.end(),
                            [id](const auto& entry) { return entry->id == id; });
  if (found != by_use_.end()) {
    by_use_.splice(by_use_.begin(), by_use_, found);
  } else {
    by_use_.push_front(std::make_shared<Entry>(id));
    if (by_use_.size() > runs_max_) by_use_.pop_back();
  }
  return by_use_.front();
}

Result<void> RunReader::bring_up_to_date(Entry& entry) {
  if (!entry.run) {
    TRY(entry.run, load_run(store_, definitions_, entry.id));
    return {};
  }
  if (execution::is_terminal(entry.run->state.status)) return {};
  auto followed = follow_run(store_, *entry.run);
  if (!followed.ok()) entry.run.reset();
  return followed;
}

}  // namespace harmonia::engine
