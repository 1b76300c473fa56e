#include <algorithm>
#include <arpa/inet.h>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "net/http_client.h"

namespace harmonia::net {
namespace {

using Bytes4 = std::array<std::uint8_t, 4>;
using Bytes16 = std::array<std::uint8_t, 16>;

struct Prefix4 {
  Bytes4 bytes;
  int bits;
};
struct Prefix16 {
  Bytes16 bytes;
  int bits;
};

// The IANA special-purpose registry of RFC 6890 and its later entries, plus multicast.
constexpr std::array<Prefix4, 15> private_v4 = {{
    {{0, 0, 0, 0}, 8},        // this network
    {{10, 0, 0, 0}, 8},       // private
    {{100, 64, 0, 0}, 10},    // shared by carriers
    {{127, 0, 0, 0}, 8},      // loopback
    {{169, 254, 0, 0}, 16},   // link-local, also the clouds' metadata services
    {{172, 16, 0, 0}, 12},    // private
    {{192, 0, 0, 0}, 24},     // protocol assignments
    {{192, 0, 2, 0}, 24},     // documentation
    {{192, 88, 99, 0}, 24},   // 6to4 relays, deprecated
    {{192, 168, 0, 0}, 16},   // private
    {{198, 18, 0, 0}, 15},    // benchmarking
    {{198, 51, 100, 0}, 24},  // documentation
    {{203, 0, 113, 0}, 24},   // documentation
    {{224, 0, 0, 0}, 4},      // multicast
    {{240, 0, 0, 0}, 4},      // reserved, broadcast
}};

constexpr Prefix16 global_v6 = {{0x20}, 3};
// Within the global block.
constexpr std::array<Prefix16, 3> private_v6 = {{
    {{0x20, 0x01, 0x00}, 23},        // protocol assignments, Teredo, ORCHID
    {{0x20, 0x01, 0x0d, 0xb8}, 32},  // documentation
    {{0x3f, 0xff}, 20},              // documentation
}};
constexpr Prefix16 mapped_v4 = {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff}, 96};
constexpr Prefix16 translated_v4 = {{0x00, 0x64, 0xff, 0x9b}, 96};  // NAT64
constexpr Prefix16 sixtofour = {{0x20, 0x02}, 16};

bool within(std::span<const std::uint8_t> address, std::span<const std::uint8_t> prefix, int bits) {
  for (std::size_t i = 0; bits > 0; ++i, bits -= 8) {
    const int shift = bits >= 8 ? 0 : 8 - bits;
    if ((address[i] >> shift) != (prefix[i] >> shift)) return false;
  }
  return true;
}

bool is_private(const Bytes4& address) {
  return std::any_of(private_v4.begin(), private_v4.end(), [&address](const Prefix4& prefix) {
    return within(address, prefix.bytes, prefix.bits);
  });
}

Bytes4 embedded(const Bytes16& address, std::size_t offset) {
  Bytes4 bytes;
  std::copy_n(address.begin() + static_cast<std::ptrdiff_t>(offset), 4, bytes.begin());
  return bytes;
}

// An address that carries an IPv4 address leads wherever that one leads.
bool is_private(const Bytes16& address) {
  const auto in = [&address](const Prefix16& prefix) {
    return within(address, prefix.bytes, prefix.bits);
  };
  if (in(mapped_v4) || in(translated_v4)) return is_private(embedded(address, 12));
  if (in(sixtofour)) return is_private(embedded(address, 2));
  return !in(global_v6) || std::any_of(private_v6.begin(), private_v6.end(), in);
}

}  // namespace

bool is_private_address(std::string_view address) {
  const std::string text(address);
  Bytes4 v4;
  if (inet_pton(AF_INET, text.c_str(), v4.data()) == 1) return is_private(v4);
  Bytes16 v6;
  if (inet_pton(AF_INET6, text.c_str(), v6.data()) == 1) return is_private(v6);
  // What can't be read can't be known to be public.
  return true;
}

}  // namespace harmonia::net
