#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>

#include "base/id.h"
#include "execution/state.h"
#include "store/sqlite/encoded_commit.h"

namespace harmonia::store::sqlite {

// What the writer knows of an execution without reading: its number and version. And what the
// current transaction will write of it at its end.
struct RunEntry {
  std::int64_t run = 0;  // 0: there is no such execution
  std::uint64_t last_seq = 0;
  bool at_work = false;  // as in the table

  bool is_new = false;          // made in this transaction
  bool is_staged = false;       // something is to be written
  bool staged_at_work = false;  // the newest of this transaction, as are these
  const EncodedCommit* staged_summary = nullptr;
  const EncodedCommit* staged_first = nullptr;  // of a new one: the oldest summary
  const EncodedCommit* staged_snapshot = nullptr;
};

// Bounded: of two generations the older is dropped when the younger is full, so what is in use
// stays. Entries do not move until trim().
class RunCache {
 public:
  explicit RunCache(std::size_t generation_max) : generation_max_(generation_max) {}

  // Null: not known here.
  RunEntry* find(ExecutionId id);
  RunEntry* insert(ExecutionId id, const RunEntry& entry);
  // Between transactions.
  void trim();
  void clear();

 private:
  using Generation = std::unordered_map<ExecutionId, RunEntry>;

  std::size_t generation_max_;
  Generation young_;
  Generation old_;
};

}  // namespace harmonia::store::sqlite
