#pragma once

#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "engine/ports.h"

namespace harmonia::engine {

// Which attempts the dispatcher holds, and until when it has to give a sign of life where the task
// asks for one. An attempt is handed out once in the life of a process. Single-threaded.
class Claims {
 public:
  // False when it is claimed already.
  bool claim(const AttemptKey& key, std::optional<Duration> heartbeat_timeout, Timestamp now);
  bool holds(const AttemptKey& key) const { return claims_.contains(key); }
  // False when it was not claimed.
  bool release(const AttemptKey& key);
  void renew(const AttemptKey& key, Timestamp now);
  // Attempts whose lease ran out before `now`. They stay claimed until released; their lease does
  // not expire again.
  std::vector<AttemptKey> take_expired(Timestamp now);

  std::optional<Timestamp> next_expiry() const;
  std::size_t size() const { return claims_.size(); }

 private:
  struct Claim {
    Duration heartbeat_timeout{0};
    std::optional<Timestamp> expires_at;
  };
  std::unordered_map<AttemptKey, Claim> claims_;
  std::set<std::pair<Timestamp, AttemptKey>> expiries_;
};

}  // namespace harmonia::engine
