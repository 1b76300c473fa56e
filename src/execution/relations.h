#pragma once

#include "execution/draft.h"

// Tasks that depend on other runs: subworkflows, and those that need a lock first.
namespace harmonia::execution {

// Asks for the lock of a critical section or of a task with concurrency. True: it has to wait, or
// failed.
bool ask_for_lock(Draft& draft, TaskRef ref, std::uint32_t attempt);

// The lock was granted.
void begin_locked(Draft& draft, TaskRef ref, std::uint32_t attempt);

// Names the run to start; the engine starts it because the task waits for it. A detached one is
// done as soon as it has started.
void begin_subworkflow(Draft& draft, TaskRef ref, std::uint32_t attempt);

// The run asks for its turn at its start, when the workflow has a concurrency. True: it waits.
Result<bool> ask_for_turn(Draft& draft);

}  // namespace harmonia::execution
