#pragma once

#include "execution/decide_lifecycle.h"

namespace harmonia::execution {

// A timer that fires early, twice or after its reason is gone is refused and changes nothing.
Outcome decide_timer(Draft& draft, const TimerFired& timer);

}  // namespace harmonia::execution
