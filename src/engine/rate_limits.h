#pragma once

#include <mutex>
#include <string>
#include <unordered_map>

#include "base/time.h"

namespace harmonia::engine {

// How often attempts that share a key may begin: `limit` at once, then evenly spread over `per`.
// Kept in memory only: a restart begins anew. Thread-safe.
class RateLimits {
 public:
  // When the next attempt of this key may begin: now or later. Its place is taken.
  Timestamp reserve(const std::string& key, std::uint32_t limit, Duration per, Timestamp now);

 private:
  static constexpr std::size_t keys_max = 100'000;

  std::mutex mutex_;  // guards what follows
  // Generic cell rate algorithm: when the key would be idle if attempts came evenly.
  std::unordered_map<std::string, Timestamp> idle_at_;
};

}  // namespace harmonia::engine
