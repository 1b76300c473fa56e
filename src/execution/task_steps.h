#pragma once

#include "execution/draft.h"

// What can happen to one task. Each emits the task's event; the caller settles what follows from
// it.
namespace harmonia::execution {

// Its join rule holds: skips it when its condition says so, else starts it. Types without work end
// at once.
void release_task(Draft& draft, TaskRef ref);

// An attempt of a standard task. The input is recorded with the first one.
void schedule_task(Draft& draft, TaskRef ref, std::uint32_t attempt, SharedJson input);

// Applies the output mapping; an error in it fails the task.
void complete_task(Draft& draft, TaskRef ref, std::uint32_t attempt, SharedJson raw_output);

// For good. The first failure of a scope with on_child_failure: cancel cancels what runs in it.
void fail_task(Draft& draft, TaskRef ref, std::uint32_t attempt, Error error);

// An attempt failed: plans the next one if the retry policy allows it, else fails the task.
void fail_attempt(Draft& draft, TaskRef ref, Error error, bool retryable);

// True in a scope that has failed and wants no new tasks but those meant for failures.
bool cancels_siblings(const Draft& draft, ScopeId scope);

}  // namespace harmonia::execution
