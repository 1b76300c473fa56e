#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "expr/value.h"

// Timestamps (years 1 to 9999, nanoseconds) and durations (int64 nanoseconds, about 292 years) as
// CEL has them.
namespace harmonia::expr {

class Evaluation;

// RFC 3339 with up to nine digits of fraction. Nothing when malformed or out of range.
std::optional<Value> parse_timestamp(std::string_view text);
std::optional<Value> timestamp_from_seconds(std::int64_t seconds, std::uint32_t nanos = 0);
// Numbers with units, as in 1h30m, 1.5s, -200ms; units h m s ms us ns. Nothing when malformed or
// out of range.
std::optional<Value> parse_duration(std::string_view text);

// 2009-02-13T23:31:30.5Z: UTC, no trailing zeros.
std::string timestamp_text(const Value& timestamp);
// Seconds without trailing zeros: 3730s, 0.5s.
std::string duration_text(const Value& duration);

// timestamp + nanos, or - nanos; an error outside of years 1 to 9999.
Value shift_timestamp(Evaluation& evaluation, const Value& timestamp, std::int64_t nanos,
                      bool backwards);
// a - b as a duration.
Value timestamp_difference(Evaluation& evaluation, const Value& a, const Value& b);

}  // namespace harmonia::expr
