#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

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
  std::uint32_t aux = 0;  // bytes of a string, nanoseconds of a timestamp
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

Value null_value();
Value bool_value(bool value);
Value int_value(std::int64_t value);
Value uint_value(std::uint64_t value);
Value double_value(double value);
Value string_value(std::string_view borrowed);
Value bytes_value(std::string_view borrowed);
Value list_value(const List* borrowed);
Value map_value(const Map* borrowed);
Value lazy_value(const LazyObject* borrowed);
Value timestamp_value(std::int64_t seconds, std::uint32_t nanos);
Value duration_value(std::int64_t nanos);
// `name` must outlive the value: a literal.
Value type_value(std::string_view name);
Value optional_value(const Value* held);
Value error_value(const Failure* failure);

// JSON as a value, without copying. Integers are int when they fit, else uint.
Value json_value(const Json& json);

// The CEL name of a value's type: int, string, google.protobuf.Timestamp ...
std::string_view type_name(const Value& value);
// For messages: "a string", "a list", "null".
std::string_view kind_phrase(const Value& value);

// The size of a list that is not lazy.
std::size_t list_size(const Value& list);
Value list_item(const Value& list, std::size_t index);

// Only bool, int, uint and string (and a double equal to an integer, for lookups) can be keys.
bool is_map_key(const Value& value);
std::uint64_t key_hash(const Value& key);

}  // namespace harmonia::expr
