#include "store/sqlite/disk_fault.h"

#include <chrono>

namespace harmonia::store::sqlite {

FaultKind kind_of_failure(int sqlite_code) {
  switch (sqlite_code & 0xff) {
    case SQLITE_FULL: return FaultKind::full;
    case SQLITE_IOERR:
    case SQLITE_CANTOPEN:
    case SQLITE_READONLY:
    case SQLITE_PERM: return FaultKind::io;
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return FaultKind::damage;
    default: return FaultKind::none;
  }
}

bool DiskHealth::fail(const std::string& fault, bool writable) {
  std::lock_guard lock(mutex_);
  if (health_.fault.empty()) {
    ++health_.faults_total;
    health_.since = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  }
  bool is_new = health_.fault != fault;
  health_.fault = fault;
  health_.writable = writable;
  return is_new;
}

bool DiskHealth::recover() {
  std::lock_guard lock(mutex_);
  if (health_.fault.empty()) return false;
  ++health_.recoveries_total;
  health_.fault.clear();
  health_.since.reset();
  health_.writable = true;
  return true;
}

StoreHealth DiskHealth::get() const {
  std::lock_guard lock(mutex_);
  return health_;
}

Error refusal(const StoreHealth& health) {
  Error error =
      make_error(error_code::storage,
                 "the disk takes no writes" +
                     (health.since ? " since " + to_rfc3339(*health.since) : std::string()) + ": " +
                     health.fault + "; it is tried again all the time, and reads go on");
  error.retry_after = std::chrono::seconds(1);
  return error;
}

}  // namespace harmonia::store::sqlite
