#pragma once

#include <cstdint>
#include <string>

#include "workflow/definition.h"

namespace harmonia::execution {

// How the predecessors of a task stand. `failed` counts canceled ones and failures that were
// continued; the latter count as succeeded too.
struct PredecessorCounts {
  std::uint32_t total = 0;
  std::uint32_t done = 0;
  std::uint32_t succeeded = 0;
  std::uint32_t failed = 0;
  std::uint32_t failed_for_good = 0;  // failed or canceled, not continued
};

enum class JoinVerdict { undecided, release, skip };

// What a join rule says. Never undecided once all predecessors are done: no task is left pending
// for ever.
JoinVerdict judge_join(const workflow::JoinRule& rule, const PredecessorCounts& counts);

// Why a task was skipped, for people.
std::string describe_skip(const workflow::JoinRule& rule, const PredecessorCounts& counts);

}  // namespace harmonia::execution
