#include "expr/type_check.h"

#include <algorithm>

#include "expr/function.h"
#include "expr/signatures.h"
#include "expr/type_checker.h"

namespace harmonia::expr {
namespace {

constexpr unsigned key_bits = Type::bool_bit | Type::int_bit | Type::uint_bit | Type::string_bit;
constexpr unsigned order_bits = Type::bool_bit | Type::number_bits | Type::string_bit |
                                Type::bytes_bit | Type::timestamp_bit | Type::duration_bit;

Type type_of_literal(const Value& value) {
  static_assert(1u << static_cast<unsigned>(Kind::null) == Type::null_bit);
  static_assert(1u << static_cast<unsigned>(Kind::string) == Type::string_bit);
  static_assert(1u << static_cast<unsigned>(Kind::optional) == Type::optional_bit);
  return type_of_kinds(1u << static_cast<unsigned>(value.kind));
}

Type without(Type type, unsigned bits) {
  type.kinds = static_cast<std::uint16_t>(type.kinds & ~bits);
  return type;
}

}  // namespace

TypeChecker::TypeChecker(const Program& program, const TypeEnvironment& environment)
    : program_(program.impl()), ast_(program_.ast), environment_(environment) {
  locals_.resize(program_.locals_max);
}

TypeCheckResult TypeChecker::run(bool is_condition) {
  TypeCheckResult result;
  result.type = visit(ast_.root);
  if (is_condition) expect_bool(ast_.root, result.type);
  result.findings = std::move(findings_);
  return result;
}

Type TypeChecker::visit(NodeId id) {
  const Node& node = ast_.at(id);
  switch (node.kind) {
    case NodeKind::literal: return type_of_literal(node.literal);
    case NodeKind::identifier: return identifier(node);
    case NodeKind::select: return select(node);
    case NodeKind::index: return index(node);
    case NodeKind::call: return call(node);
    case NodeKind::list: return list(node);
    case NodeKind::map: return map(node);
    case NodeKind::conditional: return conditional(node);
    case NodeKind::logical_and:
    case NodeKind::logical_or: return logical(node);
    case NodeKind::presence: return presence(node);
    case NodeKind::comprehension: return comprehension(node);
    case NodeKind::bind: return bind(node);
    case NodeKind::option_map: return option_map(node);
    case NodeKind::fallback: return fallback(node);
  }
  return dyn_type();
}

Type TypeChecker::identifier(const Node& node) {
  if (node.target == Target::local) return locals_[node.slot];
  if (node.target != Target::root) return dyn_type();
  Type root = environment_.root(program_.roots[node.slot]);
  return root.kinds == 0 ? dyn_type() : root;
}

Type TypeChecker::call(const Node& node) {
  std::vector<Type> arguments;
  arguments.reserve(node.children.size());
  for (NodeId child : node.children) arguments.push_back(visit(child));
  if (!node.function) return dyn_type();
  std::string_view name = node.function->name;
  CallType call = type_of_call(name, node.function->has_receiver, arguments);
  if (!call.viable) no_overload(node, arguments);
  if (name == "_==_" || name == "_!=_") check_equality(node, arguments[0], arguments[1]);
  if (name == "_in_" && call.viable) check_membership(node, arguments[0], arguments[1]);
  return call.type;
}

Type TypeChecker::list(const Node& node) {
  Type items = type_of_kinds(0);
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    Type item = visit(node.children[i]);
    if (node.optional_children[i]) {
      if (!item.may_be(Type::optional_bit)) {
        fail(ast_.at(node.children[i]), "[?x] needs an optional, but this is " + describe(item));
      }
      item = held_by(item);
    }
    items = either(items, item);
  }
  return list_type(std::move(items));
}

Type TypeChecker::map(const Node& node) {
  ObjectType object;
  object.closed = true;
  object.others = type_of_kinds(0);
  object.key_kinds = 0;
  for (std::size_t i = 0; i + 1 < node.children.size(); i += 2) {
    const Node& key_node = ast_.at(node.children[i]);
    Type key = visit(node.children[i]);
    Type value = visit(node.children[i + 1]);
    bool optional = node.optional_children[i / 2];
    if (!key.may_be(key_bits)) {
      fail(key_node, "the key of a map is a string, int, uint or bool, not " + describe(key));
    }
    if (optional && !value.may_be(Type::optional_bit)) {
      fail(ast_.at(node.children[i + 1]),
           "{?key: x} needs an optional, but this is " + describe(value));
    }
    if (optional) value = held_by(value);
    object.key_kinds = static_cast<std::uint16_t>(object.key_kinds | (key.kinds & key_bits));
    if (key_node.kind == NodeKind::literal && key_node.literal.is(Kind::string)) {
      object.fields.emplace(key_node.literal.view(), FieldType{std::move(value), !optional});
    } else {
      object.closed = false;
      object.others = either(object.others, value);
    }
  }
  return object_type(std::move(object));
}

Type TypeChecker::logical(const Node& node) {
  for (NodeId child : node.children) {
    expect_bool(child, visit(child));
    warn_if_constant(child);
  }
  return bool_type();
}

Type TypeChecker::conditional(const Node& node) {
  expect_bool(node.children[0], visit(node.children[0]));
  warn_if_constant(node.children[0]);
  Type chosen = visit(node.children[1]);
  return either(chosen, visit(node.children[2]));
}

