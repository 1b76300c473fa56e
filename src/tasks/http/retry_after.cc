#include "tasks/http/retry_after.h"

#include <algorithm>
#include <array>
#include <charconv>

namespace harmonia::tasks {
namespace {

constexpr Duration longest = std::chrono::hours(24);

std::optional<int> number(std::string_view text) {
  int value = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

std::optional<unsigned> month_number(std::string_view name) {
  constexpr std::array<std::string_view, 12> names = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) return std::nullopt;
  return static_cast<unsigned>(found - names.begin()) + 1;
}

}  // namespace

std::optional<Timestamp> parse_http_date(std::string_view text) {
  // The positions are fixed: `ddd, DD MMM YYYY hh:mm:ss GMT`.
  constexpr std::size_t size = 29;
  if (text.size() != size || text.substr(3, 2) != ", " || !text.ends_with(" GMT")) {
    return std::nullopt;
  }
  if (text[19] != ':' || text[22] != ':') return std::nullopt;
  auto day = number(text.substr(5, 2));
  auto month = month_number(text.substr(8, 3));
  auto year = number(text.substr(12, 4));
  auto hour = number(text.substr(17, 2));
  auto minute = number(text.substr(20, 2));
  auto second = number(text.substr(23, 2));
  if (!day || !month || !year || !hour || !minute || !second) return std::nullopt;
  std::chrono::year_month_day date{std::chrono::year(*year), std::chrono::month(*month),
                                   std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok() || *hour > 23 || *minute > 59 || *second > 60) return std::nullopt;
  return Timestamp(std::chrono::sys_days(date)) + std::chrono::hours(*hour) +
         std::chrono::minutes(*minute) + std::chrono::seconds(*second);
}

std::optional<Duration> parse_retry_after(std::string_view text, Timestamp now) {
  while (text.ends_with(' ')) text.remove_suffix(1);
  bool digits = !text.empty() &&
                std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (digits) {
    auto seconds = number(text);
    return seconds ? std::min<Duration>(std::chrono::seconds(*seconds), longest) : longest;
  }
  auto date = parse_http_date(text);
  if (!date) return std::nullopt;
  return std::clamp<Duration>(*date - now, Duration(0), longest);
}

}  // namespace harmonia::tasks
