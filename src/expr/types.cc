#include "expr/types.h"

#include <algorithm>
#include <array>

namespace harmonia::expr {
namespace {

struct KindName {
  std::uint16_t bit;
  std::string_view name;
};
constexpr std::array<KindName, 13> kind_names = {{
    {Type::bool_bit, "bool"},
    {Type::int_bit, "int"},
    {Type::uint_bit, "uint"},
    {Type::double_bit, "double"},
    {Type::string_bit, "string"},
    {Type::bytes_bit, "bytes"},
    {Type::list_bit, "list"},
    {Type::map_bit, "map"},
    {Type::timestamp_bit, "timestamp"},
    {Type::duration_bit, "duration"},
    {Type::type_bit, "type"},
    {Type::optional_bit, "optional"},
    {Type::null_bit, "null"},
}};

constexpr std::size_t fields_max = 200;
constexpr int text_depth_max = 3;  // deeper, a message would not be read

std::uint16_t depth_of(const Type& type) {
  std::uint16_t deepest = 0;
  auto see = [&deepest](const Type& part) {
    deepest = std::max<std::uint16_t>(deepest, static_cast<std::uint16_t>(part.depth + 1));
  };
  if (type.item) see(*type.item);
  if (type.held) see(*type.held);
  if (!type.object) return deepest;
  for (const auto& [_, field] : type.object->fields) see(field.type);
  see(type.object->others);
  return deepest;
}

// The type with its depth, or without its parts when they are too deep.
Type finished(Type type) {
  type.depth = depth_of(type);
  return type.depth <= Type::depth_max ? std::move(type) : type_of_kinds(type.kinds);
}

std::shared_ptr<const Type> share(Type type) {
  return std::make_shared<const Type>(std::move(type));
}

// Joins two types within a number of steps; what is left then is dyn.
class Joiner {
 public:
  Type join(const Type& a, const Type& b) {
    if (steps_left_ == 0) return {};
    --steps_left_;
    Type joined;
    joined.kinds = a.kinds | b.kinds;
    joined.item = part(a, b, Type::list_bit, &Type::item);
    joined.held = part(a, b, Type::optional_bit, &Type::held);
    joined.object = object(a, b);
    return finished(std::move(joined));
  }

 private:
  using Part = std::shared_ptr<const Type>;

  // The part of a kind: of whichever can be of that kind, of both when both can.
  Part part(const Type& a, const Type& b, unsigned bit, Part Type::*member) {
    if (!b.may_be(bit) || a.*member == b.*member) return a.*member;
    if (!a.may_be(bit)) return b.*member;
    if (!(a.*member) || !(b.*member)) return nullptr;
    return share(join(*(a.*member), *(b.*member)));
  }

  std::shared_ptr<const ObjectType> object(const Type& a, const Type& b) {
    if (!b.may_be(Type::map_bit) || a.object == b.object) return a.object;
    if (!a.may_be(Type::map_bit)) return b.object;
    if (!a.object || !b.object) return nullptr;
    // Many different objects joined one after the other would be copied again and again.
    if (a.object->fields.size() + b.object->fields.size() > fields_max) return nullptr;
    auto joined = std::make_shared<ObjectType>();
    joined->closed = a.object->closed && b.object->closed;
    joined->key_kinds = a.object->key_kinds | b.object->key_kinds;
    joined->others = others(*a.object, *b.object);
    add_fields(*joined, *a.object, *b.object, true);
    add_fields(*joined, *b.object, *a.object, false);
    return joined;
  }

  Type others(const ObjectType& a, const ObjectType& b) {
    if (a.closed) return b.others;
    return b.closed ? a.others : join(a.others, b.others);
  }

  // The fields of `from`; those that `other` has too only when `both`.
  void add_fields(ObjectType& joined, const ObjectType& from, const ObjectType& other, bool both) {
    for (const auto& [name, field] : from.fields) {
      if (steps_left_ == 0) {
        // Fields left out are unknown members.
        joined.closed = false;
        joined.others = {};
        return;
      }
      auto counterpart = other.fields.find(name);
      if (counterpart == other.fields.end()) {
        --steps_left_;
        Type type = other.closed ? field.type : join(field.type, other.others);
        joined.fields.emplace(name, FieldType{std::move(type), false});
      } else if (both) {
        joined.fields.emplace(name, FieldType{join(field.type, counterpart->second.type),
                                              field.required && counterpart->second.required});
      }
    }
  }

