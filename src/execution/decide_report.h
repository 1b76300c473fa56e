#pragma once

#include "execution/decide_lifecycle.h"

namespace harmonia::execution {

// How an attempt ended. Refused as stale unless it is the attempt that is running.
Outcome decide_report(Draft& draft, const Report& report);
Outcome decide_lease_expired(Draft& draft, const LeaseExpired& lease);

// False for a task of a scope that is not there, or not any more.
bool has_task(const Draft& draft, TaskRef task);

// The refusal for a report of an attempt that is not running (any more), or nothing.
Outcome check_running(const Draft& draft, TaskRef task, std::uint32_t attempt);

}  // namespace harmonia::execution
