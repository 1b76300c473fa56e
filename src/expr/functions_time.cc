#include <chrono>

#include "base/utf8.h"
#include "expr/evaluation.h"
#include "expr/function.h"
#include "expr/time_zone.h"

// The parts of timestamps, in UTC or in a zone, and of durations.
namespace harmonia::expr {
namespace {

using std::chrono::days;
using std::chrono::floor;

using std::chrono::sys_days;
using std::chrono::sys_seconds;
using std::chrono::year_month_day;

enum class Part {
  year,
  month,
  date,
  day_of_month,
  day_of_week,
  day_of_year,
  hours,
  minutes,
  seconds,
  milliseconds,
};

std::int64_t part_of_timestamp(Part part, std::int64_t local_seconds, std::uint32_t nanos) {
  sys_seconds moment{std::chrono::seconds(local_seconds)};
  sys_days day = floor<days>(moment);
  year_month_day date(day);
  std::int64_t second_of_day = (moment - day).count();
  auto day_of_month = static_cast<std::int64_t>(static_cast<unsigned>(date.day()));
  switch (part) {
    case Part::year: return static_cast<int>(date.year());
    case Part::month: return static_cast<std::int64_t>(static_cast<unsigned>(date.month())) - 1;
    case Part::date: return day_of_month;
    case Part::day_of_month: return day_of_month - 1;
    case Part::day_of_week: return std::chrono::weekday(day).c_encoding();
    case Part::day_of_year: return (day - sys_days(date.year() / std::chrono::January / 1)).count();
    case Part::hours: return second_of_day / 3600;
    case Part::minutes: return second_of_day / 60 % 60;
    case Part::seconds: return second_of_day % 60;
    case Part::milliseconds: return nanos / 1'000'000;
  }
  return 0;
}

// Hours, minutes and seconds are totals, milliseconds the rest of the last second (as the
// specification has it).
std::optional<std::int64_t> part_of_duration(Part part, std::int64_t nanos) {
  constexpr std::int64_t second = 1'000'000'000;
  if (part == Part::hours) return nanos / (3600 * second);
  if (part == Part::minutes) return nanos / (60 * second);
  if (part == Part::seconds) return nanos / second;
  if (part == Part::milliseconds) return nanos % second / 1'000'000;
  return std::nullopt;
}

template <Part part>
Value get(Evaluation& evaluation, Arguments a) {
  if (a[0].is(Kind::duration) && a.size() == 1) {
    if (auto number = part_of_duration(part, a[0].int64)) return int_value(*number);
  }
  bool zone_fits = a.size() == 1 || a[1].is(Kind::string);
  if (!a[0].is(Kind::timestamp) || !zone_fits) {
    return evaluation.fail_overload("getFullYear, getHours and the like", a);
  }
  std::int64_t local = a[0].int64;
  if (a.size() == 2) {
    auto offset = zone_offset_seconds(a[1].view(), local);
    if (!offset) {
      return evaluation.fail("'" + utf8_prefix(a[1].view(), 80) +
                             "' is no time zone such as Europe/Berlin or +02:00");
    }
    local += *offset;
  }
  return int_value(part_of_timestamp(part, local, a[0].aux));
}

constexpr Function functions[] = {
    {"getFullYear", true, 1, 2, get<Part::year>},
    {"getMonth", true, 1, 2, get<Part::month>},
    {"getDate", true, 1, 2, get<Part::date>},
    {"getDayOfMonth", true, 1, 2, get<Part::day_of_month>},
    {"getDayOfWeek", true, 1, 2, get<Part::day_of_week>},
    {"getDayOfYear", true, 1, 2, get<Part::day_of_year>},
    {"getHours", true, 1, 2, get<Part::hours>},
    {"getMinutes", true, 1, 2, get<Part::minutes>},
    {"getSeconds", true, 1, 2, get<Part::seconds>},
    {"getMilliseconds", true, 1, 2, get<Part::milliseconds>},
};

}  // namespace

std::span<const Function> time_functions() { return functions; }

}  // namespace harmonia::expr