Type TypeChecker::bind(const Node& node) {
  locals_[node.slot] = visit(node.children[0]);
  return visit(node.children[1]);
}

Type TypeChecker::option_map(const Node& node) {
  Type optional = visit(node.children[0]);
  if (!optional.may_be(Type::optional_bit)) {
    fail(ast_.at(node.children[0]),
         std::string(node.name) + "() needs an optional, but this is " + describe(optional),
         "write x.?member, or optional.of(x)");
  }
  locals_[node.slot] = held_by(optional);
  Type body = visit(node.children[1]);
  if (node.macro == Macro::option_map) return optional_type(std::move(body));
  if (!body.may_be(Type::optional_bit)) {
    fail(ast_.at(node.children[1]),
         "the body of optFlatMap() gives an optional, but this is " + describe(body),
         "optMap() is for other bodies");
    return dyn_type();
  }
  return without(std::move(body), ~unsigned{Type::optional_bit});
}

Type TypeChecker::fallback(const Node& node) {
  ++forgiving_;
  Type value = visit(node.children[0]);
  --forgiving_;
  Type otherwise = visit(node.children[1]);
  if (value.may_be(Type::optional_bit)) {
    value = either(without(value, Type::optional_bit), held_by(value));
  }
  return either(value, otherwise);
}

// Gives the variables of a macro their types.
void TypeChecker::enter(const Node& node, const Type& range) {
  bool is_list = range.may_be(Type::list_bit);
  bool is_map = range.may_be(Type::map_bit);
  if (!is_list && !is_map) {
    const Node& operand = ast_.at(node.children[0]);
    fail(operand, text_of(operand) + " is " + describe(range) + ", but " + std::string(node.name) +
                      "() needs a list or a map");
    for (std::size_t i = 0; i < (node.two_variables ? 2u : 1u); ++i) {
      locals_[node.slot + i] = dyn_type();
    }
    return;
  }
  Type nothing = type_of_kinds(0);
  Type keys = is_map ? key_of(range) : nothing;
  Type items = is_list ? item_of(range) : nothing;
  if (!node.two_variables) {
    locals_[node.slot] = either(items, keys);
    return;
  }
  locals_[node.slot] = either(is_list ? int_type() : nothing, keys);
  locals_[node.slot + 1] = either(items, is_map ? value_of(range) : nothing);
}

Type TypeChecker::comprehension(const Node& node) {
  enter(node, visit(node.children[0]));
  std::size_t bodies = node.children.size() - 1;
  bool filters = node.macro == Macro::filter || node.macro == Macro::all ||
                 node.macro == Macro::exists || node.macro == Macro::exists_one;
  Type body;
  for (std::size_t i = 1; i <= bodies; ++i) {
    body = visit(node.children[i]);
    bool is_condition = filters || i < bodies;
    if (is_condition) expect_bool(node.children[i], body);
  }
  switch (node.macro) {
    case Macro::all:
    case Macro::exists:
    case Macro::exists_one: return bool_type();
    case Macro::map:
    case Macro::map_where: return list_type(std::move(body));
    case Macro::filter: return list_type(locals_[node.slot]);
    case Macro::sort_by:
      if (!body.may_be(order_bits)) {
        fail(ast_.at(node.children[1]), "sortBy() can't order by " + describe(body));
      }
      return list_type(locals_[node.slot]);
    case Macro::transform_map:
    case Macro::transform_map_where:
    case Macro::transform_entry:
    case Macro::transform_entry_where: return transformed_map(node, body);
    case Macro::none:
    case Macro::option_map:
    case Macro::option_flat_map: break;
  }
  return dyn_type();
}

Type TypeChecker::transformed_map(const Node& node, const Type& body) {
  ObjectType object;
  bool by_entry =
      node.macro == Macro::transform_entry || node.macro == Macro::transform_entry_where;
  if (!by_entry) {
    object.key_kinds = static_cast<std::uint16_t>(locals_[node.slot].kinds & key_bits);
    object.others = body;
    return object_type(std::move(object));
  }
  if (!body.may_be(Type::map_bit)) {
    fail(ast_.at(node.children.back()),
         "the body of transformMapEntry() gives a map, but this is " + describe(body));
    return dyn_type();
  }
  object.key_kinds = static_cast<std::uint16_t>(key_of(body).kinds & key_bits);
  object.others = value_of(body);
  return object_type(std::move(object));
}

TypeCheckResult check_types(const Program& program, const TypeEnvironment& environment) {
  return TypeChecker(program, environment).run(false);
}

TypeCheckResult check_condition_types(const Program& program, const TypeEnvironment& environment) {
  return TypeChecker(program, environment).run(true);
}

Type type_of_json(const Json& json) {
  if (const auto* array = json.if_array()) {
    constexpr std::size_t items_max = 20;  // of longer lists nobody asks
    if (array->size() > items_max) return list_type(json_type());
    Type items = type_of_kinds(0);
    for (const Json& item : *array) items = either(items, type_of_json(item));
    return list_type(std::move(items));
  }
  const auto* members = json.if_object();
  if (!members) return type_of_literal(json_value(json));
  ObjectType object;
  object.closed = true;
  for (const auto& member : *members) {
    object.fields.emplace(text_view(member.key()), FieldType{type_of_json(member.value()), true});
  }
  return object_type(std::move(object));
}

}  // namespace harmonia::expr
