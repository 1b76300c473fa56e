#pragma once

#include "execution/draft.h"

namespace harmonia::execution {

// Evaluates the cases of a decision and completes it with the names of what it chose.
void choose(Draft& draft, TaskRef ref);

// A task has ended: when it is a decision that its dependents may go on from, skips the targets
// that its output does not choose, but for those that come after a chosen one: these are judged by
// their joins. A decision that failed and was continued, or was given another output by a handler
// or an operator, chose nothing. At once, before anybody judges the targets; nothing while the run
// is paused.
void skip_unchosen(Draft& draft, TaskRef ref);

}  // namespace harmonia::execution
