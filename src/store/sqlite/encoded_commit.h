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
  std::optional<Summary> first;  // of a new execution whose commit brings no summary
  std::string tags;              // of the summary, as JSON
  std::string answer;            // of the command

  const Summary* summary() const {
    if (commit->summary) return &*commit->summary;
    return first ? &*first : nullptr;
  }
};

EncodedCommit encode(const Commit& commit);

std::string tags_to_text(const std::vector<std::string>& tags);
Result<std::vector<std::string>> tags_from_text(std::string_view text);

}  // namespace harmonia::store::sqlite
