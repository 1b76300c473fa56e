#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace harmonia {

// Wall-clock time in UTC, microsecond resolution. On disk and in events: int64 microseconds since
// the epoch.
using Timestamp = std::chrono::sys_time<std::chrono::microseconds>;
using Duration = std::chrono::microseconds;

constexpr std::int64_t to_micros(Timestamp time) { return time.time_since_epoch().count(); }
constexpr Timestamp from_micros(std::int64_t micros) { return Timestamp(Duration(micros)); }

// `seconds` rounded to the nearest microsecond. Values beyond about 292,000 years are clamped.
Duration from_seconds(double seconds);
constexpr double to_seconds(Duration duration) {
  return static_cast<double>(duration.count()) / 1e6;
}

// RFC 3339 with microseconds and `Z`: 2026-11-21T11:02:03.000004Z.
std::string to_rfc3339(Timestamp time);
// Accepts RFC 3339 with `Z` or an offset and up to nine fraction digits (beyond six are dropped).
Result<Timestamp> parse_rfc3339(std::string_view text);

// ISO 8601 durations without years and months: PT15S, P1DT2H, PT0.5S.
Result<Duration> parse_iso8601_duration(std::string_view text);

// For people: 350 ms, 1.5 s, 2 m 5 s, 3 h 12 m, 4 d 1 h.
std::string to_human(Duration duration);

}  // namespace harmonia
