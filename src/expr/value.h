#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/assert.h"
#include "base/json.h"

// The values of one evaluation: 16 bytes, trivially copyable. What they point to is borrowed: JSON
// from the activation, literals from the program, everything built from the arena of the
// evaluation.
namespace harmonia::expr {

class LazyObject;
struct Value;
struct List;
struct Map;

enum class Kind : std::uint8_t {
  null,
  boolean,
  int64,
  uint64,
  float64,
  string,
  bytes,
  list,
  map,
  timestamp,
  duration,
  type,
  optional,
  error,
};

// How a list or map is held.
enum class Form : std::uint8_t { built, json, lazy };

// Why an evaluation failed. A missing member can be forgiven by `default`; a fatal failure (a
// limit) by nothing.
struct Failure {
  std::string_view message;
  bool missing = false;
  bool fatal = false;
};

struct Value {
  Kind kind = Kind::null;
  Form form = Form::built;
  // Bytes of a string, nanoseconds of a timestamp; of what an expression built of other values, how
  // many levels of those it holds.
  std::uint32_t aux = 0;
  union {
    bool boolean;
    std::int64_t int64 = 0;  // also seconds of a timestamp, nanoseconds of a duration
    std::uint64_t uint64;
    double float64;
    const char* text;
    const List* list;
    const JsonArray* json_array;
    const Map* map;
    const JsonObject* json_object;
    const LazyObject* lazy;
    const Value* held;  // of an optional; null means none
    const Failure* failure;
  };

  bool is(Kind other) const { return kind == other; }
  bool is_error() const { return kind == Kind::error; }
  bool is_number() const {
    return kind == Kind::int64 || kind == Kind::uint64 || kind == Kind::float64;
  }
  // Of a string, bytes or type.
  std::string_view view() const { return {text, aux}; }
};
static_assert(sizeof(Value) == 16);

// A list built by an expression.
struct List {
  std::span<const Value> items;
};

struct MapEntry {
  Value key;
  Value value;
};

// A map built by an expression, in the order of insertion. Larger ones carry a hash index (open
// addressing; 0 is free, else the entry's position + 1; a power of two in size).
struct Map {
  std::span<const MapEntry> entries;
  std::span<const std::uint32_t> index;

  // Numbers of different types are the same key when they are equal. Null when there is none.
  const Value* find(const Value& key) const;
};

namespace detail {
inline Value text_value(Kind kind, std::string_view text) {
  ASSERT(text.size() <= UINT32_MAX);
  Value value;
  value.kind = kind;
  value.aux = static_cast<std::uint32_t>(text.size());
  value.text = text.data();
  return value;
}
}  // namespace detail

inline Value null_value() { return {}; }

inline Value bool_value(bool boolean) {
  Value value;
  value.kind = Kind::boolean;
  value.boolean = boolean;
  return value;
}

inline Value int_value(std::int64_t number) {
  Value value;
  value.kind = Kind::int64;
  value.int64 = number;
  return value;
}

inline Value uint_value(std::uint64_t number) {
  Value value;
  value.kind = Kind::uint64;
  value.uint64 = number;
  return value;
}

inline Value double_value(double number) {
  Value value;
  value.kind = Kind::float64;
  value.float64 = number;
  return value;
}

inline Value string_value(std::string_view borrowed) {
  return detail::text_value(Kind::string, borrowed);
}
inline Value bytes_value(std::string_view borrowed) {
  return detail::text_value(Kind::bytes, borrowed);
}
// `name` must outlive the value: a literal.
inline Value type_value(std::string_view name) { return detail::text_value(Kind::type, name); }

inline Value list_value(const List* borrowed) {
  Value value;
  value.kind = Kind::list;
  value.list = borrowed;
  return value;
}

inline Value map_value(const Map* borrowed) {
  Value value;
  value.kind = Kind::map;
  value.map = borrowed;
  return value;
}

inline Value lazy_value(const LazyObject* borrowed) {
  Value value;
  value.kind = Kind::map;
  value.form = Form::lazy;
  value.lazy = borrowed;
  return value;
}

inline Value timestamp_value(std::int64_t seconds, std::uint32_t nanos) {
  Value value;
  value.kind = Kind::timestamp;
  value.aux = nanos;
  value.int64 = seconds;
  return value;
}

inline Value duration_value(std::int64_t nanos) {
  Value value;
  value.kind = Kind::duration;
  value.int64 = nanos;
  return value;
}

inline Value optional_value(const Value* held) {
  Value value;
  value.kind = Kind::optional;
  value.held = held;
  return value;
}

inline Value error_value(const Failure* failure) {
  Value value;
  value.kind = Kind::error;
  value.failure = failure;
  return value;
}

// JSON as a value, without copying. Integers are int when they fit, else uint.
Value json_value(const Json& json);

// The CEL name of a value's type: int, string, google.protobuf.Timestamp ...
std::string_view type_name(const Value& value);
// For messages: "a string", "a list", "null".
std::string_view kind_phrase(const Value& value);

// The size of a list that is not lazy.
inline std::size_t list_size(const Value& list) {
  return list.form == Form::json ? list.json_array->size() : list.list->items.size();
}
inline Value list_item(const Value& list, std::size_t index) {
  if (list.form == Form::json) return json_value((*list.json_array)[index]);
  return list.list->items[index];
}

// Only bool, int, uint and string (and a double equal to an integer, for lookups) can be keys.
bool is_map_key(const Value& value);
std::uint64_t key_hash(const Value& key);

}  // namespace harmonia::expr
