#pragma once

#include <vector>

#include "execution/state.h"

// Which scopes lie below others.
namespace harmonia::execution {

// A scope and all below it, outer before inner, closed ones too.
std::vector<ScopeId> tree_of(const State& state, ScopeId root);

// Those that a task holds, in the order in which they opened, closed ones too.
std::vector<ScopeId> scopes_of(const State& state, TaskRef owner);

}  // namespace harmonia::execution
