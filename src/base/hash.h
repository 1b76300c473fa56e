#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace harmonia {

// FNV-1a followed by a finaliser: stable between versions and machines, not for secrets. Retry
// jitter depends on it, so its values are frozen.
std::uint64_t stable_hash(std::string_view bytes, std::uint64_t seed = 0);

// SHA-256 as 64 lower-case hex digits.
std::string sha256_hex(std::string_view bytes);

}  // namespace harmonia
