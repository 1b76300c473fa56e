#pragma once

#include <mutex>

#include "store/sqlite/connection.h"
#include "store/store.h"

namespace harmonia::store::sqlite {

// What a failure says about the disk, and so what must happen before it is trusted again.
enum class FaultKind {
  none,    // nothing: the statement was wrong, or somebody held a lock
  full,    // what was refused is known; what is there stays good
  io,      // what is on disk is not known: a sync that failed has forgotten what it did not write
  damage,  // what is there is wrong
};

FaultKind kind_of_failure(int sqlite_code);

// The state of the disk as told to others. Thread-safe.
class DiskHealth {
 public:
  // A fault that goes on keeps its beginning; its text may change. True: the text is new.
  bool fail(const std::string& fault, bool writable);
  // True: there was one.
  bool recover();

  StoreHealth get() const;

 private:
  mutable std::mutex mutex_;  // guards health_
  StoreHealth health_;
};

// The answer to a write that is not tried.
Error refusal(const StoreHealth& health);

}  // namespace harmonia::store::sqlite
