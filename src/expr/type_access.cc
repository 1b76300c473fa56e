#include <algorithm>

#include "expr/signatures.h"
#include "expr/text.h"
#include "expr/type_checker.h"

// x.name, x[key] and has(x.name); access.cc does the same with values.
namespace harmonia::expr {
namespace {

// A double that is whole finds what an int finds.
constexpr unsigned map_key_bits = Type::bool_bit | Type::number_bits | Type::string_bit;

}  // namespace

Type TypeChecker::select(const Node& node) {
  return access(node, visit(node.children[0]), {string_type(), node.name});
}

Type TypeChecker::index(const Node& node) {
  Type operand = visit(node.children[0]);
  Key key{visit(node.children[1]), std::nullopt};
  const Node& key_node = ast_.at(node.children[1]);
  bool is_name = key_node.kind == NodeKind::literal && key_node.literal.is(Kind::string);
  if (is_name) key.name = key_node.literal.view();
  return access(node, operand, key);
}

Type TypeChecker::presence(const Node& node) {
  Type operand = visit(node.children[0]);
  Key key{string_type(), node.name};
  // An optional that holds nothing has no members either.
  auto severity = TypeSeverity::error;
  if (operand.is_within(Type::optional_bit)) {
    operand = held_by(operand);
    severity = TypeSeverity::warning;
  }
  bool possible =
      operand.kinds == 0 || operand.may_be(Type::map_bit | Type::null_bit | Type::optional_bit);
  if (!possible) {
    no_members(node, operand, key, severity);
  } else if (!operand.may_be(Type::optional_bit)) {
    found_in(node, operand, key, true);
  }
  return bool_type();
}

// True when a list or map of this type may hold something under the key.
bool TypeChecker::can_hold(const Type& operand, const Key& key) const {
  bool in_map = operand.may_be(Type::map_bit) && key.type.may_be(map_key_bits);
  return in_map || (operand.may_be(Type::list_bit) && key.type.may_be(Type::number_bits));
}

Type TypeChecker::access(const Node& node, const Type& operand, const Key& key) {
  if (operand.kinds == 0 || key.type.kinds == 0) return dyn_type();
  bool may_be_optional = operand.may_be(Type::optional_bit);
  bool lenient = node.optional || forgiving_ > 0;
  Type found = type_of_kinds(0);
  if (can_hold(operand, key)) {
    found = found_in(node, operand, key, lenient || may_be_optional);
    if (node.optional) found = optional_type(std::move(found));
  } else if (!may_be_optional) {
    bool forgiven = lenient && operand.may_be(Type::null_bit);
    if (!forgiven) no_members(node, operand, key, TypeSeverity::error);
    return node.optional ? optional_type(dyn_type()) : dyn_type();
  }
  if (!may_be_optional) return found;
  // a.?b.c: what an optional holds is looked into, and the result is optional again.
  Type held = held_by(operand);
  Type inside = dyn_type();
  if (operand.is_within(Type::optional_bit) && held.kinds != Type::all_bits) {
    if (can_hold(held, key)) {
      inside = found_in(node, held, key, true);
    } else if (!held.may_be(Type::optional_bit | Type::null_bit)) {
      no_members(node, held, key, TypeSeverity::warning);
    }
  }
  return either(found, optional_type(std::move(inside)));
}

Type TypeChecker::found_in(const Node& node, const Type& operand, const Key& key, bool lenient) {
  Type found = type_of_kinds(0);
  if (operand.may_be(Type::list_bit) && key.type.may_be(Type::number_bits)) {
    found = item_of(operand);
  }
  if (!operand.may_be(Type::map_bit)) return found;
  bool by_name = key.name && operand.object;
  Type member = by_name ? field(node, *operand.object, *key.name, lenient) : value_of(operand);
  return either(found, member);
}

Type TypeChecker::field(const Node& node, const ObjectType& object, std::string_view name,
                        bool lenient) {
  auto found = object.fields.find(name);
  if (found != object.fields.end()) return found->second.type;
  if (!object.closed) return object.others.kinds == 0 ? dyn_type() : object.others;
  std::vector<std::string_view> candidates;
  std::vector<std::string> names;
  for (const auto& [known, _] : object.fields) {
    candidates.push_back(known);
    names.push_back(known);
  }
  std::string hint = names.empty() ? "it is empty" : "it has " + list_names(names);
  if (std::string_view nearest = nearest_name(name, candidates); !nearest.empty()) {
    hint = "did you mean '" + std::string(nearest) + "'?";
  }
  std::string operand = text_of(ast_.at(node.children[0]));
  bool already_told = !missing_.emplace(operand, name).second;
  if (already_told) return dyn_type();
  std::string message = operand + " has no member '" + std::string(name) + "'";
  if (lenient) {
    warn(node, message + ", so it is never there", std::move(hint));
  } else {
    fail(node, std::move(message), std::move(hint));
  }
  return dyn_type();
}

// A member or item of what has none, or a key that can't be one.
void TypeChecker::no_members(const Node& node, const Type& operand, const Key& key,
                             TypeSeverity severity) {
  std::string text = text_of(ast_.at(node.children[0]));
  if (operand.may_be(Type::list_bit)) {
    std::string hint =
        "its items are " + text + "[0] and so on, their number is size(" + text + ")";
    return report(severity, node,
                  text + " is a list; its index is a number, not " + describe(key.type), hint);
  }
  if (operand.may_be(Type::map_bit)) {
    return report(severity, node, describe(key.type) + " is no key of a map", {});
  }
  std::string part = key.name ? "member '" + std::string(*key.name) + "'" : "items";
  report(severity, node, text + " is " + describe(operand) + " and has no " + part, {});
}

}  // namespace harmonia::expr
