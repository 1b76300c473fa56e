#pragma once

#include <map>

#include "engine/claims.h"
#include "engine/ports.h"
#include "engine/rate_limits.h"
#include "engine/result_cache.h"
#include "engine/run_loader.h"

namespace harmonia::engine {

// What all shards of an engine share of handing out work.
struct SharedLimits {
  RateLimits rates;
  ResultCache results;
};

// Hands attempts that are owed to the dispatcher, each once in the life of the process: now, or
// when its rate limit has room. Those whose result is cached are answered without asking anybody.
// Single-threaded, one for each shard.
class Handout {
 public:
  Handout(Dispatcher& dispatcher, Claims& claims, SharedLimits& limits)
      : dispatcher_(dispatcher), claims_(claims), limits_(limits) {}

  // The result at once when it is cached: to be reported like any other.
  SharedJson hand_out(const execution::Dispatch& owed, const Run& run, Timestamp now);
  // The attempt is over; `report`: what it gave, when it did by itself.
  void take_back(const AttemptKey& key, const execution::Report* report, Timestamp now);

  // Attempts whose time has come by `now`; to be handed out again if they are still owed.
  std::vector<AttemptKey> take_due(Timestamp now);
  std::optional<Timestamp> next_due() const;

 private:
  bool must_wait(const execution::Dispatch& owed, const Run& run, Timestamp now);

  Dispatcher& dispatcher_;
  Claims& claims_;
  SharedLimits& limits_;
  std::multimap<Timestamp, AttemptKey> waiting_;  // for their rate limit
  std::map<AttemptKey, bool> admitted_;           // false: still waiting
  struct Caching {
    std::string key;
    Duration ttl{0};
  };
  std::map<AttemptKey, Caching> caching_;
};

}  // namespace harmonia::engine
