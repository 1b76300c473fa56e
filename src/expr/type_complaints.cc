#include <algorithm>

#include "expr/function.h"
#include "expr/signatures.h"
#include "expr/type_checker.h"

// What is said about operands that don't fit.
namespace harmonia::expr {
namespace {

// "+" of "_+_"; empty for functions with a name.
std::string operator_symbol(std::string_view name) {
  if (!name.ends_with('_')) return {};
  std::string symbol(name.substr(0, name.size() - 1));
  return symbol.starts_with('_') ? symbol.substr(1) : symbol;
}

// The kinds of a type with all numbers when it may be one, for they are equal by value.
unsigned equality_kinds(const Type& type) {
  return type.may_be(Type::number_bits) ? type.kinds | Type::number_bits : type.kinds;
}

bool never_equal(const Type& a, const Type& b) {
  return a.kinds != 0 && b.kinds != 0 && (equality_kinds(a) & equality_kinds(b)) == 0;
}

// How the two sides of an operator could be brought together; may be empty.
std::string conversion_hint(std::string_view symbol, const Type& a, const Type& b) {
  auto one_is = [&](unsigned bits) { return a.is_within(bits) || b.is_within(bits); };
  if (one_is(Type::optional_bit)) return "take the value out with x.orValue(...)";
  if (a.may_be(Type::number_bits) && b.may_be(Type::number_bits)) {
    return "numbers of different types don't mix: convert with int(x) or double(x)";
  }
  if (one_is(Type::timestamp_bit) && one_is(Type::string_bit)) {
    return "read the text with timestamp(x) or duration(x)";
  }
  if (one_is(Type::duration_bit) && one_is(Type::number_bits)) {
    return "write a duration, as in duration('90s')";
  }
  if (symbol == "+" && one_is(Type::string_bit)) return "convert with string(x)";
  if (one_is(Type::string_bit) && one_is(Type::number_bits)) {
    return "convert the text with int(x) or double(x)";
  }
  return {};
}

}  // namespace

void TypeChecker::no_overload(const Node& node, std::span<const Type> arguments) {
  std::string_view name = node.function->name;
  std::string symbol = operator_symbol(name);
  if (symbol.empty()) {
    std::string types;
    for (const Type& argument : arguments)
      types += (types.empty() ? "" : ", ") + describe(argument);
    std::string hint = "it takes " + overloads_text(name, node.function->has_receiver);
    if (node.function->has_receiver) hint += ", first what stands before the dot";
    return fail(node, "no such overload: " + std::string(name) + "(" + types + ")", hint);
  }
  if (arguments.size() == 1) {
    std::string hint = symbol == "!" ? "only a bool can be negated with !" : "";
    return fail(node, "no such overload: " + symbol + describe(arguments[0]), hint);
  }
  fail(node,
       "no such overload: " + describe(arguments[0]) + " " + symbol + " " + describe(arguments[1]),
       conversion_hint(symbol, arguments[0], arguments[1]));
}

void TypeChecker::check_equality(const Node& node, const Type& a, const Type& b) {
  if (!never_equal(a, b)) return;
  std::string outcome = node.function->name == "_==_" ? "false" : "true";
  std::string hint = conversion_hint("", a, b);
  bool with_null = a.is_within(Type::null_bit) || b.is_within(Type::null_bit);
  if (with_null) hint = "what may be absent is asked for with has(x.y)";
  warn(node, "always " + outcome + ": " + describe(a) + " and " + describe(b) + " are never equal",
       std::move(hint));
}

void TypeChecker::check_membership(const Node& node, const Type& item, const Type& container) {
  if (container.is_within(Type::list_bit) && container.item) {
    if (!never_equal(item, *container.item)) return;
    warn(node,
         "always false: the items are " + describe(*container.item) + ", never " + describe(item));
  } else if (container.is_within(Type::map_bit)) {
    Type key = key_of(container);
    if (!never_equal(item, key)) return;
    warn(node, "always false: the keys are " + describe(key) + ", never " + describe(item));
  }
}

void TypeChecker::expect_bool(NodeId id, const Type& type) {
  if (type.kinds == 0 || type.may_be(Type::bool_bit)) return;
  std::string hint;
  if (type.is_within(Type::optional_bit)) {
    hint = "take the value out with x.orValue(false)";
  } else if (type.is_within(Type::number_bits)) {
    hint = "compare it, as in x > 0";
  } else if (type.is_within(Type::string_bit)) {
    hint = "compare it, as in x == 'yes'";
  } else if (type.is_within(Type::list_bit | Type::map_bit)) {
    hint = "ask for its size, as in size(x) > 0";
  }
  const Node& node = ast_.at(id);
  fail(node, text_of(node) + " must be true or false here, but is " + describe(type),
       std::move(hint));
}

void TypeChecker::warn_if_constant(NodeId id) {
  if (is_constant(id)) {
    const Node& node = ast_.at(id);
    warn(node, text_of(node) + " names nothing, so it is the same every time");
  }
}

bool TypeChecker::is_constant(NodeId id) const {
  const Node& node = ast_.at(id);
  if (node.kind == NodeKind::identifier) return false;
  return std::all_of(node.children.begin(), node.children.end(),
                     [this](NodeId child) { return is_constant(child); });
}

std::string TypeChecker::text_of(const Node& node) const {
  constexpr std::size_t length_max = 80;
  std::string_view source = program_.source;
  return std::string(source.substr(node.range.offset, std::min(node.range.length, length_max)));
}

void TypeChecker::report(TypeSeverity severity, const Node& node, std::string message,
                         std::string hint) {
  constexpr std::size_t findings_max = 100;
  if (findings_.size() >= findings_max) return;
  findings_.push_back({severity, std::move(message), std::move(hint), node.range});
}

void TypeChecker::fail(const Node& node, std::string message, std::string hint) {
  report(TypeSeverity::error, node, std::move(message), std::move(hint));
}

void TypeChecker::warn(const Node& node, std::string message, std::string hint) {
  report(TypeSeverity::warning, node, std::move(message), std::move(hint));
}

}  // namespace harmonia::expr
