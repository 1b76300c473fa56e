#include "execution/scope_tree.h"

#include <algorithm>

namespace harmonia::execution {

// What lies below a scope has higher numbers: one pass finds it all.
std::vector<ScopeId> tree_of(const State& state, ScopeId root) {
  std::vector<ScopeId> tree = {root};
  if (!state.scope(root).has_inner) return tree;
  for (auto at = state.scopes.upper_bound(root); at != state.scopes.end(); ++at) {
    const auto& parent = at->second.parent;
    if (parent && std::binary_search(tree.begin(), tree.end(), *parent)) tree.push_back(at->first);
  }
  return tree;
}

std::vector<ScopeId> scopes_of(const State& state, TaskRef owner) {
  std::vector<ScopeId> scopes;
  for (auto at = state.scopes.upper_bound(owner.scope); at != state.scopes.end(); ++at) {
    if (at->second.owner == owner) scopes.push_back(at->first);
  }
  return scopes;
}

}  // namespace harmonia::execution
