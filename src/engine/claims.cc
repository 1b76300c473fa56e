#include "engine/claims.h"

namespace harmonia::engine {

bool Claims::claim(const AttemptKey& key, std::optional<Duration> heartbeat_timeout,
                   Timestamp now) {
  auto [place, is_new] = claims_.try_emplace(key);
  if (!is_new || !heartbeat_timeout) return is_new;
  place->second.heartbeat_timeout = *heartbeat_timeout;
  place->second.expires_at = now + *heartbeat_timeout;
  expiries_.emplace(*place->second.expires_at, key);
  return true;
}

bool Claims::release(const AttemptKey& key) {
  auto found = claims_.find(key);
  if (found == claims_.end()) return false;
  if (found->second.expires_at) expiries_.erase({*found->second.expires_at, key});
  claims_.erase(found);
  return true;
}

void Claims::renew(const AttemptKey& key, Timestamp now) {
  auto found = claims_.find(key);
  if (found == claims_.end() || !found->second.expires_at) return;
  expiries_.erase({*found->second.expires_at, key});
  found->second.expires_at = now + found->second.heartbeat_timeout;
  expiries_.emplace(*found->second.expires_at, key);
}

std::vector<AttemptKey> Claims::take_expired(Timestamp now) {
  std::vector<AttemptKey> expired;
  while (!expiries_.empty() && expiries_.begin()->first <= now) {
    AttemptKey key = expiries_.begin()->second;
    claims_[key].expires_at.reset();
    expiries_.erase(expiries_.begin());
    expired.push_back(key);
  }
  return expired;
}

std::optional<Timestamp> Claims::next_expiry() const {
  if (expiries_.empty()) return std::nullopt;
  return expiries_.begin()->first;
}

}  // namespace harmonia::engine
