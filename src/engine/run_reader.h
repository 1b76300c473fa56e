#pragma once

#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>

#include "engine/run_loader.h"

namespace harmonia::engine {

// A run that nobody else reads or brings up to date as long as this lives: let go of it soon.
class ReadRun {
 public:
  const Run& operator*() const { return *run_; }
  const Run* operator->() const { return run_; }

 private:
  friend class RunReader;
  ReadRun(std::shared_ptr<void> owner, std::unique_lock<std::mutex> lock, const Run& run)
      : owner_(std::move(owner)), lock_(std::move(lock)), run_(&run) {}

  std::shared_ptr<void> owner_;  // of the run and its mutex
  std::unique_lock<std::mutex> lock_;
  const Run* run_;
};

// Runs for whoever only looks at them, as they stand on disk at the time of the call. The runs read
// last are kept, and only what has happened since is read: a long run may be watched, or its
// history paged through, without being loaded each time. Thread-safe; a thread must not hold two
// ReadRuns.
class RunReader {
 public:
  RunReader(store::Store& store, DefinitionCache& definitions, std::size_t runs_max = 8)
      : store_(store), definitions_(definitions), runs_max_(runs_max) {}

  // nullopt: no such execution.
  Result<std::optional<ReadRun>> read(ExecutionId id);

 private:
  struct Entry {
    explicit Entry(ExecutionId execution) : id(execution) {}
    const ExecutionId id;
    std::mutex mutex;  // guards what follows
    std::optional<Run> run;
  };

  std::shared_ptr<Entry> find_entry(ExecutionId id);
  Result<void> bring_up_to_date(Entry& entry);

  store::Store& store_;
  DefinitionCache& definitions_;
  const std::size_t runs_max_;
  std::mutex mutex_;                          // guards what follows
  std::list<std::shared_ptr<Entry>> by_use_;  // most recent first
};

}  // namespace harmonia::engine
