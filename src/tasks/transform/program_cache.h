#pragma once

#include <list>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.h"
#include "expr/expr.h"

namespace harmonia::tasks {

// Compiled expressions by their text and roots, the least recently used dropped. Thread-safe.
class ProgramCache {
 public:
  explicit ProgramCache(std::size_t entries_max = 256) : entries_max_(entries_max) {}

  // `expression` with all that is wrong with the text.
  Result<expr::Program> compile(std::string_view expression, std::vector<std::string_view> roots);

 private:
  struct Entry {
    std::string key;
    expr::Program program;
  };

  const std::size_t entries_max_;
  std::mutex mutex_;                                                         // guards what follows
  std::list<Entry> by_use_;                                                  // most recent first
  std::unordered_map<std::string_view, std::list<Entry>::iterator> by_key_;  // keys of by_use_
};

}  // namespace harmonia::tasks
