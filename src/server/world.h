#pragma once

#include <mutex>
#include <random>

#include "engine/ports.h"

// The real forms of the engine's ports for time and ids.
namespace harmonia::server {

class SystemClock final : public engine::Clock {
 public:
  Timestamp now() const override;
};

// Version 7 UUIDs from a generator seeded by the operating system.
class RandomIdSource final : public engine::IdSource {
 public:
  RandomIdSource();
  Uuid next(Timestamp now) override;

 private:
  std::mutex mutex_;
  std::mt19937_64 generator_;  // guarded by mutex_
};

}  // namespace harmonia::server
