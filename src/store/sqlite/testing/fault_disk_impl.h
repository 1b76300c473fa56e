#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <sqlite3.h>
#include <string>
#include <vector>

#include "store/sqlite/testing/fault_disk.h"

namespace harmonia::store::sqlite::testing {

// A file as processes see it, and as the platter has it.
class DiskImage {
 public:
  DiskImage(std::string content, bool may_be_garbled)
      : cache_(content), platter_(std::move(content)), may_be_garbled_(may_be_garbled) {}

  void write(std::int64_t offset, std::string_view bytes);
  void truncate(std::int64_t size);
  // Dirty pages reach the platter when it worked; they are clean in any case.
  void sync(bool worked);
  void cut_power(std::uint64_t& dice, PowerLoss& loss);
  const std::string& platter() const { return platter_; }

 private:
  // Of a page: from the first byte to behind the last one that was written since the last sync.
  struct Written {
    std::size_t begin = 0;
    std::size_t end = 0;
  };

  void flush(std::int64_t page, std::size_t size_max);
  // True: the page is not as it should be.
  bool damage(std::int64_t page, const Written& written, std::uint64_t& dice, PowerLoss& loss);
  void garble(const Written& written, std::uint64_t& dice);

  std::string cache_;
  std::string platter_;
  std::map<std::int64_t, Written> dirty_;  // by page
  const bool may_be_garbled_;
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
  std::uint64_t seed_of_cut = 0;  // of the rule that struck last
  PowerLoss loss;
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
