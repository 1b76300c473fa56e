#include "store/sqlite/run_cache.h"

namespace harmonia::store::sqlite {

RunEntry* RunCache::find(ExecutionId id) {
  if (auto found = young_.find(id); found != young_.end()) return &found->second;
  // Moving the node keeps the entry where it is.
  auto node = old_.extract(id);
  if (node.empty()) return nullptr;
  return &young_.insert(std::move(node)).position->second;
}

RunEntry* RunCache::insert(ExecutionId id, const RunEntry& entry) {
  return &young_.insert_or_assign(id, entry).first->second;
}

void RunCache::trim() {
  if (young_.size() < generation_max_) return;
  old_ = std::move(young_);
  young_.clear();
}

void RunCache::clear() {
  young_.clear();
  old_.clear();
}

}  // namespace harmonia::store::sqlite
