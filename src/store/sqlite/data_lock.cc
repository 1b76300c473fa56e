#include "store/sqlite/data_lock.h"

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <unistd.h>

#include <sys/file.h>

namespace harmonia::store::sqlite {
namespace {

std::string read_pid(int file) {
  std::array<char, 32> buffer{};
  auto size = pread(file, buffer.data(), buffer.size(), 0);
  std::string text(buffer.data(), size > 0 ? static_cast<std::size_t>(size) : 0);
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

Error locked(const std::string& directory, const std::string& pid) {
  std::string owner = pid.empty() ? "another process" : "process " + pid;
  return make_error(error_code::storage_locked,
                    "the data folder " + directory + " is in use by " + owner +
                        "; stop that one, or choose another data folder");
}

Error cannot(const std::string& doing, const std::string& path) {
  return make_error(error_code::storage, "can't " + doing + " " + path + ": " +
                                             std::strerror(errno) +
                                             "; check the path, its owner and its permissions");
}

}  // namespace

Result<DataLock> DataLock::acquire(const std::string& directory) {
  std::string path = directory + "/harmonia.lock";
  int file = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (file < 0) return cannot("open", path);
  if (flock(file, LOCK_EX | LOCK_NB) != 0) {
    Error error = errno == EWOULDBLOCK ? locked(directory, read_pid(file)) : cannot("lock", path);
    close(file);
    return error;
  }
  DataLock lock(file);
  lock.was_unclean_ = !read_pid(file).empty();
  lock.keep_mark_ = lock.was_unclean_;
  std::string pid = std::to_string(getpid()) + "\n";
  if (ftruncate(file, 0) != 0 ||
      pwrite(file, pid.data(), pid.size(), 0) != static_cast<ssize_t>(pid.size()))
    return cannot("write", path);
  return lock;
}

DataLock::~DataLock() {
  if (file_ < 0) return;
  // A mark that can't be removed costs a check at the next start.
  if (!keep_mark_ && ftruncate(file_, 0) != 0) keep_mark_ = true;
  close(file_);
}

}  // namespace harmonia::store::sqlite
