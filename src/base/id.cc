#include "base/id.h"

#include <bit>

#include "base/hash.h"

namespace harmonia {
namespace {

constexpr std::array<std::size_t, 4> dash_positions = {8, 13, 18, 23};

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_dash_position(std::size_t i) {
  return i == dash_positions[0] || i == dash_positions[1] || i == dash_positions[2] ||
         i == dash_positions[3];
}

}  // namespace

std::string to_string(const Uuid& uuid) {
  constexpr char digits[] = "0123456789abcdef";
  std::string text(36, '-');
  std::size_t at = 0;
  for (std::uint8_t byte : uuid.bytes) {
    if (is_dash_position(at)) ++at;
    text[at++] = digits[byte >> 4];
    text[at++] = digits[byte & 15];
  }
  return text;
}

std::optional<Uuid> parse_uuid(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  Uuid uuid;
  std::size_t nibble = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (is_dash_position(i)) {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    int digit = hex_digit(text[i]);
    if (digit < 0) return std::nullopt;
    auto& byte = uuid.bytes[nibble / 2];
    byte = static_cast<std::uint8_t>((byte << 4) | digit);
    ++nibble;
  }
  return uuid;
}

Uuid make_uuid_v7(std::int64_t unix_millis, std::uint64_t random_high, std::uint64_t random_low) {
  Uuid uuid;
  for (std::size_t i = 0; i < 6; ++i) {
    uuid.bytes[i] = static_cast<std::uint8_t>(unix_millis >> (40 - 8 * static_cast<int>(i)));
  }
  uuid.bytes[6] = static_cast<std::uint8_t>(0x70 | ((random_high >> 8) & 0x0f));
  uuid.bytes[7] = static_cast<std::uint8_t>(random_high);
  for (std::size_t i = 0; i < 8; ++i) {
    uuid.bytes[8 + i] = static_cast<std::uint8_t>(random_low >> (8 * i));
  }
  uuid.bytes[8] = static_cast<std::uint8_t>(0x80 | (uuid.bytes[8] & 0x3f));
  return uuid;
}

std::uint64_t hash_value(const Uuid& uuid) {
  // Asked many times for each command, so two words at once instead of sixteen bytes.
  std::uint64_t high = 0;
  std::uint64_t low = 0;
  for (std::size_t i = 0; i < 8; ++i) {
    high |= std::uint64_t{uuid.bytes[i]} << (8 * i);
    low |= std::uint64_t{uuid.bytes[8 + i]} << (8 * i);
  }
  std::uint64_t hash = (high ^ std::rotl(low, 32)) * 0xff51afd7ed558ccdULL;
  hash ^= hash >> 33;
  hash *= 0xc4ceb9fe1a85ec53ULL;
  return hash ^ (hash >> 33);
}

Uuid uuid_from_text(std::string_view text) {
  Uuid uuid;
  std::uint64_t high = stable_hash(text, 1);
  std::uint64_t low = stable_hash(text, 2);
  for (std::size_t i = 0; i < 8; ++i) {
    uuid.bytes[i] = static_cast<std::uint8_t>(high >> (8 * i));
    uuid.bytes[8 + i] = static_cast<std::uint8_t>(low >> (8 * i));
  }
  // RFC 9562 version 8: a custom scheme.
  uuid.bytes[6] = static_cast<std::uint8_t>(0x80 | (uuid.bytes[6] & 0x0f));
  uuid.bytes[8] = static_cast<std::uint8_t>(0x80 | (uuid.bytes[8] & 0x3f));
  return uuid;
}

}  // namespace harmonia
