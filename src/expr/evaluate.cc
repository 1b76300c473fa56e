#include "expr/evaluate.h"

#include <array>

#include "expr/function.h"
#include "expr/matcher.h"

namespace harmonia::expr {
namespace {

const Ast& tree(const Evaluation& evaluation) { return evaluation.program().impl().ast; }

Value identifier(Evaluation& evaluation, const Node& node) {
  switch (node.target) {
    case Target::local: return evaluation.local(node.slot);
    case Target::root: return evaluation.root(node.slot);
    case Target::unknown: break;
  }
  return evaluation.fail("unknown name '" + std::string(node.name) + "'");
}

Value invoke(Evaluation& evaluation, const Node& node, Arguments arguments) {
  if (!evaluation.spend(1)) return evaluation.out_of_budget();
  evaluation.current = &node;
  if (node.pattern && arguments[0].is(Kind::string)) {
    if (!evaluation.spend(match_cost(*node.pattern, arguments[0].aux))) {
      return evaluation.out_of_budget();
    }
    return bool_value(matches_anywhere(*node.pattern, arguments[0].view()));
  }
  return node.function->implementation(evaluation, arguments);
}

// Calls with many arguments, apart so that the frame of ordinary ones stays small.
Value call_with_many(Evaluation& evaluation, const Node& node) {
  std::vector<Value> arguments;
  arguments.reserve(node.children.size());
  for (NodeId child : node.children) {
    arguments.push_back(evaluate_node(evaluation, child));
    if (arguments.back().is_error()) return arguments.back();
  }
  return invoke(evaluation, node, arguments);
}

Value call(Evaluation& evaluation, const Node& node) {
  if (!node.function) return evaluation.fail("unknown function '" + std::string(node.name) + "'");
  constexpr std::size_t few = 3;
  std::size_t count = node.children.size();
  if (count > few) return call_with_many(evaluation, node);
  std::array<Value, few> arguments;
  for (std::size_t i = 0; i < count; ++i) {
    arguments[i] = evaluate_operand(evaluation, node.children[i]);
    if (arguments[i].is_error()) return arguments[i];
  }
  return invoke(evaluation, node, {arguments.data(), count});
}

Value list(Evaluation& evaluation, const Node& node) {
  std::vector<Value> items;
  items.reserve(node.children.size());
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    Value item = evaluate_node(evaluation, node.children[i]);
    if (item.is_error()) return item;
    if (!node.optional_children[i]) {
      items.push_back(item);
    } else if (!item.is(Kind::optional)) {
      return evaluation.fail("[?x] needs an optional, not " + std::string(kind_phrase(item)));
    } else if (item.held) {
      items.push_back(*item.held);
    }
  }
  if (!evaluation.spend(items.size())) return evaluation.out_of_budget();
  return evaluation.make_list(items);
}

Value map(Evaluation& evaluation, const Node& node) {
  std::vector<MapEntry> entries;
  entries.reserve(node.children.size() / 2);
  for (std::size_t i = 0; i + 1 < node.children.size(); i += 2) {
    Value key = evaluate_node(evaluation, node.children[i]);
    if (key.is_error()) return key;
    if (!is_map_key(key)) {
      return evaluation.fail("the key of a map must be a string, int, uint or bool, not " +
                             std::string(kind_phrase(key)));
    }
    Value value = evaluate_node(evaluation, node.children[i + 1]);
    if (value.is_error()) return value;
    if (!node.optional_children[i / 2]) {
      entries.push_back({key, value});
    } else if (!value.is(Kind::optional)) {
      return evaluation.fail("{?key: x} needs an optional, not " + std::string(kind_phrase(value)));
    } else if (value.held) {
      entries.push_back({key, *value.held});
    }
  }
  if (!evaluation.spend(entries.size())) return evaluation.out_of_budget();
  return evaluation.make_map(entries);
}

Value conditional(Evaluation& evaluation, const Node& node) {
  Value condition = evaluate_node(evaluation, node.children[0]);
  if (!condition.is(Kind::boolean)) {
    return fail_condition(evaluation, tree(evaluation).at(node.children[0]), condition);
  }
  return evaluate_node(evaluation, node.children[condition.boolean ? 1 : 2]);
}

// `decisive` ends the chain (false for &&, true for ||) whatever failed before it; else the first
// error counts.
Value logical(Evaluation& evaluation, const Node& node, bool decisive) {
  Value error;
  for (NodeId child : node.children) {
    Value value = evaluate_node(evaluation, child);
    if (value.is(Kind::boolean)) {
      if (value.boolean == decisive) return value;
    } else if (!error.is_error()) {
      error = fail_condition(evaluation, tree(evaluation).at(child), value);
      if (error.failure->fatal) return error;
    }
  }
  return error.is_error() ? error : bool_value(!decisive);
}

Value bind(Evaluation& evaluation, const Node& node) {
  Value value = evaluate_node(evaluation, node.children[0]);
  if (value.is_error()) return value;
  evaluation.local(node.slot) = value;
  return evaluate_node(evaluation, node.children[1]);
}

Value option_map(Evaluation& evaluation, const Node& node) {
  Value optional = evaluate_node(evaluation, node.children[0]);
  if (optional.is_error()) return optional;
  if (!optional.is(Kind::optional)) {
    return evaluation.fail(std::string(node.name) + "() needs an optional, not " +
                           std::string(kind_phrase(optional)));
  }
  if (!optional.held) return optional;
  evaluation.local(node.slot) = *optional.held;
  Value value = evaluate_node(evaluation, node.children[1]);
  if (value.is_error()) return value;
  if (node.macro == Macro::option_map) return evaluation.make_optional(value);
  if (value.is(Kind::optional)) return value;
  return evaluation.fail("optFlatMap() needs a body that gives an optional");
}

Value fallback(Evaluation& evaluation, const Node& node) {
  evaluation.forgive(true);
  Value value = evaluate_node(evaluation, node.children[0]);
  evaluation.forgive(false);
  bool none = value.is(Kind::optional) && !value.held;
  bool missing = value.is_error() && value.failure->missing;
  if (none || missing) return evaluate_node(evaluation, node.children[1]);
  return value.is(Kind::optional) ? *value.held : value;
}

}  // namespace

