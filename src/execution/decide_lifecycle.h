#pragma once

#include <optional>

#include "execution/draft.h"

namespace harmonia::execution {

// A refusal, or nothing: accepted. A decider emits nothing before it refuses.
using Outcome = std::optional<Error>;

Outcome decide_start(Draft& draft, const Start& start);
Outcome decide_pause(Draft& draft, const Pause& pause);
Outcome decide_resume(Draft& draft);
Outcome decide_cancel(Draft& draft, const Cancel& cancel);

}  // namespace harmonia::execution
