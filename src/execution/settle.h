#pragma once

#include "execution/draft.h"

namespace harmonia::execution {

// Draws the consequences of the events of a decision, and of the events that these give, until
// nothing follows: tasks are released or skipped, scopes close, their owners go on, the run ends.
// While the run is paused nothing follows; resuming draws what was left.
void settle(Draft& draft);

}  // namespace harmonia::execution