  int steps_left_ = 500;
};

// What values become as JSON, within a number of steps; what is left then is any JSON.
class JsonConverter {
 public:
  Type convert(const Type& type) {
    if (type.is_dyn() || steps_left_ == 0) return json_type();
    --steps_left_;
    constexpr unsigned texts = Type::bytes_bit | Type::timestamp_bit | Type::duration_bit |
                               Type::type_bit | Type::string_bit;
    Type json = type_of_kinds(type.kinds & Type::json_bits);
    if (type.may_be(texts)) json.kinds |= Type::string_bit;
    // A uint becomes an int where it fits.
    if (type.may_be(Type::uint_bit)) json.kinds |= Type::int_bit;
    if (type.item) json.item = share(convert(*type.item));
    if (type.object) json.object = convert(*type.object);
    json = finished(std::move(json));
    if (!type.may_be(Type::optional_bit)) return json;
    json.kinds |= Type::null_bit;
    return either(json, type.held ? convert(*type.held) : json_type());
  }

 private:
  std::shared_ptr<const ObjectType> convert(const ObjectType& object) {
    // Keys become texts, of which only those of fields are known.
    bool text_keys = object.key_kinds == Type::string_bit;
    auto json = std::make_shared<ObjectType>();
    json->closed = object.closed && text_keys;
    json->others = text_keys && !object.closed ? convert(object.others) : json_type();
    for (const auto& [name, field] : object.fields) {
      if (steps_left_ == 0) {
        json->closed = false;
        json->others = json_type();
        break;
      }
      json->fields.emplace(name, FieldType{convert(field.type), field.required});
    }
    return json;
  }

  int steps_left_ = 2000;
};

std::string text_at(const Type& type, int depth) {
  if (type.kinds == Type::all_bits) return "dyn";
  if (type.kinds == Type::json_bits) return "any JSON";
  std::string out;
  auto add = [&out](std::string_view name) {
    if (!out.empty()) out += " or ";
    out += name;
  };
  std::uint16_t left = type.kinds;
  if ((left & Type::number_bits) == Type::number_bits) {
    add("number");
    left = static_cast<std::uint16_t>(left & ~Type::number_bits);
  }
  for (const KindName& kind : kind_names) {
    if ((left & kind.bit) == 0) continue;
    add(kind.name);
    const Type* part = kind.bit == Type::list_bit       ? type.item.get()
                       : kind.bit == Type::optional_bit ? type.held.get()
                                                        : nullptr;
    if (part && depth < text_depth_max) out += "(" + text_at(*part, depth + 1) + ")";
  }
  return out.empty() ? "nothing" : out;
}

}  // namespace

Type type_of_kinds(unsigned kinds) {
  Type type;
  type.kinds = static_cast<std::uint16_t>(kinds);
  return type;
}

Type list_type(Type item) {
  Type type = type_of_kinds(Type::list_bit);
  type.item = share(std::move(item));
  return finished(std::move(type));
}

Type optional_type(Type held) {
  Type type = type_of_kinds(Type::optional_bit);
  type.held = share(std::move(held));
  return finished(std::move(type));
}

Type object_type(ObjectType object) {
  Type type = type_of_kinds(Type::map_bit);
  type.object = std::make_shared<const ObjectType>(std::move(object));
  return finished(std::move(type));
}

Type map_type(Type value) {
  ObjectType object;
  object.others = std::move(value);
  return object_type(std::move(object));
}

Type either(const Type& a, const Type& b) { return Joiner().join(a, b); }

Type type_in_json(const Type& type) { return JsonConverter().convert(type); }

std::string describe(const Type& type) { return text_at(type, 0); }

}  // namespace harmonia::expr
