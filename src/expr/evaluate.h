#pragma once

#include <string_view>

#include "expr/ast.h"
#include "expr/evaluation.h"

namespace harmonia::expr {

// As evaluate() of expr.h; besides takes the steps it took off `steps_left`, and takes no more than
// those.
Result<Json> evaluate_charged(const Program& program, const Activation& activation,
                              const Limits& limits, std::uint64_t& steps_left);

// The value of a node, of kind error on failure. The depth of recursion is that of the tree.
Value evaluate_node(Evaluation& evaluation, NodeId id);

// As evaluate_node(). Most operands are literals and variables, which need no call of it, and a
// branch is guessed better than its jump by the kind of node.
inline Value evaluate_operand(Evaluation& evaluation, NodeId id) {
  const Node& node = evaluation.program().impl().ast.at(id);
  bool is_literal = node.kind == NodeKind::literal;
  bool is_local = node.kind == NodeKind::identifier && node.target == Target::local;
  if ((!is_literal && !is_local) || !evaluation.spend(1)) return evaluate_node(evaluation, id);
  return is_literal ? node.literal : evaluation.local(node.slot);
}

// all(), map() and the other macros that walk a list or map; see comprehension.cc.
Value evaluate_comprehension(Evaluation& evaluation, const Node& node);

// x.name and x[key], see access.cc. With node.optional the value is an optional.
Value evaluate_select(Evaluation& evaluation, const Node& node);
Value evaluate_index(Evaluation& evaluation, const Node& node);
Value evaluate_presence(Evaluation& evaluation, const Node& node);

// The error of a condition that is not a bool, or the error that the value itself is.
Value fail_condition(Evaluation& evaluation, const Node& node, const Value& value);

}  // namespace harmonia::expr
