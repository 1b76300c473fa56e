#pragma once

#include <optional>

#include "base/json.h"
#include "base/time.h"

namespace harmonia::tasks {

struct TimeBound {
  Duration fallback;  // where the input names none
  Duration longest;   // whatever the input says
};

// What `timeout` (seconds) of the input asks for, else the fallback.
Duration time_asked(const JsonObject& input, const TimeBound& bound);

// The part of `duration` that is before the deadline. Zero or less: its time is over already.
Duration before_deadline(Duration duration, std::optional<Timestamp> deadline);

}  // namespace harmonia::tasks
