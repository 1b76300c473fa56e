#include "expr/value.h"

#include <cmath>
#include <limits>

#include "base/hash.h"
#include "expr/compare.h"

namespace harmonia::expr {
namespace {

constexpr std::uint64_t mix(std::uint64_t x) {
  x ^= x >> 31;
  x *= 0x9e3779b97f4a7c15u;
  return x ^ (x >> 29);
}

}  // namespace

Value json_value(const Json& json) {
  Value value;
  switch (json.kind()) {
    case boost::json::kind::null: return value;
    case boost::json::kind::bool_: return bool_value(json.get_bool());
    case boost::json::kind::int64: return int_value(json.get_int64());
    case boost::json::kind::uint64: {
      std::uint64_t number = json.get_uint64();
      if (number > static_cast<std::uint64_t>(INT64_MAX)) return uint_value(number);
      return int_value(static_cast<std::int64_t>(number));
    }
    case boost::json::kind::double_: return double_value(json.get_double());
    case boost::json::kind::string:
      return string_value({json.get_string().data(), json.get_string().size()});
    case boost::json::kind::array:
      value.kind = Kind::list;
      value.form = Form::json;
      value.json_array = &json.get_array();
      return value;
    case boost::json::kind::object:
      value.kind = Kind::map;
      value.form = Form::json;
      value.json_object = &json.get_object();
      return value;
  }
  return value;
}

std::string_view type_name(const Value& value) {
  switch (value.kind) {
    case Kind::null: return "null_type";
    case Kind::boolean: return "bool";
    case Kind::int64: return "int";
    case Kind::uint64: return "uint";
    case Kind::float64: return "double";
    case Kind::string: return "string";
    case Kind::bytes: return "bytes";
    case Kind::list: return "list";
    case Kind::map: return "map";
    case Kind::timestamp: return "google.protobuf.Timestamp";
    case Kind::duration: return "google.protobuf.Duration";
    case Kind::type: return "type";
    case Kind::optional: return "optional_type";
    case Kind::error: return "error";
  }
  return "error";
}

std::string_view kind_phrase(const Value& value) {
  switch (value.kind) {
    case Kind::null: return "null";
    case Kind::boolean: return "a bool";
    case Kind::int64: return "an int";
    case Kind::uint64: return "a uint";
    case Kind::float64: return "a double";
    case Kind::string: return "a string";
    case Kind::bytes: return "bytes";
    case Kind::list: return "a list";
    case Kind::map: return "a map";
    case Kind::timestamp: return "a timestamp";
    case Kind::duration: return "a duration";
    case Kind::type: return "a type";
    case Kind::optional: return "an optional";
    case Kind::error: return "an error";
  }
  return "an error";
}

bool is_map_key(const Value& value) {
  return value.is(Kind::boolean) || value.is(Kind::int64) || value.is(Kind::uint64) ||
         value.is(Kind::string);
}

std::uint64_t key_hash(const Value& key) {
  switch (key.kind) {
    case Kind::boolean: return mix(key.boolean ? 2 : 1);
    case Kind::int64: return mix(static_cast<std::uint64_t>(key.int64) + 3);
    case Kind::uint64: return mix(key.uint64 + 3);
    case Kind::float64:
      // Equal numbers must hash alike whatever their type.
      if (key.float64 >= -9223372036854775808.0 && key.float64 < 9223372036854775808.0) {
        return mix(static_cast<std::uint64_t>(static_cast<std::int64_t>(key.float64)) + 3);
      }
      if (key.float64 >= 0 && key.float64 < 18446744073709551616.0) {
        return mix(static_cast<std::uint64_t>(key.float64) + 3);
      }
      return 0;
    case Kind::string: return stable_hash(key.view());
    case Kind::null:
    case Kind::bytes:
    case Kind::list:
    case Kind::map:
    case Kind::timestamp:
    case Kind::duration:
    case Kind::type:
    case Kind::optional:
    case Kind::error: return 0;
  }
  return 0;
}

const Value* Map::find(const Value& key) const {
  if (index.empty()) {
    for (const MapEntry& entry : entries) {
      if (keys_equal(entry.key, key)) return &entry.value;
    }
    return nullptr;
  }
  std::size_t mask = index.size() - 1;
  for (std::size_t slot = key_hash(key) & mask;; slot = (slot + 1) & mask) {
    std::uint32_t position = index[slot];
    if (position == 0) return nullptr;
    const MapEntry& entry = entries[position - 1];
    if (keys_equal(entry.key, key)) return &entry.value;
  }
}

}  // namespace harmonia::expr
