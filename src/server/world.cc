#include "server/world.h"

#include <array>
#include <unistd.h>

#include "base/assert.h"

namespace harmonia::server {

Timestamp SystemClock::now() const {
  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

Uuid RandomIdSource::next(Timestamp now) {
  std::array<std::uint64_t, 2> random{};
  int failed = ::getentropy(random.data(), sizeof random);
  ASSERT(failed == 0);  // for so few bytes it does not fail on Linux
  return make_uuid_v7(to_micros(now) / 1000, random[0], random[1]);
}

}  // namespace harmonia::server
