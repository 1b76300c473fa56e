#include "base/time.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <limits>
#include <optional>

namespace harmonia {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// Reads digits from a text front to back.
struct Scanner {
  std::string_view rest;

  bool take(char c) {
    if (rest.empty() || rest.front() != c) return false;
    rest.remove_prefix(1);
    return true;
  }
  std::optional<int> digits(std::size_t count) {
    if (rest.size() < count) return std::nullopt;
    int value = 0;
    for (std::size_t i = 0; i < count; ++i) {
      if (rest[i] < '0' || rest[i] > '9') return std::nullopt;
      value = value * 10 + (rest[i] - '0');
    }
    rest.remove_prefix(count);
    return value;
  }
  // The digits after a point, as microseconds.
  std::optional<std::int64_t> fraction() {
    std::int64_t micros = 0;
    int seen = 0;
    while (!rest.empty() && rest.front() >= '0' && rest.front() <= '9') {
      if (seen < 6) micros = micros * 10 + (rest.front() - '0');
      ++seen;
      rest.remove_prefix(1);
    }
    if (seen == 0 || seen > 9) return std::nullopt;
    for (; seen < 6; ++seen) micros *= 10;
    return micros;
  }
};

Error bad_time(std::string_view text) {
  return make_error(
      error_code::invalid_argument,
      "'" + std::string(text) + "' is not an RFC 3339 time such as 2026-11-21T11:02:03Z");
}

Error bad_duration(std::string_view text) {
  return make_error(
      error_code::invalid_argument,
      "'" + std::string(text) + "' is not an ISO 8601 duration such as PT15S or P1DT2H");
}

std::optional<Duration> parse_offset(Scanner& scanner) {
  if (scanner.take('Z') || scanner.take('z')) return Duration(0);
  bool negative = scanner.take('-');
  if (!negative && !scanner.take('+')) return std::nullopt;
  auto hour = scanner.digits(2);
  if (!hour || !scanner.take(':')) return std::nullopt;
  auto minute = scanner.digits(2);
  if (!minute || *hour > 23 || *minute > 59) return std::nullopt;
  Duration offset = hours(*hour) + minutes(*minute);
  return negative ? -offset : offset;
}

// Responses are full of times: this is a tenth of what a format string takes.
void put_digits(std::string& text, std::size_t at, std::size_t count, unsigned value) {
  for (std::size_t i = count; i-- > 0; value /= 10)
    text[at + i] = static_cast<char>('0' + value % 10);
}

}  // namespace

Duration from_seconds(double value) {
  constexpr double limit = 9.2e12;  // seconds that still fit into int64 microseconds
  if (std::isnan(value)) return Duration(0);
  if (value > limit) value = limit;
  if (value < -limit) value = -limit;
  return Duration(static_cast<std::int64_t>(std::llround(value * 1e6)));
}

std::string to_rfc3339(Timestamp time) {
  auto day = std::chrono::floor<days>(time);
  std::chrono::year_month_day date(day);
  std::chrono::hh_mm_ss clock(time - day);
  auto year = static_cast<int>(date.year());
  std::string text = "0000-00-00T00:00:00.000000Z";
  if (year >= 0 && year <= 9999) {
    put_digits(text, 0, 4, static_cast<unsigned>(year));
  } else {
    text.replace(0, 4, std::to_string(year));
  }
  std::size_t rest = text.size() - 23;
  put_digits(text, rest + 1, 2, static_cast<unsigned>(date.month()));
  put_digits(text, rest + 4, 2, static_cast<unsigned>(date.day()));
  put_digits(text, rest + 7, 2, static_cast<unsigned>(clock.hours().count()));
  put_digits(text, rest + 10, 2, static_cast<unsigned>(clock.minutes().count()));
  put_digits(text, rest + 13, 2, static_cast<unsigned>(clock.seconds().count()));
  put_digits(text, rest + 16, 6, static_cast<unsigned>(clock.subseconds().count()));
  return text;
}

