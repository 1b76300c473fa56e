#include <array>
#include <charconv>
#include <cmath>

#include "workflow/json_schema_checks.h"

namespace harmonia::workflow::schema {
namespace {

// digits * 10^exponent, without trailing zeros in digits.
struct Decimal {
  std::uint64_t digits = 0;
  int exponent = 0;
};

Decimal without_zeros(Decimal decimal) {
  if (decimal.digits == 0) return {};
  while (decimal.digits % 10 == 0) {
    decimal.digits /= 10;
    ++decimal.exponent;
  }
  return decimal;
}

// The magnitude of a finite number in its shortest decimal form, which is how its author wrote it.
Decimal to_decimal(const Json& number) {
  if (number.is_uint64()) return without_zeros({.digits = number.get_uint64()});
  if (number.is_int64()) {
    auto value = static_cast<std::uint64_t>(number.get_int64());
    return without_zeros({.digits = number.get_int64() < 0 ? 0 - value : value});
  }
  std::array<char, 64> buffer{};
  auto [end, _] = std::to_chars(buffer.data(), buffer.data() + buffer.size(),
                                std::fabs(number.get_double()), std::chars_format::scientific);
  Decimal decimal;
  bool fraction = false;
  const char* at = buffer.data();
  for (; at != end && *at != 'e'; ++at) {
    if (*at == '.') {
      fraction = true;
      continue;
    }
    decimal.digits = decimal.digits * 10 + static_cast<std::uint64_t>(*at - '0');
    if (fraction) --decimal.exponent;
  }
  int power = 0;
  if (at != end) ++at;
  if (at != end && *at == '+') ++at;
  std::from_chars(at, end, power);
  decimal.exponent += power;
  return without_zeros(decimal);
}

using Wide = unsigned __int128;

}  // namespace

bool is_multiple(const Json& value, const Json& divisor) {
  Decimal number = to_decimal(value);
  Decimal unit = to_decimal(divisor);
  if (number.digits == 0) return true;
  if (unit.digits == 0) return false;
  int shift = number.exponent - unit.exponent;
  // number * 10^shift modulo unit, or unit * 10^-shift must divide number.
  if (shift >= 0) {
    Wide rest = number.digits % unit.digits;
    for (int i = 0; i < shift && rest != 0; ++i) rest = rest * 10 % unit.digits;
    return rest == 0;
  }
  Wide scaled = unit.digits;
  for (int i = 0; i < -shift; ++i) {
    scaled *= 10;
    if (scaled > number.digits) return false;
  }
  return number.digits % scaled == 0;
}

std::optional<std::pair<std::size_t, std::size_t>> find_duplicate(const JsonArray& items) {
  std::vector<std::pair<std::uint64_t, std::size_t>> hashes;
  hashes.reserve(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) hashes.emplace_back(json_hash(items[i]), i);
  std::sort(hashes.begin(), hashes.end());
  for (std::size_t i = 1; i < hashes.size(); ++i) {
    // Neighbours suffice unless hashes collide, which equal values among them survive by comparing
    // back.
    for (std::size_t k = i; k > 0 && hashes[k - 1].first == hashes[i].first; --k) {
      auto first = hashes[k - 1].second;
      auto second = hashes[i].second;
      if (json_equal(items[first], items[second])) return std::pair(first, second);
    }
  }
  return std::nullopt;
}

}  // namespace harmonia::workflow::schema
