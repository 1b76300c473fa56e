#include "server/world.h"

namespace harmonia::server {

Timestamp SystemClock::now() const {
  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

RandomIdSource::RandomIdSource() {
  std::random_device device;
  std::seed_seq seed{device(), device(), device(), device(),
                     device(), device(), device(), device()};
  generator_.seed(seed);
}

Uuid RandomIdSource::next(Timestamp now) {
  std::lock_guard lock(mutex_);
  return make_uuid_v7(to_micros(now) / 1000, generator_(), generator_());
}

}  // namespace harmonia::server
