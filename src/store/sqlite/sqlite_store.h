#pragma once

#include <memory>
#include <string>

#include "store/store.h"

namespace harmonia::store {

struct SqliteOptions {
  std::string directory;      // made when missing; holds harmonia.db and its WAL
  bool check_on_open = true;  // PRAGMA quick_check after an unclean stop
  std::size_t command_retention_count = 1'000'000;  // oldest idempotency records beyond are dropped
};

// SQLite with WAL, synchronous=FULL, one writer thread that groups what is queued into one
// transaction, and a read connection per thread. A disk that fails makes it refuse writes until it
// works again (`Store::health`); reads go on.
//
// Errors name the file and what to do: `storage_locked` when another process has it open, `storage`
// for a folder that is missing or read-only, a damaged file, or one made by a newer version of
// Harmonia.
Result<std::unique_ptr<Store>> open_sqlite_store(const SqliteOptions& options);

}  // namespace harmonia::store
