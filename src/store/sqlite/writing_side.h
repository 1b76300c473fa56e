#pragma once

#include <memory>

#include "store/sqlite/checkpointer.h"
#include "store/sqlite/tables.h"

namespace harmonia::store::sqlite {

// All that is open for writing. After a fault it is thrown away as a whole and opened anew, which
// is what a start after a crash does too (docs/adr/0012-after-a-failed-sync.md):
//
// - All connections are closed, those for reading too, and none copies the WAL at its end. SQLite's
//   index of the WAL lives as long as one of them, and it counts pages as copied into the database
//   before the database was synced; when that sync fails they are gone, and only the WAL has them.
// - The first connection reads the WAL from its beginning. What it finds may be in the page cache
// only
//   (of a commit whose sync failed, when the process died before the writer could overwrite it); so
//   all of it is copied into the database, that is synced, and the WAL is emptied, before anybody
//   acts on it or writes behind it.
struct WritingSide {
  struct Options {
    std::string path;
    Tables::Options tables;
    bool check = false;  // look for damage first, for a few seconds
    bool probe = false;  // write and sync something before saying that it works
    Checkpointer::OnOutcome on_checkpoint;
  };
  // No other connection may be open.
  static Result<WritingSide> open(const Options& options);

  // Destroyed in the reverse order.
  Connection connection;
  Tables tables;
  std::unique_ptr<Checkpointer> checkpointer;
};

// Commits a page that changes nothing: the disk takes writes and syncs them.
Result<void> probe_writing(Connection& connection);

}  // namespace harmonia::store::sqlite
