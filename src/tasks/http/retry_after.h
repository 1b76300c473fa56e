#pragma once

#include <optional>
#include <string_view>

#include "base/time.h"

namespace harmonia::tasks {

// An HTTP date in its preferred form (RFC 9110, section 5.6.7): Sun, 06 Nov 1994 08:49:37 GMT.
std::optional<Timestamp> parse_http_date(std::string_view text);

// What Retry-After (RFC 9110, section 10.2.3) asks for, at `now`: seconds or a date; a date gone by
// is zero. Bounded by one day. Nothing when it is neither.
std::optional<Duration> parse_retry_after(std::string_view text, Timestamp now);

}  // namespace harmonia::tasks
