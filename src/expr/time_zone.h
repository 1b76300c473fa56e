#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace harmonia::expr {

// Seconds to add to UTC in a zone at a moment (seconds since the epoch): a name of the tz database
// such as Europe/Berlin, or an offset such as 02:00, +05:30, -09:30. Nothing for an unknown name.
// Names know the rules from 1970 on; later years than the table has repeat its last 28, whose
// calendars are the same.
std::optional<std::int64_t> zone_offset_seconds(std::string_view zone, std::int64_t utc_seconds);

}  // namespace harmonia::expr
