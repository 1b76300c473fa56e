#pragma once

#include "execution/draft.h"

// Scopes: how they open, when they close, and what a closed one means to its owner.
namespace harmonia::execution {

// A body of `owner` begins.
void open_scope(Draft& draft, TaskRef owner, workflow::BodyNumber body, std::uint32_t index = 0);

// Once no task of the scope is open: compensates what a failed one has done, then closes it and
// tells its owner; the root ends the run.
void close_if_done(Draft& draft, ScopeId scope);

}  // namespace harmonia::execution