Value fail_condition(Evaluation& evaluation, const Node& node, const Value& value) {
  if (value.is_error()) return value;
  return evaluation.fail("no such overload: " + std::string(evaluation.text_of(node)) +
                         " must be a bool here, but is " + std::string(kind_phrase(value)));
}

Value evaluate_node(Evaluation& evaluation, NodeId id) {
  const Node& node = tree(evaluation).at(id);
  if (!evaluation.spend(1)) return evaluation.out_of_budget();
  switch (node.kind) {
    case NodeKind::literal: return node.literal;
    case NodeKind::identifier: return identifier(evaluation, node);
    case NodeKind::select: return evaluate_select(evaluation, node);
    case NodeKind::index: return evaluate_index(evaluation, node);
    case NodeKind::call: return call(evaluation, node);
    case NodeKind::list: return list(evaluation, node);
    case NodeKind::map: return map(evaluation, node);
    case NodeKind::conditional: return conditional(evaluation, node);
    case NodeKind::logical_and: return logical(evaluation, node, false);
    case NodeKind::logical_or: return logical(evaluation, node, true);
    case NodeKind::presence: return evaluate_presence(evaluation, node);
    case NodeKind::comprehension: return evaluate_comprehension(evaluation, node);
    case NodeKind::bind: return bind(evaluation, node);
    case NodeKind::option_map: return option_map(evaluation, node);
    case NodeKind::fallback: return fallback(evaluation, node);
  }
  return evaluation.fail("unreachable");
}

}  // namespace harmonia::expr
