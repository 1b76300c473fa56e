#pragma once

#include "execution/draft.h"

// The types that hold other tasks: parallel, loop, map, try, critical.
namespace harmonia::execution {

// One decision does not give many more events than this; a loop or a map that has more to do goes
// on with the next one.
inline constexpr std::size_t events_per_decision = 1000;

// Begins an attempt: opens its first scopes, or ends at once when there are none to open.
void begin_composite(Draft& draft, TaskRef ref, std::uint32_t attempt);

// A scope of its work closed: opens further ones, or ends the attempt. For loops the tasks of the
// closed iteration were looked at before (loop_goes_on).
void scope_ended(Draft& draft, TaskRef ref, const ScopeClosed& closed);

// Its due time came.
void proceed(Draft& draft, TaskRef ref);

}  // namespace harmonia::execution
