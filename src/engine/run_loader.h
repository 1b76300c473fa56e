#pragma once

#include <list>
#include <mutex>
#include <unordered_map>

#include "store/store.h"
#include "workflow/definition.h"

namespace harmonia::engine {

// Compiled definitions by workflow and revision, the least recently used dropped beyond a bound.
// Thread-safe.
class DefinitionCache {
 public:
  explicit DefinitionCache(store::Store& store, std::size_t entries_max = 1000)
      : store_(store), entries_max_(entries_max) {}

  // `not_found` when there is no such revision; a stored definition this version can't compile is
  // `internal`.
  Result<workflow::SharedDefinition> find(WorkflowId id, std::uint32_t revision);

  // The current revision of a workflow that is not deleted; remembered until `changed` is called
  // for it.
  Result<std::uint32_t> newest_revision(WorkflowId id);
  // Call after a definition was stored or deleted.
  void changed(WorkflowId id);

 private:
  struct Key {
    WorkflowId id;
    std::uint32_t revision = 0;
    bool operator==(const Key&) const = default;
  };
  struct KeyHash {
    std::size_t operator()(const Key& key) const {
      return hash_value(key.id.uuid) ^ (key.revision * 0x9e3779b97f4a7c15ULL);
    }
  };
  struct Entry {
    Key key;
    workflow::SharedDefinition definition;
  };

  store::Store& store_;
  const std::size_t entries_max_;
  std::mutex mutex_;         // guards what follows
  std::list<Entry> by_use_;  // most recent first
  std::unordered_map<Key, std::list<Entry>::iterator, KeyHash> by_key_;
  std::unordered_map<WorkflowId, std::uint32_t> newest_;
};

// A run as it stands on disk: its latest snapshot and the events after it, folded.
struct Run {
  execution::State state;
  workflow::SharedDefinition definition;
  std::uint64_t snapshot_seq = 0;
  std::size_t snapshot_size = 0;  // bytes
};

// nullopt: no such execution. Reads only; safe from any thread.
Result<std::optional<Run>> load_run(store::Store& store, DefinitionCache& definitions,
                                    ExecutionId id);

// Folds what has happened since. When it fails, the run may have been folded in part.
Result<void> follow_run(store::Store& store, Run& run);

// What lists show of it.
store::Summary summarise(const execution::State& state, const workflow::Definition& definition);

}  // namespace harmonia::engine
