#include "expr/time_zone.h"

#include <algorithm>
#include <chrono>
#include <iterator>

namespace harmonia::expr {
namespace {

struct ZoneName {
  std::string_view name;
  std::uint16_t records;  // which of the records below
};

// Records of seven characters, in order: five digits of the minute since the epoch from which on an
// offset holds, two of the offset in minutes + 2048. Digits are to base 64.
#include "expr/time_zone_table.inc"

constexpr std::size_t record_size = 7;
constexpr std::size_t minute_digits = 5;
constexpr std::int64_t offset_bias = 2048;

std::int64_t digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'A' && c <= 'Z') return c - 'A' + 10;
  if (c >= 'a' && c <= 'z') return c - 'a' + 36;
  return c == '-' ? 62 : 63;
}

std::int64_t read_digits(std::string_view digits) {
  std::int64_t number = 0;
  for (char c : digits) number = number * 64 + digit(c);
  return number;
}

// A moment of a later year, moved to a year of the table that starts on the same weekday and is as
// long.
std::int64_t within_table(std::int64_t utc_seconds) {
  using namespace std::chrono;
  constexpr int last_year = 2053;
  sys_seconds moment{seconds(utc_seconds)};
  year_month_day date{floor<days>(moment)};
  int own_year = static_cast<int>(date.year());
  if (own_year <= last_year) return utc_seconds;
  sys_days own_start{year(own_year) / January / 1};
  for (int candidate = last_year; candidate > last_year - 28; --candidate) {
    sys_days start{year(candidate) / January / 1};
    bool same_length = year(candidate).is_leap() == year(own_year).is_leap();
    if (same_length && weekday(start) == weekday(own_start)) {
      return (moment - own_start + start).time_since_epoch().count();
    }
  }
  return utc_seconds;
}

std::int64_t offset_minutes(std::string_view records, std::int64_t utc_seconds) {
  std::int64_t minute = utc_seconds < 0 ? 0 : within_table(utc_seconds) / 60;
  std::size_t low = 0;
  std::size_t high = records.size() / record_size;
  while (high - low > 1) {
    std::size_t middle = (low + high) / 2;
    bool later = read_digits(records.substr(middle * record_size, minute_digits)) > minute;
    (later ? high : low) = middle;
  }
  return read_digits(records.substr(low * record_size + minute_digits, 2)) - offset_bias;
}

std::optional<int> two_digits(std::string_view text) {
  if (text.size() != 2) return std::nullopt;
  if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9') return std::nullopt;
  return (text[0] - '0') * 10 + (text[1] - '0');
}

// [+-]HH:MM
std::optional<std::int64_t> fixed_offset(std::string_view text) {
  bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text.size() != 5 || text[2] != ':') return std::nullopt;
  auto hours = two_digits(text.substr(0, 2));
  auto minutes = two_digits(text.substr(3));
  if (!hours || !minutes || *hours > 23 || *minutes > 59) return std::nullopt;
  std::int64_t seconds = (*hours * 60 + *minutes) * 60;
  return negative ? -seconds : seconds;
}

}  // namespace

std::optional<std::int64_t> zone_offset_seconds(std::string_view zone, std::int64_t utc_seconds) {
  auto found = std::lower_bound(
      std::begin(zone_names), std::end(zone_names), zone,
      [](const ZoneName& known, std::string_view name) { return known.name < name; });
  if (found == std::end(zone_names) || found->name != zone) return fixed_offset(zone);
  return offset_minutes(zone_records[found->records], utc_seconds) * 60;
}

}  // namespace harmonia::expr
