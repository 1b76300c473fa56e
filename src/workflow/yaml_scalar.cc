#include "workflow/yaml_scalar.h"

#include <array>
#include <charconv>
#include <cmath>

namespace harmonia::workflow {
namespace {

constexpr std::string_view decimal_digits = "0123456789";

bool any_of(std::string_view text, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), text) != names.end();
}

bool is_all(std::string_view text, std::string_view allowed) {
  return !text.empty() && text.find_first_not_of(allowed) == std::string_view::npos;
}

std::string_view without_sign(std::string_view text) {
  if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
  return text;
}

template <class Integer>
std::optional<Integer> read_integer(std::string_view digits, int base) {
  Integer value{};
  auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (status != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  return value;
}

std::optional<Json> read_float(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double value = 0;
  auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (status == std::errc::result_out_of_range) {
    // Too small is 0, too large is nothing JSON could hold.
    std::size_t exponent = text.find_first_of("eE");
    bool small = exponent != std::string_view::npos && text.substr(exponent + 1).starts_with('-');
    return small ? std::optional<Json>(0.0) : std::nullopt;
  }
  return Json(value);
}

// Integers that fit no 64 bits are doubles, as in JSON text.
std::optional<Json> read_number(std::string_view text, std::string_view digits, int base) {
  bool negative = text.starts_with('-');
  auto magnitude = read_integer<std::uint64_t>(digits, base);
  constexpr std::uint64_t int64_limit = std::uint64_t{1} << 63;
  if (!magnitude) return base == 10 ? read_float(text) : std::nullopt;
  if (!negative && *magnitude < int64_limit) return Json(static_cast<std::int64_t>(*magnitude));
  if (!negative) return Json(*magnitude);
  if (*magnitude > int64_limit) return read_float(text);
  return Json(static_cast<std::int64_t>(0 - *magnitude));
}

// [-+]? ( . [0-9]+ | [0-9]+ ( . [0-9]* )? ) ( [eE] [-+]? [0-9]+ )?
bool is_float(std::string_view text) {
  text = without_sign(text);
  std::size_t exponent = text.find_first_of("eE");
  if (exponent != std::string_view::npos) {
    if (!is_all(without_sign(text.substr(exponent + 1)), decimal_digits)) return false;
    text = text.substr(0, exponent);
  }
  std::size_t point = text.find('.');
  if (point == std::string_view::npos) return is_all(text, decimal_digits);
  std::string_view whole = text.substr(0, point);
  std::string_view fraction = text.substr(point + 1);
  if (whole.empty()) return is_all(fraction, decimal_digits);
  return is_all(whole, decimal_digits) && (fraction.empty() || is_all(fraction, decimal_digits));
}

}  // namespace

std::optional<Json> type_plain_scalar(std::string_view text) {
  if (text.empty() || any_of(text, {"~", "null", "Null", "NULL"})) return Json(nullptr);
  if (any_of(text, {"true", "True", "TRUE"})) return Json(true);
  if (any_of(text, {"false", "False", "FALSE"})) return Json(false);
  std::string_view digits = without_sign(text);
  if (is_all(digits, decimal_digits)) return read_number(text, digits, 10);
  if (text.starts_with("0o") && is_all(text.substr(2), "01234567"))
    return read_number(text, text.substr(2), 8);
  if (text.starts_with("0x") && is_all(text.substr(2), "0123456789abcdefABCDEF")) {
    return read_number(text, text.substr(2), 16);
  }
  if (any_of(digits, {".inf", ".Inf", ".INF"}) || any_of(text, {".nan", ".NaN", ".NAN"}))
    return std::nullopt;
  if (is_float(text)) return read_float(text);
  return Json(json_view(text));
}

}  // namespace harmonia::workflow
