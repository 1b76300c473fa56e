#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

// A disk that fails as told, below SQLite. For tests; no part of the program that users run.
namespace harmonia::store::sqlite::testing {

enum class DiskCall { read, write, sync, truncate, open };
enum class DiskFile { any, database, wal };
enum class DiskFault {
  io_error,     // EIO
  full,         // ENOSPC, nothing is written
  short_write,  // half is written, then ENOSPC
  kill,         // half is written, then the process dies by SIGKILL
  power_cut,    // half is written, then as FaultDisk::cut_power
};

struct DiskRule {
  DiskCall call = DiskCall::write;
  DiskFile file = DiskFile::any;
  DiskFault fault = DiskFault::io_error;
  std::uint64_t after = 0;           // so many calls go well first
  std::uint64_t count = UINT64_MAX;  // so many fail
  std::uint64_t seed = 0;            // of a power_cut: chooses what is lost
};

// What became of the pages that were written and not synced when the power went.
struct PowerLoss {
  std::uint64_t kept = 0;
  std::uint64_t lost = 0;     // as before the write
  std::uint64_t halved = 0;   // the first sectors only
  std::uint64_t garbled = 0;  // from somewhere on any bytes, of a WAL only
};

// `CALL FILE FAULT [after=N] [count=N]`, e.g. `sync wal io_error after=2 count=1`.
Result<DiskRule> parse_disk_rule(std::string_view text);

// While it lives it is the disk of every SQLite connection that is opened; all must be closed
// before it goes. Thread-safe.
//
// With simulated power it keeps, for each file, what processes see (the page cache) and what is on
// the platter. A sync that works copies the dirty pages. One that fails marks them clean all the
// same, as Linux does: they look written until the power goes, and a later sync that works does not
// bring them back.
class FaultDisk {
 public:
  enum class Power { real, simulated };
  explicit FaultDisk(Power power = Power::simulated);
  ~FaultDisk();
  FaultDisk(const FaultDisk&) = delete;
  FaultDisk& operator=(const FaultDisk&) = delete;

  void fail(const DiskRule& rule);
  void mend();  // forgets all rules
  // Takes its rules from a file, a line each, whenever that changes. No file: no rules.
  void follow(std::string path);
  std::uint64_t faults() const;  // calls that failed by a rule

  // From now on every call fails. By the seed either all that was not synced is as it should be, or
  // at least one page of each file is as it was, torn, or garbled.
  void cut_power(std::uint64_t seed);
  PowerLoss power_loss() const;  // of all cuts so far
  // The process dies and the machine stays on: every call fails, what was written is there.
  void kill_process();
  // After all connections are closed: the files are what is left, and calls work again.
  void restart();

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace harmonia::store::sqlite::testing
