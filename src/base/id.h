#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>

namespace harmonia {

// 128 bits, printed as a canonical lower-case UUID. New ones are version 7 (RFC 9562): they sort by
// time, which keeps indexes over them local.
struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  auto operator<=>(const Uuid&) const = default;
};

std::string to_string(const Uuid& uuid);
// Nothing unless `text` is 36 characters of canonical form; upper-case hex digits are accepted.
std::optional<Uuid> parse_uuid(std::string_view text);
// A version 7 UUID of `unix_millis` and 74 bits of randomness.
Uuid make_uuid_v7(std::int64_t unix_millis, std::uint64_t random_high, std::uint64_t random_low);

// A version 8 UUID that follows from a text: the same text, the same id. Frozen.
Uuid uuid_from_text(std::string_view text);

// An id that can't be mistaken for one of another kind.
template <class Tag>
struct Id {
  Uuid uuid;

  auto operator<=>(const Id&) const = default;
  bool is_nil() const { return uuid == Uuid{}; }
};

template <class Tag>
std::string to_string(const Id<Tag>& id) {
  return to_string(id.uuid);
}

template <class IdType>
std::optional<IdType> parse_id(std::string_view text) {
  auto uuid = parse_uuid(text);
  if (!uuid) return std::nullopt;
  return IdType{*uuid};
}

using WorkflowId = Id<struct WorkflowTag>;
using ExecutionId = Id<struct ExecutionTag>;

// Mixes all bits, also of version 7 ids made in the same millisecond.
std::uint64_t hash_value(const Uuid& uuid);

}  // namespace harmonia

template <class Tag>
struct std::hash<harmonia::Id<Tag>> {
  std::size_t operator()(const harmonia::Id<Tag>& id) const {
    return harmonia::hash_value(id.uuid);
  }
};
