#include "engine/rate_limits.h"

#include <algorithm>

namespace harmonia::engine {

Timestamp RateLimits::reserve(const std::string& key, std::uint32_t limit, Duration per,
                              Timestamp now) {
  std::lock_guard lock(mutex_);
  // Keys that are idle say nothing.
  if (idle_at_.size() >= keys_max)
    std::erase_if(idle_at_, [now](const auto& entry) { return entry.second <= now; });
  Duration interval = std::max(per / limit, Duration(1));
  Timestamp& idle_at = idle_at_[key];
  idle_at = std::max(idle_at, now);
  Timestamp begin = std::max(now, idle_at + interval - per);
  idle_at += interval;
  return begin;
}

}  // namespace harmonia::engine
