#include "store/sqlite/testing/fault_disk.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <sys/stat.h>

#include "store/sqlite/testing/fault_disk_impl.h"

namespace harmonia::store::sqlite::testing {
namespace {

constexpr std::int64_t page_size = 4096;
constexpr std::size_t sector_size = 512;

// Of splitmix64: good enough to choose pages, and the same everywhere.
std::uint64_t roll(std::uint64_t& dice) {
  dice += 0x9e3779b97f4a7c15;
  std::uint64_t bits = dice;
  bits = (bits ^ (bits >> 30)) * 0xbf58476d1ce4e5b9;
  bits = (bits ^ (bits >> 27)) * 0x94d049bb133111eb;
  return bits ^ (bits >> 31);
}

template <class Value>
struct Word {
  std::string_view word;
  Value value;
};
constexpr std::array calls = {Word{"read", DiskCall::read}, Word{"write", DiskCall::write},
                              Word{"sync", DiskCall::sync}, Word{"truncate", DiskCall::truncate},
                              Word{"open", DiskCall::open}};
constexpr std::array files = {Word{"any", DiskFile::any}, Word{"database", DiskFile::database},
                              Word{"wal", DiskFile::wal}};
constexpr std::array faults = {Word{"io_error", DiskFault::io_error}, Word{"full", DiskFault::full},
                               Word{"short_write", DiskFault::short_write},
                               Word{"kill", DiskFault::kill},
                               Word{"power_cut", DiskFault::power_cut}};

template <class Words, class Value>
bool find_word(const Words& words, std::string_view word, Value& out) {
  for (const auto& known : words) {
    if (known.word != word) continue;
    out = known.value;
    return true;
  }
  return false;
}

bool read_count(std::string_view word, std::string_view name, std::uint64_t& out) {
  if (!word.starts_with(name)) return false;
  word.remove_prefix(name.size());
  auto [end, failure] = std::from_chars(word.data(), word.data() + word.size(), out);
  return failure == std::errc() && end == word.data() + word.size();
}

bool read_word(std::string_view word, std::size_t place, DiskRule& rule) {
  switch (place) {
    case 0: return find_word(calls, word, rule.call);
    case 1: return find_word(files, word, rule.file);
    case 2: return find_word(faults, word, rule.fault);
    default:
      return read_count(word, "after=", rule.after) || read_count(word, "count=", rule.count);
  }
}

std::string content_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace

Result<DiskRule> parse_disk_rule(std::string_view text) {
  DiskRule rule;
  std::size_t place = 0;
  for (std::string_view rest = text; !rest.empty();) {
    std::string_view word = rest.substr(0, rest.find(' '));
    rest.remove_prefix(std::min(rest.size(), word.size() + 1));
    if (word.empty()) continue;
    if (!read_word(word, place++, rule)) {
      return make_error(error_code::invalid_argument, "'" + std::string(word) + "' in '" +
                                                          std::string(text) +
                                                          "': CALL FILE FAULT [after=N] [count=N]");
    }
  }
  if (place >= 3) return rule;
  return make_error(error_code::invalid_argument, "'" + std::string(text) + "' is too short");
}

void DiskImage::write(std::int64_t offset, std::string_view bytes) {
  auto begin = static_cast<std::size_t>(offset);
  if (cache_.size() < begin + bytes.size()) {
    cache_.resize(begin + bytes.size());
    size_is_dirty_ = true;
  }
  cache_.replace(begin, bytes.size(), bytes);
  std::int64_t last = (offset + static_cast<std::int64_t>(bytes.size()) - 1) / page_size;
  for (std::int64_t page = offset / page_size; page <= last; ++page) {
    auto from = std::max(begin, static_cast<std::size_t>(page * page_size));
    auto to = std::min(begin + bytes.size(), static_cast<std::size_t>((page + 1) * page_size));
    Written& written = dirty_.try_emplace(page, Written{.begin = from, .end = to}).first->second;
    written = {.begin = std::min(written.begin, from), .end = std::max(written.end, to)};
  }
}

void DiskImage::truncate(std::int64_t size) {
  auto end = static_cast<std::size_t>(size);
  cache_.resize(end);
  size_is_dirty_ = true;
  std::erase_if(dirty_, [end](const auto& one) { return one.second.begin >= end; });
  for (auto& [_, written] : dirty_) written.end = std::min(written.end, end);
}

// The first bytes of a page go to the platter.
void DiskImage::flush(std::int64_t page, std::size_t size_max) {
  auto begin = static_cast<std::size_t>(page * page_size);
  if (begin >= cache_.size()) return;
  std::string_view bytes = std::string_view(cache_).substr(begin, size_max);
  if (platter_.size() < begin + bytes.size()) platter_.resize(begin + bytes.size());
  platter_.replace(begin, bytes.size(), bytes);
}

void DiskImage::sync(bool worked) {
  if (worked) {
    for (const auto& [page, _] : dirty_) flush(page, page_size);
    platter_.resize(cache_.size());
    size_is_dirty_ = false;
  }
  dirty_.clear();
}

// Any bytes from somewhere on, but only where something was written: what was synced before stays.
void DiskImage::garble(const Written& written, std::uint64_t& dice) {
  std::size_t end = std::min(written.end, platter_.size());
  if (end <= written.begin) return;
  std::size_t from = written.begin + roll(dice) % (end - written.begin);
  for (std::size_t at = from; at < end; ++at) platter_[at] = static_cast<char>(roll(dice));
}

bool DiskImage::damage(std::int64_t page, const Written& written, std::uint64_t& dice,
                       PowerLoss& loss) {
  switch (roll(dice) % (may_be_garbled_ ? 4 : 3)) {
    case 0: ++loss.lost; break;
    case 1:
      ++loss.kept;
      flush(page, page_size);
      break;
    case 2:
      ++loss.halved;
      flush(page, sector_size * (1 + roll(dice) % 7));
      break;
    default:
      ++loss.garbled;
      flush(page, page_size);
      garble(written, dice);
  }
  std::size_t size = written.end - written.begin;
  return platter_.size() < written.end ||
         platter_.compare(written.begin, size, cache_, written.begin, size) != 0;
}

// Of what is written at a time the last part is what says that it is whole: a page at least is
// damaged, or none.
void DiskImage::cut_power(std::uint64_t& dice, PowerLoss& loss) {
  if (roll(dice) % 3 == 0) {
    loss.kept += dirty_.size();
    for (const auto& [page, _] : dirty_) flush(page, page_size);
  } else {
    bool is_damaged = false;
    std::string before = platter_;
    for (const auto& [page, written] : dirty_)
      is_damaged = damage(page, written, dice, loss) || is_damaged;
    if (!is_damaged) platter_ = std::move(before);
  }
  if (size_is_dirty_ && cache_.size() < platter_.size() && roll(dice) % 2 == 0)
    platter_.resize(cache_.size());
  cache_ = platter_;
  dirty_.clear();
  size_is_dirty_ = false;
}

FaultDisk::Impl::Impl(Power with_power) : power(with_power) { install(*this); }

FaultDisk::Impl::~Impl() { sqlite3_vfs_unregister(&vfs); }

std::optional<DiskFault> FaultDisk::Impl::judge(DiskCall call, DiskFile file) {
  if (is_off) return DiskFault::io_error;
  read_rules();
  for (Armed& armed : rules) {
    const DiskRule& rule = armed.rule;
    if (rule.call != call || (rule.file != DiskFile::any && rule.file != file)) continue;
    std::uint64_t number = armed.seen++;
    if (number < rule.after || number - rule.after >= rule.count) continue;
    ++faults;
    seed_of_cut = rule.seed;
    return rule.fault;
  }
  return std::nullopt;
}

void FaultDisk::Impl::read_rules() {
  if (rules_path.empty()) return;
  struct stat found {};
  std::string stamp;
  if (stat(rules_path.c_str(), &found) == 0) {
    stamp = std::to_string(found.st_ino) + "/" + std::to_string(found.st_size) + "/" +
            std::to_string(found.st_mtim.tv_sec) + "." + std::to_string(found.st_mtim.tv_nsec);
  }
  if (stamp == rules_stamp) return;
  rules_stamp = stamp;
  rules.clear();
  std::ifstream file(rules_path);
  for (std::string line; std::getline(file, line);) {
    if (line.empty()) continue;
    auto rule = parse_disk_rule(line);
    ASSERT(rule.ok());
    rules.push_back({.rule = *rule});
  }
}

void FaultDisk::Impl::cut_power(std::uint64_t seed) {
  if (is_off) return;
  is_off = true;
  lost_power = true;
  for (auto& [path, image] : images) image.cut_power(seed, loss);
}

FaultDisk::FaultDisk(Power power) : impl_(std::make_unique<Impl>(power)) {}
FaultDisk::~FaultDisk() = default;

void FaultDisk::fail(const DiskRule& rule) {
  std::lock_guard lock(impl_->mutex);
  impl_->rules.push_back({.rule = rule});
}

void FaultDisk::mend() {
  std::lock_guard lock(impl_->mutex);
  impl_->rules.clear();
}

void FaultDisk::follow(std::string path) {
  std::lock_guard lock(impl_->mutex);
  impl_->rules_path = std::move(path);
}

std::uint64_t FaultDisk::faults() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->faults;
}

void FaultDisk::cut_power(std::uint64_t seed) {
  std::lock_guard lock(impl_->mutex);
  ASSERT(impl_->power == Power::simulated);
  impl_->cut_power(seed);
}

PowerLoss FaultDisk::power_loss() const {
  std::lock_guard lock(impl_->mutex);
  return impl_->loss;
}

void FaultDisk::kill_process() {
  std::lock_guard lock(impl_->mutex);
  impl_->is_off = true;
}

void FaultDisk::restart() {
  std::lock_guard lock(impl_->mutex);
  if (impl_->lost_power) {
    for (const auto& [path, image] : impl_->images) {
      ASSERT(std::filesystem::exists(path));
      std::ofstream(path, std::ios::binary | std::ios::trunc) << image.platter();
      std::filesystem::remove(path + "-shm");
      ASSERT(content_of(path) == image.platter());
    }
  }
  impl_->is_off = false;
  impl_->lost_power = false;
  impl_->rules.clear();
}

}  // namespace harmonia::store::sqlite::testing
