#include "workflow/schema_types.h"

#include <algorithm>
#include <string_view>

#include "base/utf8.h"
#include "expr/type_check.h"
#include "workflow/findings.h"

namespace harmonia::workflow {
namespace {

using expr::FieldType;
using expr::ObjectType;
using expr::Type;

Type with_kinds(Type type, unsigned kinds) {
  type.kinds = static_cast<std::uint16_t>(kinds);
  return type;
}

// A JSON value of these kinds; lists and maps of it are those of `list` and `map`.
Type combined(unsigned kinds, const Type& list, const Type& map) {
  return with_kinds(expr::either(list, map), kinds);
}

Type intersection(const Type& a, const Type& b);

ObjectType intersection(const ObjectType& a, const ObjectType& b) {
  ObjectType both;
  both.closed = a.closed || b.closed;
  both.others = both.closed ? expr::json_type() : intersection(a.others, b.others);
  auto add = [&both](const ObjectType& from, const ObjectType& other) {
    for (const auto& [name, field] : from.fields) {
      auto counterpart = other.fields.find(name);
      if (counterpart == other.fields.end()) {
        if (other.closed) continue;
        both.fields.emplace(name,
                            FieldType{intersection(field.type, other.others), field.required});
      } else {
        both.fields.emplace(name, FieldType{intersection(field.type, counterpart->second.type),
                                            field.required || counterpart->second.required});
      }
    }
  };
  add(a, b);
  add(b, a);
  return both;
}

// Of values that are of both types.
Type intersection(const Type& a, const Type& b) {
  Type list = expr::type_of_kinds(Type::list_bit);
  if (a.item && b.item) {
    list = expr::list_type(intersection(*a.item, *b.item));
  } else if (a.item || b.item) {
    list = expr::list_type(a.item ? *a.item : *b.item);
  }
  Type map = expr::type_of_kinds(Type::map_bit);
  if (a.object && b.object) {
    map = expr::object_type(intersection(*a.object, *b.object));
  } else if (a.object || b.object) {
    map = expr::object_type(a.object ? *a.object : *b.object);
  }
  return combined(a.kinds & b.kinds, list, map);
}

unsigned kinds_of_name(std::string_view name) {
  if (name == "null") return Type::null_bit;
  if (name == "boolean") return Type::bool_bit;
  if (name == "integer") return Type::int_bit;
  if (name == "number") return Type::number_bits;
  if (name == "string") return Type::string_bit;
  if (name == "array") return Type::list_bit;
  if (name == "object") return Type::map_bit;
  return Type::json_bits;
}

// A part with an identifier of its own changes what references in it mean.
bool has_inner_resource(const Json& value, bool is_root) {
  if (const auto* list = value.if_array()) {
    return std::any_of(list->begin(), list->end(),
                       [](const Json& item) { return has_inner_resource(item, false); });
  }
  const auto* object = value.if_object();
  if (object == nullptr) return false;
  if (!is_root && (object->contains("$id") || object->contains("$schema"))) return true;
  return std::any_of(object->begin(), object->end(),
                     [](const auto& member) { return has_inner_resource(member.value(), false); });
}

class SchemaReader {
 public:
  explicit SchemaReader(const Json& root) : root_(root) {
    const auto* object = root.if_object();
    if (object == nullptr) return;
    is_draft_7_ = get_string(*object, "$schema").find("draft-07") != std::string::npos;
  }

  Type read(const Json& schema, int depth) {
    const auto* object = schema.if_object();
    if (object == nullptr || depth >= depth_max || steps_left_ == 0) return expr::json_type();
    --steps_left_;
    const Json* reference = object->if_contains("$ref");
    if (reference != nullptr && is_draft_7_) return referred(*reference, depth);
    Type type = combined(kinds(*object), list(*object, depth), map(*object, depth));
    if (reference != nullptr) type = intersection(type, referred(*reference, depth));
    if (const Json* value = object->if_contains("const"))
      type = intersection(type, expr::type_of_json(*value));
    if (const Json* values = object->if_contains("enum")) type = intersection(type, any(*values));
    for (const char* name : {"anyOf", "oneOf"}) {
      if (const Json* options = object->if_contains(name))
        type = intersection(type, one_of(*options, depth));
    }
    if (const Json* parts = object->if_contains("allOf")) {
      for (const Json& part : parts->get_array()) type = intersection(type, read(part, depth + 1));
    }
    return type;
  }

 private:
  static constexpr int depth_max = 24;

  unsigned kinds(const JsonObject& schema) const {
    const Json* type = schema.if_contains("type");
    if (type == nullptr) return Type::json_bits;
    if (type->is_string()) return kinds_of_name(text_view(type->get_string()));
    unsigned all = 0;
    for (const Json& name : type->get_array()) all |= kinds_of_name(text_view(name.get_string()));
    return all;
  }

