#pragma once

#include <list>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/json.h"
#include "base/time.h"

namespace harmonia::engine {

// Results of tasks with `cache`, the least recently used dropped beyond a bound. Kept in memory
// only: a restart asks the runners again. Thread-safe.
class ResultCache {
 public:
  // A null pointer: nothing kept, or expired by `now`.
  SharedJson find(const std::string& key, Timestamp now);
  void keep(const std::string& key, SharedJson output, Timestamp expires_at);

 private:
  static constexpr std::size_t entries_max = 10'000;

  struct Entry {
    std::string key;
    SharedJson output;
    Timestamp expires_at;
  };

  std::mutex mutex_;         // guards what follows
  std::list<Entry> by_use_;  // most recent first
  std::unordered_map<std::string, std::list<Entry>::iterator> by_key_;
};

}  // namespace harmonia::engine
