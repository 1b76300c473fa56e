#pragma once

#include "engine/ports.h"

// The real forms of the engine's ports for time and ids.
namespace harmonia::server {

class SystemClock final : public engine::Clock {
 public:
  Timestamp now() const override;
};

// Version 7 UUIDs whose random part comes from the operating system: tokens are made of them, so
// that those that everybody sees may not tell the others.
class RandomIdSource final : public engine::IdSource {
 public:
  Uuid next(Timestamp now) override;
};

}  // namespace harmonia::server
