#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/id.h"
#include "base/json.h"
#include "base/time.h"
#include "execution/decide.h"

// What stands in rows beside the histories: what is owed, with what recovery needs to order and
// address it, and events kept for later. Part of the port (store.h).
//
// Dispatches have no rows: what is at work is loaded by recovery in any case, and its state tells
// them. Rows would be written twice for each step.
namespace harmonia::store {

struct TimerRow {
  ExecutionId execution;
  execution::Wake wake;
};

struct AtWorkQuery {
  // Those made later. `not_found` when there is no such execution; nil: from the first.
  ExecutionId after = {};
  std::size_t limit = 1000;
};
struct TimerQuery {
  Timestamp due_before;        // exclusive
  std::size_t limit = 10'000;  // the earliest ones
};

// What a run waits for that others decide, in the order of arrival: `place` grows and is never
// given twice. An interest is known by its run, kind, task, attempt and key: that one is removed,
// and one that is there already keeps its place.
struct InterestRow {
  std::int64_t place = 0;
  ExecutionId execution;
  execution::Interest interest;
};
struct InterestQuery {
  // With a key: only those of that kind and key. Else all, for recovery.
  execution::InterestKind kind = execution::InterestKind::lock;
  std::optional<std::string> key = {};
  std::int64_t after = 0;  // place; exclusive
  std::size_t limit = 1000;
};

// An event that was sent to whoever correlates with it, kept for those who come later.
struct KeptEvent {
  std::string id;  // unique
  std::string name;
  std::string correlation;
  Json payload;
  Timestamp at;
  Timestamp expires_at;
};
struct KeptEventQuery {
  std::string name;
  std::string correlation;
  Timestamp now;             // only those that expire later
  std::string id = {};       // not empty: only this one
  std::size_t limit = 1000;  // the oldest ones; of one time in the order in which they were kept
};

}  // namespace harmonia::store