  Type list(const JsonObject& schema, int depth) {
    const Json* items = schema.if_contains("items");
    bool uniform = items != nullptr && items->is_object() && !schema.contains("prefixItems");
    if (!uniform) return expr::type_of_kinds(Type::list_bit);
    return expr::list_type(read(*items, depth + 1));
  }

  Type map(const JsonObject& schema, int depth) {
    ObjectType object;
    object.others = expr::json_type();
    const Json* additional = schema.if_contains("additionalProperties");
    if (additional != nullptr && !schema.contains("patternProperties")) {
      object.closed = additional->is_bool() && !additional->get_bool();
      object.others = read(*additional, depth + 1);
    }
    if (const Json* properties = schema.if_contains("properties")) {
      for (const auto& member : properties->get_object())
        object.fields[member.key()] = {read(member.value(), depth + 1), false};
    }
    if (const Json* required = schema.if_contains("required")) {
      for (const Json& name : required->get_array()) require(object, name.get_string());
    }
    return expr::object_type(std::move(object));
  }

  static void require(ObjectType& object, std::string_view name) {
    auto found = object.fields.find(name);
    if (found == object.fields.end()) {
      if (object.closed) return;
      found = object.fields.emplace(name, FieldType{object.others, true}).first;
    }
    found->second.required = true;
  }

  Type one_of(const Json& options, int depth) {
    Type all = expr::type_of_kinds(0);
    for (const Json& option : options.get_array()) all = expr::either(all, read(option, depth + 1));
    return all;
  }

  static Type any(const Json& values) {
    Type all = expr::type_of_kinds(0);
    for (const Json& value : values.get_array()) all = expr::either(all, expr::type_of_json(value));
    return all;
  }

  // Only plain pointers into the document are followed.
  Type referred(const Json& reference, int depth) {
    if (!reference.is_string()) return expr::json_type();
    std::string_view text = text_view(reference.get_string());
    bool is_pointer = text == "#" || text.starts_with("#/");
    if (!is_pointer || text.find('%') != std::string_view::npos) return expr::json_type();
    const Json* target = find_pointer(root_, text.substr(1));
    return target == nullptr ? expr::json_type() : read(*target, depth + 1);
  }

  const Json& root_;
  bool is_draft_7_ = false;
  int steps_left_ = 2000;
};

// Where a whole number is wanted, 3.0 will do, and no type tells it from 3.5.
unsigned admitted_kinds(const Type& wanted) {
  return wanted.may_be(Type::number_bits) ? wanted.kinds | Type::number_bits : wanted.kinds;
}

class MisfitSearch {
 public:
  void visit(const Json& source, const Type& type, const Type& wanted, const std::string& pointer) {
    if (type.kinds == 0 || wanted.kinds == 0) return;
    unsigned admitted = admitted_kinds(wanted);
    if ((type.kinds & admitted) == 0) {
      Type shown = with_kinds(wanted, admitted);
      return add({.pointer = pointer,
                  .message = "must be " + describe(shown) + ", but is " + describe(type)});
    }
    // The members of what an expression gives are not known for certain; written ones are.
    const auto* members = source.if_object();
    bool comparable = members != nullptr && type.object && wanted.object;
    if (comparable) visit_members(*members, *type.object, *wanted.object, pointer);
  }

  std::vector<Misfit> take() { return std::move(misfits_); }

 private:
  void visit_members(const JsonObject& members, const ObjectType& types, const ObjectType& wanted,
                     const std::string& pointer) {
    std::vector<std::string_view> names;
    for (const auto& [name, field] : wanted.fields) {
      names.push_back(name);
      if (!field.required || members.contains(json_view(name))) continue;
      add({.pointer = pointer, .message = "'" + name + "' is missing"});
    }
    for (const auto& member : members) {
      std::string_view name = text_view(member.key());
      std::string inner = child_pointer(pointer, name);
      auto known = wanted.fields.find(name);
      if (known == wanted.fields.end() && wanted.closed) {
        add({.pointer = std::move(inner),
             .at_key = true,
             .message = "there is no field '" + utf8_prefix(name, 80) + "' here",
             .hint = did_you_mean(nearest_name(name, names))});
        continue;
      }
      auto type = types.fields.find(name);
      if (type == types.fields.end()) continue;
      const Type& expected = known == wanted.fields.end() ? wanted.others : known->second.type;
      visit(member.value(), type->second.type, expected, inner);
    }
  }

  void add(Misfit misfit) {
    constexpr std::size_t misfits_max = 20;
    if (misfits_.size() < misfits_max) misfits_.push_back(std::move(misfit));
  }

  std::vector<Misfit> misfits_;
};

}  // namespace

expr::Type type_of_schema(const Json& schema) {
  if (has_inner_resource(schema, true)) return expr::json_type();
  return SchemaReader(schema).read(schema, 0);
}

std::vector<Misfit> find_misfits(const Json& source, const expr::Type& type,
                                 const expr::Type& wanted) {
  MisfitSearch search;
  search.visit(source, type, wanted, "");
  return search.take();
}

}  // namespace harmonia::workflow
