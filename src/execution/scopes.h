#pragma once

#include "execution/draft.h"

// Scopes: how they open, when they close, and what a closed one means to its owner.
namespace harmonia::execution {

// A body of `owner` begins.
void open_scope(Draft& draft, TaskRef owner, workflow::BodyNumber body, std::uint32_t index = 0);

// Once no task of the scope is open: compensates what a failed one has done, then closes it and
// tells its owner; the root ends the run.
void close_if_done(Draft& draft, ScopeId scope);

// The timeout of the run: cancels what is open and fails the run, which then undoes what it has
// done and runs on_failure. For that it has the same time once more; then it ends at once.
void time_is_over(Draft& draft);

}  // namespace harmonia::execution