Result<Timestamp> parse_rfc3339(std::string_view text) {
  Scanner scanner{text};
  auto year = scanner.digits(4);
  if (!year || !scanner.take('-')) return bad_time(text);
  auto month = scanner.digits(2);
  if (!month || !scanner.take('-')) return bad_time(text);
  auto day = scanner.digits(2);
  if (!day || !(scanner.take('T') || scanner.take('t') || scanner.take(' '))) return bad_time(text);
  auto hour = scanner.digits(2);
  if (!hour || !scanner.take(':')) return bad_time(text);
  auto minute = scanner.digits(2);
  if (!minute || !scanner.take(':')) return bad_time(text);
  auto second = scanner.digits(2);
  if (!second) return bad_time(text);
  std::int64_t micros = 0;
  if (scanner.take('.')) {
    auto fraction = scanner.fraction();
    if (!fraction) return bad_time(text);
    micros = *fraction;
  }
  auto offset = parse_offset(scanner);
  std::chrono::year_month_day date{std::chrono::year(*year),
                                   std::chrono::month(static_cast<unsigned>(*month)),
                                   std::chrono::day(static_cast<unsigned>(*day))};
  bool in_range = date.ok() && *hour < 24 && *minute < 60 && *second <= 60;
  if (!offset || !scanner.rest.empty() || !in_range) return bad_time(text);
  return Timestamp(std::chrono::sys_days(date)) + hours(*hour) + minutes(*minute) +
         seconds(*second) + Duration(micros) - *offset;
}

Result<Duration> parse_iso8601_duration(std::string_view text) {
  constexpr std::int64_t count_max = 1'000'000'000;  // of any unit; keeps the sum far from overflow
  Scanner scanner{text};
  bool negative = scanner.take('-');
  if (!scanner.take('P') || scanner.rest.empty()) return bad_duration(text);
  Duration total{0};
  bool in_time = false;
  bool any = false;
  while (!scanner.rest.empty()) {
    if (!in_time && scanner.take('T')) {
      in_time = true;
      continue;
    }
    std::int64_t count = 0;
    std::size_t digits = 0;
    while (auto digit = scanner.digits(1)) {
      count = count * 10 + *digit;
      ++digits;
      if (count > count_max) return bad_duration(text);
    }
    std::int64_t micros = 0;
    bool has_fraction = scanner.take('.');
    if (has_fraction) {
      auto fraction = scanner.fraction();
      if (!fraction) return bad_duration(text);
      micros = *fraction;
    }
    if (digits == 0 || scanner.rest.empty()) return bad_duration(text);
    Duration unit{0};
    if (!in_time && scanner.take('W')) unit = days(7);
    else if (!in_time && scanner.take('D')) unit = days(1);
    else if (in_time && scanner.take('H')) unit = hours(1);
    else if (in_time && scanner.take('M')) unit = minutes(1);
    else if (in_time && scanner.take('S')) unit = seconds(1);
    else return bad_duration(text);
    if (has_fraction && unit != seconds(1)) return bad_duration(text);
    total += unit * count + Duration(micros);
    any = true;
  }
  if (!any) return bad_duration(text);
  return negative ? -total : total;
}

std::string to_human(Duration duration) {
  std::array<char, 64> buffer{};
  auto micros = duration.count();
  auto print = [&](const char* format, auto... values) {
    std::snprintf(buffer.data(), buffer.size(), format, values...);
    return std::string(buffer.data());
  };
  if (micros < 1000) return print("%lld us", static_cast<long long>(micros));
  if (micros < 1'000'000) return print("%lld ms", static_cast<long long>(micros / 1000));
  if (micros < 60'000'000 && micros % 1'000'000 == 0) {
    return print("%lld s", static_cast<long long>(micros / 1'000'000));
  }
  if (micros < 60'000'000) return print("%.1f s", static_cast<double>(micros) / 1e6);
  long long total = micros / 1'000'000;
  if (total < 3600) return print("%lld m %lld s", total / 60, total % 60);
  if (total < 86'400) return print("%lld h %lld m", total / 3600, total % 3600 / 60);
  return print("%lld d %lld h", total / 86'400, total % 86'400 / 3600);
}

}  // namespace harmonia
