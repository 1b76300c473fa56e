#pragma once

#include <optional>
#include <string>

#include "store/store.h"

namespace harmonia::store::sqlite {

// A commit with everything turned to bytes, so that the writer only binds. Made on the caller's
// thread; `commit` is the caller's and outlives it.
struct EncodedCommit {
  const Commit* commit = nullptr;
  std::string payload;           // of the events
  std::string tasks;             // how many there are, as JSON
  std::optional<Summary> first;  // of a new execution whose commit brings no summary
  std::string tags;              // of the summary, as JSON
  std::string answer;            // of the command

  const Summary* summary() const {
    if (commit->summary) return &*commit->summary;
    return first ? &*first : nullptr;
  }
};

EncodedCommit encode(const Commit& commit);

// As the array of the members in their order.
std::string counts_to_text(const execution::TaskCounts& counts);
Result<execution::TaskCounts> counts_from_text(std::string_view text);
std::string tags_to_text(const std::vector<std::string>& tags);
Result<std::vector<std::string>> tags_from_text(std::string_view text);

}  // namespace harmonia::store::sqlite
