#pragma once

#include <string>
#include <utility>

#include "base/result.h"

namespace harmonia::store::sqlite {

// The lock of a data folder: flock on `harmonia.lock`, which holds the pid of its owner while the
// store is open. The kernel frees the lock of a process that dies; the pid then stays in the file
// and tells that the store was not closed.
class DataLock {
 public:
  // `storage_locked` when another store has it, in this process or another.
  static Result<DataLock> acquire(const std::string& directory);
  // Frees the lock. The mark of an unclean stop stays unless it was not there before the lock was
  // taken, or mark_closed was called.
  ~DataLock();
  DataLock(DataLock&& other) noexcept
      : file_(std::exchange(other.file_, -1)),
        was_unclean_(other.was_unclean_),
        keep_mark_(other.keep_mark_) {}
  DataLock& operator=(DataLock&&) = delete;

  bool was_unclean() const { return was_unclean_; }
  // From now on an end without mark_closed is an unclean stop.
  void mark_open() { keep_mark_ = true; }
  void mark_closed() { keep_mark_ = false; }

 private:
  explicit DataLock(int file) : file_(file) {}

  int file_;
  bool was_unclean_ = false;
  bool keep_mark_ = false;
};

}  // namespace harmonia::store::sqlite
