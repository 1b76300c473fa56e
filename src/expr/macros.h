#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "expr/ast.h"

namespace harmonia::expr {

// A call that is a macro, taken apart. Children of the call: the range or operand first.
struct MacroCall {
  NodeKind kind = NodeKind::comprehension;
  Macro macro = Macro::none;
  std::vector<NodeId> variables = {};  // one or two identifiers
  NodeId operand = 0;                  // evaluated outside the scope of the variables
  std::vector<NodeId> bodies = {};     // evaluated inside it
  std::string problem = {};            // set when it is used wrongly
};

// Nothing when `call` is no macro. has() and default() bind no variable.
std::optional<MacroCall> recognise_macro(const Ast& ast, const Node& call);

std::vector<std::string_view> macro_names(bool has_receiver);

}  // namespace harmonia::expr
