#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "store/store.h"

namespace harmonia::server {

struct VerifyReport {
  std::uint64_t executions = 0;
  std::uint64_t events = 0;
  std::vector<std::string> findings;  // a sentence each; at most findings_max
  bool findings_truncated = false;

  static constexpr std::size_t findings_max = 1000;
};

// Called now and then with what has been checked so far.
using VerifyProgress = std::function<void(const VerifyReport&)>;

// Proves that what is stored beside the history follows from it: every run is folded anew from its
// events with its definition, and who is at work, the rows of timers and interests, the snapshot
// and the summary are compared with the fold. Before that, the store's own deep check. Read-only;
// nobody else may write meanwhile.
Result<VerifyReport> verify_store(store::Store& store, const VerifyProgress& progress);

}  // namespace harmonia::server
