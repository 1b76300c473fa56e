#include "expr/macros.h"

#include <algorithm>
#include <array>

namespace harmonia::expr {
namespace {

// A macro with a receiver: how many variables and bodies it takes, without the receiver.
struct MacroShape {
  std::string_view name;
  std::size_t variables;
  std::size_t bodies;
  NodeKind kind;
  Macro macro;
};

constexpr auto loop = NodeKind::comprehension;

constexpr std::array<MacroShape, 20> shapes = {{
    {"all", 1, 1, loop, Macro::all},
    {"all", 2, 1, loop, Macro::all},
    {"exists", 1, 1, loop, Macro::exists},
    {"exists", 2, 1, loop, Macro::exists},
    {"exists_one", 1, 1, loop, Macro::exists_one},
    {"existsOne", 1, 1, loop, Macro::exists_one},
    {"existsOne", 2, 1, loop, Macro::exists_one},
    {"exists_one", 2, 1, loop, Macro::exists_one},
    {"map", 1, 1, loop, Macro::map},
    {"map", 1, 2, loop, Macro::map_where},
    {"filter", 1, 1, loop, Macro::filter},
    {"transformList", 2, 1, loop, Macro::map},
    {"transformList", 2, 2, loop, Macro::map_where},
    {"transformMap", 2, 1, loop, Macro::transform_map},
    {"transformMap", 2, 2, loop, Macro::transform_map_where},
    {"transformMapEntry", 2, 1, loop, Macro::transform_entry},
    {"transformMapEntry", 2, 2, loop, Macro::transform_entry_where},
    {"sortBy", 1, 1, loop, Macro::sort_by},
    {"optMap", 1, 1, NodeKind::option_map, Macro::option_map},
    {"optFlatMap", 1, 1, NodeKind::option_map, Macro::option_flat_map},
}};

bool is_name(std::string_view name) {
  return std::any_of(shapes.begin(), shapes.end(),
                     [&](const auto& shape) { return shape.name == name; });
}

bool is_variable(const Node& node) {
  return node.kind == NodeKind::identifier && !node.absolute && !node.reserved;
}

MacroCall misuse(std::string problem) {
  MacroCall call;
  call.problem = std::move(problem);
  return call;
}

std::optional<MacroCall> receiver_macro(const Ast& ast, const Node& call) {
  std::size_t count = call.children.size() - 1;
  bool name_known = is_name(call.name);
  if (!name_known) return std::nullopt;
  for (const MacroShape& shape : shapes) {
    if (shape.name != call.name || shape.variables + shape.bodies != count) continue;
    MacroCall macro{.kind = shape.kind, .macro = shape.macro, .operand = call.children[0]};
    auto arguments = call.children.begin() + 1;
    auto bodies = arguments + static_cast<std::ptrdiff_t>(shape.variables);
    macro.variables.assign(arguments, bodies);
    macro.bodies.assign(bodies, call.children.end());
    for (NodeId variable : macro.variables) {
      if (!is_variable(ast.at(variable))) {
        return misuse(std::string(call.name) +
                      "() needs the name of its variable first, as in items." +
                      std::string(call.name) + "(x, ...)");
      }
    }
    if (macro.variables.size() == 2 &&
        ast.at(macro.variables[0]).name == ast.at(macro.variables[1]).name) {
      return misuse("the two variables of " + std::string(call.name) + "() need different names");
    }
    return macro;
  }
  return misuse("macro " + std::string(call.name) + "() can't take " + std::to_string(count) +
                " arguments");
}

bool is_cel_bind(const Ast& ast, const Node& call) {
  if (!call.has_receiver || call.name != "bind") return false;
  const Node& receiver = ast.at(call.children[0]);
  return receiver.kind == NodeKind::identifier && receiver.name == "cel";
}

std::optional<MacroCall> bind_macro(const Ast& ast, const Node& call) {
  if (call.children.size() != 4 || !is_variable(ast.at(call.children[1]))) {
    return misuse("cel.bind() takes a name, its value, and an expression that uses it");
  }
  MacroCall macro{.kind = NodeKind::bind, .operand = call.children[2]};
  macro.variables = {call.children[1]};
  macro.bodies = {call.children[3]};
  return macro;
}

std::optional<MacroCall> global_macro(const Ast& ast, const Node& call) {
  if (call.name == "has") {
    if (call.children.size() != 1 || ast.at(call.children[0]).kind != NodeKind::select) {
      return misuse("has() takes one member access, as in has(input.customer.name)");
    }
    return MacroCall{.kind = NodeKind::presence, .operand = call.children[0]};
  }
  if (call.name == "default") {
    if (call.children.size() != 2) {
      return misuse(
          "default() takes a value and what to use when it is missing, as in default(input.n, 0)");
    }
    return MacroCall{.kind = NodeKind::fallback, .operand = call.children[0]};
  }
  return std::nullopt;
}

}  // namespace

std::optional<MacroCall> recognise_macro(const Ast& ast, const Node& call) {
  if (is_cel_bind(ast, call)) return bind_macro(ast, call);
  return call.has_receiver ? receiver_macro(ast, call) : global_macro(ast, call);
}

std::vector<std::string_view> macro_names(bool has_receiver) {
  if (!has_receiver) return {"has", "default", "cel.bind"};
  std::vector<std::string_view> names;
  for (const MacroShape& shape : shapes) names.push_back(shape.name);
  return names;
}

}  // namespace harmonia::expr
