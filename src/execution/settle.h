#pragma once

#include <vector>

#include "execution/draft.h"

namespace harmonia::execution {

// Moves a run on after something changed: judges the joins of the candidates and of whatever
// follows from them, until nothing more is decided, then ends the run when all its tasks are done.
// Does nothing while the run is paused.
void settle(Draft& draft, std::vector<TaskRef> candidates);

// The tasks that may be decided now that `ref` is done.
std::vector<TaskRef> candidates_after(const Draft& draft, TaskRef ref);
// Every task of the run that is still pending.
std::vector<TaskRef> pending_tasks(const Draft& draft);

}  // namespace harmonia::execution
