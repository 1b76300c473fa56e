#pragma once

#include <string>

#include "execution/event.h"
#include "execution/state.h"

namespace harmonia::scenario {

// Time zero of every scenario: 2026-01-01T00:00:00Z.
inline constexpr Timestamp scenario_epoch = from_micros(1'767'225'600'000'000);

// `0.000`, `86400.500`: seconds since the scenario began.
std::string time_text(Timestamp time);

// `0.000  3 attempt-failed fetch#1 connection "refused" retry-at=1.000`.
std::string event_line(const workflow::Definition& definition, const execution::Event& event);

}  // namespace harmonia::scenario
