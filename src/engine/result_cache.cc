#include "engine/result_cache.h"

namespace harmonia::engine {

SharedJson ResultCache::find(const std::string& key, Timestamp now) {
  std::lock_guard lock(mutex_);
  auto found = by_key_.find(key);
  if (found == by_key_.end()) return nullptr;
  if (found->second->expires_at <= now) {
    by_use_.erase(found->second);
    by_key_.erase(found);
    return nullptr;
  }
  by_use_.splice(by_use_.begin(), by_use_, found->second);
  return found->second->output;
}

void ResultCache::keep(const std::string& key, SharedJson output, Timestamp expires_at) {
  std::lock_guard lock(mutex_);
  if (auto found = by_key_.find(key); found != by_key_.end()) {
    by_use_.erase(found->second);
    by_key_.erase(found);
  }
  by_use_.push_front({.key = key, .output = std::move(output), .expires_at = expires_at});
  by_key_[key] = by_use_.begin();
  if (by_use_.size() <= entries_max) return;
  by_key_.erase(by_use_.back().key);
  by_use_.pop_back();
}

}  // namespace harmonia::engine
