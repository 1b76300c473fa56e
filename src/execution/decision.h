#pragma once

#include "execution/draft.h"

namespace harmonia::execution {

// Evaluates the cases of a decision and completes it. The targets that were not chosen are skipped,
// but for those that come after a chosen one: these are judged by their joins.
void choose(Draft& draft, TaskRef ref);

}  // namespace harmonia::execution
