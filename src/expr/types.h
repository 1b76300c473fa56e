#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

// What is known of a value before an expression runs. A type is the set of the kinds its value may
// be of, so "string or null" and "int or double" are types like any other, and what is not known is
// the full set, dyn. Whoever is in doubt gives dyn.
// Immutable once made; the functions below make them.
namespace harmonia::expr {

struct ObjectType;

struct Type {
  // One bit for each kind.
  enum Kinds : std::uint16_t {
    null_bit = 1u << 0,
    bool_bit = 1u << 1,
    int_bit = 1u << 2,
    uint_bit = 1u << 3,
    double_bit = 1u << 4,
    string_bit = 1u << 5,
    bytes_bit = 1u << 6,
    list_bit = 1u << 7,
    map_bit = 1u << 8,
    timestamp_bit = 1u << 9,
    duration_bit = 1u << 10,
    type_bit = 1u << 11,
    optional_bit = 1u << 12,
    number_bits = int_bit | uint_bit | double_bit,
    json_bits = null_bit | bool_bit | number_bits | string_bit | list_bit | map_bit,
    all_bits = (1u << 13) - 1,
  };

  // What lies deeper than this many levels is dyn.
  static constexpr std::uint16_t depth_max = 64;

  std::uint16_t kinds = all_bits;
  std::uint16_t depth = 0;                   // of the parts below; kept by the functions here
  std::shared_ptr<const Type> item;          // of the items when it is a list; null: dyn
  std::shared_ptr<const Type> held;          // of what an optional holds; null: dyn
  std::shared_ptr<const ObjectType> object;  // of the members when it is a map; null: any

  bool may_be(unsigned bits) const { return (kinds & bits) != 0; }
  // True when it is certainly one of these.
  bool is_within(unsigned bits) const { return (kinds & ~bits) == 0; }
  bool is_dyn() const { return kinds == all_bits; }
};

struct FieldType {
  Type type;
  bool required = false;
};

// The members of a map. `closed`: there are no others than `fields`; else the others are of the
// type `others`.
struct ObjectType {
  std::map<std::string, FieldType, std::less<>> fields;
  bool closed = false;
  Type others;
  std::uint16_t key_kinds = Type::string_bit;  // of maps that an expression builds also others
};

// A type of these kinds (Type::int_bit | Type::null_bit ...); 0 is a value that can't be.
Type type_of_kinds(unsigned kinds);
inline Type dyn_type() { return {}; }
// What JSON can hold, without more knowledge.
inline Type json_type() { return type_of_kinds(Type::json_bits); }
// A JSON number that need not be whole: an int when it is, else a double.
inline Type number_type() { return type_of_kinds(Type::number_bits); }
// Also for JSON Schema's integer, although 3.0, a double here, is one too.
inline Type int_type() { return type_of_kinds(Type::int_bit); }
inline Type string_type() { return type_of_kinds(Type::string_bit); }
inline Type bool_type() { return type_of_kinds(Type::bool_bit); }
inline Type null_type() { return type_of_kinds(Type::null_bit); }
Type list_type(Type item);
Type optional_type(Type held);
Type object_type(ObjectType object);
// A map with any keys and values of this type.
Type map_type(Type value);

// The type of a value that is of one of the two. Of types too large to compare in detail it says
// less. (A hostile expression can build types that double with each step; the work is bounded.)
Type either(const Type& a, const Type& b);

// The type of the value once it has left the expression as JSON: times and bytes are strings, what
// an optional holds stands for itself.
Type type_in_json(const Type& type);

// For messages: "int", "string or null", "list(int)", "map", "dyn".
std::string describe(const Type& type);

}  // namespace harmonia::expr
