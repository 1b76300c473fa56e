#pragma once

#include "execution/draft.h"

// The types that wait, for a time or for somebody.
namespace harmonia::execution {

// Seconds or ISO 8601 text; the error names the field.
Result<Duration> read_delay(const Json& value, std::string_view field);
// When a task of type wait ends.
Result<Timestamp> wait_end(const Draft& draft, TaskRef ref);

void begin_event(Draft& draft, TaskRef ref, std::uint32_t attempt);
void begin_approval(Draft& draft, TaskRef ref, std::uint32_t attempt);
// A webhook's call was answered: waits for the callback.
void await_callback(Draft& draft, TaskRef ref, std::uint32_t attempt, SharedJson response);

// The time of a waiting attempt is over.
void waiting_timed_out(Draft& draft, TaskRef ref);

struct ApprovalDecision {
  bool approved = false;
  std::string decided_by = {};
  std::string comment = {};
  SharedJson data = {};
};
void decide_on(Draft& draft, TaskRef ref, const ApprovalDecision& decision);

// Gives kept signals to the tasks that wait for them.
void take_signals(Draft& draft);

}  // namespace harmonia::execution
