#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <sqlite3.h>
#include <string>
#include <vector>

#include "store/sqlite/testing/fault_disk.h"

namespace harmonia::store::sqlite::testing {

// A file as processes see it, and as the platter has it.
class DiskImage {
 public:
  explicit DiskImage(std::string content) : cache_(content), platter_(std::move(content)) {}

  void write(std::int64_t offset, std::string_view bytes);
  void truncate(std::int64_t size);
  // Dirty pages reach the platter when it worked; they are clean in any case.
  void sync(bool worked);
  void cut_power(std::uint64_t& dice);
  const std::string& platter() const { return platter_; }

 private:
  void flush(std::int64_t page, std::size_t size_max);

  std::string cache_;
  std::string platter_;
  std::set<std::int64_t> dirty_;  // pages
  bool size_is_dirty_ = false;
};

// What SQLite's functions (fault_vfs.cc) ask. The mutex is held by them.
struct FaultDisk::Impl {
  struct Armed {
    DiskRule rule;
    std::uint64_t seen = 0;
  };

  explicit Impl(Power with_power);
  ~Impl();

  // What a call must do.
  std::optional<DiskFault> judge(DiskCall call, DiskFile file);
  void read_rules();
  void cut_power(std::uint64_t seed);

  std::mutex mutex;  // guards what follows
  const Power power;
  std::vector<Armed> rules;
  std::string rules_path;
  std::string rules_stamp;  // of the file, when it was read
  std::uint64_t faults = 0;
  std::map<std::string, DiskImage, std::less<>> images;
  bool is_off = false;
  bool lost_power = false;
  int last_errno = 0;

  sqlite3_vfs vfs = {};
  sqlite3_vfs* base = nullptr;  // the system's
};

// Makes `disk.vfs` the functions of SQLite's default disk.
void install(FaultDisk::Impl& disk);

}  // namespace harmonia::store::sqlite::testing
