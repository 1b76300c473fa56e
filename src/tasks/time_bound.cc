#include "tasks/time_bound.h"

#include <algorithm>
#include <chrono>

namespace harmonia::tasks {

Duration time_asked(const JsonObject& input, const TimeBound& bound) {
  const Json* timeout = input.if_contains("timeout");
  if (timeout == nullptr || !timeout->is_number()) return std::min(bound.fallback, bound.longest);
  return std::min(from_seconds(timeout->to_number<double>()), bound.longest);
}

Duration before_deadline(Duration duration, std::optional<Timestamp> deadline) {
  if (!deadline) return duration;
  auto now = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
  return std::min(duration, *deadline - now);
}

}  // namespace harmonia::tasks
