#include "expr/time_value.h"

#include <chrono>
#include <cmath>

#include "base/time.h"
#include "expr/evaluation.h"

namespace harmonia::expr {
namespace {

constexpr std::int64_t seconds_min = -62135596800;  // 0001-01-01T00:00:00Z
constexpr std::int64_t seconds_max = 253402300799;  // 9999-12-31T23:59:59Z
constexpr std::int64_t nanos_per_second = 1'000'000'000;

struct Unit {
  std::string_view name;
  std::int64_t nanos;
};
constexpr Unit units[] = {
    {"ns", 1},
    {"us", 1000},
    {"\u00b5s", 1000},
    {"\u03bcs", 1000},
    {"ms", 1'000'000},
    {"s", nanos_per_second},
    {"m", 60 * nanos_per_second},
    {"h", 3600 * nanos_per_second},
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The digits of a fraction, as nanoseconds; at most nine.
std::optional<std::uint32_t> fraction_nanos(std::string_view digits) {
  if (digits.empty() || digits.size() > 9) return std::nullopt;
  std::uint32_t nanos = 0;
  for (std::size_t i = 0; i < 9; ++i) {
    nanos = nanos * 10 + (i < digits.size() ? static_cast<std::uint32_t>(digits[i] - '0') : 0);
  }
  return nanos;
}

std::string fraction_text(std::uint64_t nanos) {
  if (nanos == 0) return {};
  std::string digits = std::to_string(nanos);
  digits.insert(0, 9 - digits.size(), '0');
  while (digits.back() == '0') digits.pop_back();
  return "." + digits;
}

// One "number unit" of a duration, removed from `text`; in nanoseconds.
std::optional<std::int64_t> take_part(std::string_view& text) {
  std::size_t digits_end = 0;
  __extension__ using Wide = __int128;
  Wide whole = 0;
  while (digits_end < text.size() && is_digit(text[digits_end])) {
    whole = whole * 10 + (text[digits_end++] - '0');
    if (whole > INT64_MAX) return std::nullopt;
  }
  std::size_t end = digits_end;
  double fraction = 0;
  if (end < text.size() && text[end] == '.') {
    double scale = 1;
    for (++end; end < text.size() && is_digit(text[end]); ++end) {
      scale /= 10;
      fraction += scale * (text[end] - '0');
    }
    if (end == digits_end + 1 && digits_end == 0) return std::nullopt;
  }
  if (end == 0) return std::nullopt;
  std::size_t unit_end = end;
  while (unit_end < text.size() && !is_digit(text[unit_end]) && text[unit_end] != '.') ++unit_end;
  std::string_view name = text.substr(end, unit_end - end);
  for (const Unit& unit : units) {
    if (unit.name != name) continue;
    text.remove_prefix(unit_end);
    Wide nanos = whole * unit.nanos + std::llround(fraction * static_cast<double>(unit.nanos));
    if (nanos > INT64_MAX) return std::nullopt;
    return static_cast<std::int64_t>(nanos);
  }
  return std::nullopt;
}

}  // namespace

std::optional<Value> timestamp_from_seconds(std::int64_t seconds, std::uint32_t nanos) {
  if (seconds < seconds_min || seconds > seconds_max) return std::nullopt;
  return timestamp_value(seconds, nanos);
}

std::optional<Value> parse_timestamp(std::string_view text) {
  // The time without its fraction is the base's matter; the fraction is kept to the nanosecond
  // here.
  constexpr std::size_t fraction_start = 19;
  constexpr std::size_t date_end = 10;
  if (text.size() <= fraction_start || (text[date_end] != 'T' && text[date_end] != 't')) {
    return std::nullopt;
  }
  std::string plain(text.substr(0, fraction_start));
  std::string_view rest = text.substr(fraction_start);
  std::uint32_t nanos = 0;
  if (rest.front() == '.') {
    std::size_t end = 1;
    while (end < rest.size() && is_digit(rest[end])) ++end;
    auto fraction = fraction_nanos(rest.substr(1, end - 1));
    if (!fraction) return std::nullopt;
    nanos = *fraction;
    rest.remove_prefix(end);
  }
  auto parsed = parse_rfc3339(plain.append(rest));
  if (!parsed.ok()) return std::nullopt;
  std::int64_t micros = to_micros(parsed.value());
  return timestamp_from_seconds(micros / 1'000'000 - (micros % 1'000'000 < 0 ? 1 : 0), nanos);
}

std::optional<Value> parse_duration(std::string_view text) {
  bool negative = text.starts_with('-');
  if (negative || text.starts_with('+')) text.remove_prefix(1);
  if (text == "0") return duration_value(0);
  if (text.empty()) return std::nullopt;
  std::int64_t total = 0;
  while (!text.empty()) {
    auto part = take_part(text);
    if (!part || __builtin_add_overflow(total, *part, &total)) return std::nullopt;
  }
  return duration_value(negative ? -total : total);
}

std::string timestamp_text(const Value& timestamp) {
  std::string text = to_rfc3339(from_micros(timestamp.int64 * 1'000'000));
  std::size_t point = text.find('.');
  if (point != std::string::npos) text.resize(point);
  if (text.ends_with('Z')) text.pop_back();
  return text + fraction_text(timestamp.aux) + "Z";
}

std::string duration_text(const Value& duration) {
  bool negative = duration.int64 < 0;
  auto bits = static_cast<std::uint64_t>(duration.int64);
  std::uint64_t magnitude = negative ? 0 - bits : bits;
  constexpr auto scale = static_cast<std::uint64_t>(nanos_per_second);
  return (negative ? "-" : "") + std::to_string(magnitude / scale) +
         fraction_text(magnitude % scale) + "s";
}

Value shift_timestamp(Evaluation& evaluation, const Value& timestamp, std::int64_t nanos,
                      bool backwards) {
  std::int64_t seconds = nanos / nanos_per_second;
  std::int64_t rest = nanos % nanos_per_second;
  if (backwards) {
    seconds = -seconds;
    rest = -rest;
  }
  seconds += timestamp.int64;
  rest += timestamp.aux;
  if (rest < 0) {
    rest += nanos_per_second;
    --seconds;
  } else if (rest >= nanos_per_second) {
    rest -= nanos_per_second;
    ++seconds;
  }
  auto shifted = timestamp_from_seconds(seconds, static_cast<std::uint32_t>(rest));
  return shifted ? *shifted : evaluation.fail("the timestamp is outside of the years 1 to 9999");
}

Value timestamp_difference(Evaluation& evaluation, const Value& a, const Value& b) {
  __extension__ using Wide = __int128;
  Wide nanos =
      static_cast<Wide>(a.int64 - b.int64) * nanos_per_second + a.aux - static_cast<Wide>(b.aux);
  if (nanos > INT64_MAX || nanos < INT64_MIN) {
    return evaluation.fail("the duration between the timestamps is too long");
  }
  return duration_value(static_cast<std::int64_t>(nanos));
}

}  // namespace harmonia::expr
