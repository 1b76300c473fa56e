#include "expr/check.h"

#include <algorithm>
#include <array>

#include "expr/function.h"
#include "expr/macros.h"
#include "expr/matcher.h"
#include "expr/text.h"

namespace harmonia::expr {
namespace {

constexpr std::array<std::string_view, 12> type_names = {"bool",
                                                         "int",
                                                         "uint",
                                                         "double",
                                                         "string",
                                                         "bytes",
                                                         "list",
                                                         "map",
                                                         "null_type",
                                                         "type",
                                                         "google.protobuf.Timestamp",
                                                         "google.protobuf.Duration"};
constexpr std::string_view optional_type_name = "optional_type";

// What users of other languages write, and what it is called here.
struct ForeignName {
  std::string_view foreign;
  std::string_view ours;
};
constexpr std::array<ForeignName, 14> foreign_names = {{
    {"len", "size(x)"},
    {"length", "size(x)"},
    {"count", "size(x)"},
    {"upper", "x.upperAscii()"},
    {"lower", "x.lowerAscii()"},
    {"toUpperCase", "x.upperAscii()"},
    {"toLowerCase", "x.lowerAscii()"},
    {"str", "string(x)"},
    {"float", "double(x)"},
    {"includes", "item in list, or text.contains(part)"},
    {"some", "list.exists(x, ...)"},
    {"any", "list.exists(x, ...)"},
    {"every", "list.all(x, ...)"},
    {"strip", "x.trim()"},
}};

constexpr std::size_t patterns_size_max = 100'000;  // instructions of RE2

struct Variable {
  std::string_view name;
  std::uint32_t slot;
};

class Checker {
 public:
  Checker(Program::Impl& program, const CompileOptions& options)
      : program_(program), ast_(program.ast), options_(options) {}

  std::vector<CompileError> run() {
    visit(ast_.root);
    return std::move(errors_);
  }

 private:
  void visit(NodeId id);
  void visit_children(NodeId id);
  void visit_identifier(NodeId id);
  void visit_access(NodeId id);
  void visit_call(NodeId id);
  void visit_macro(NodeId id, const MacroCall& macro);
  void resolve_call(NodeId id);
  void prepare_pattern(Node& call);

  bool is_access(NodeId id) const {
    return ast_.at(id).kind == NodeKind::select || ast_.at(id).kind == NodeKind::index;
  }
  const Variable* find_variable(std::string_view name) const;
  std::string_view find_root(std::string_view name) const;
  bool resolve_qualified(NodeId id);
  bool make_root(Node& node, std::string_view name);
  bool make_type(Node& node, std::string_view name);
  std::string dotted_name(NodeId id) const;
  std::uint32_t root_slot(std::string_view name);
  void collect_reference(NodeId id);
  bool append_path(NodeId id, Reference& reference) const;

  void unknown_root(const Node& node);
  void unknown_function(const Node& node, std::string_view name);
  void fail(SourceRange range, std::string message, std::string hint = {}) {
    constexpr std::size_t errors_max = 100;  // more nobody reads
    if (errors_.size() < errors_max) {
      errors_.push_back({std::move(message), std::move(hint), range});
    }
  }

  Program::Impl& program_;
  Ast& ast_;
  const CompileOptions& options_;
  std::vector<Variable> scope_;
  std::vector<CompileError> errors_;
  std::size_t patterns_size_ = 0;
};

void Checker::visit(NodeId id) {
  switch (ast_.at(id).kind) {
    case NodeKind::literal: return;
    case NodeKind::identifier: return visit_identifier(id);
    case NodeKind::select:
    case NodeKind::index: return visit_access(id);
    case NodeKind::call: return visit_call(id);
    case NodeKind::list:
    case NodeKind::map:
    case NodeKind::conditional:
    case NodeKind::logical_and:
    case NodeKind::logical_or:
    case NodeKind::presence:
    case NodeKind::comprehension:
    case NodeKind::bind:
    case NodeKind::option_map:
    case NodeKind::fallback: return visit_children(id);
  }
}

void Checker::visit_children(NodeId id) {
  // By index: the vector of nodes doesn't grow, but a visit may change this node.
  for (std::size_t i = 0; i < ast_.at(id).children.size(); ++i) visit(ast_.at(id).children[i]);
}

const Variable* Checker::find_variable(std::string_view name) const {
  for (auto variable = scope_.rbegin(); variable != scope_.rend(); ++variable) {
    if (variable->name == name) return &*variable;
  }
  return nullptr;
}

std::string_view Checker::find_root(std::string_view name) const {
  for (std::string_view root : options_.roots) {
    if (root == name) return root;
  }
  return {};
}

std::uint32_t Checker::root_slot(std::string_view name) {
  auto found = std::find(program_.roots.begin(), program_.roots.end(), name);
  if (found == program_.roots.end()) {
    program_.roots.emplace_back(name);
    found = program_.roots.end() - 1;
  }
  return static_cast<std::uint32_t>(found - program_.roots.begin());
}

bool Checker::make_root(Node& node, std::string_view name) {
  if (find_root(name).empty()) return false;
  node.slot = root_slot(name);
  node.kind = NodeKind::identifier;
  node.target = Target::root;
  node.children.clear();
  if (node.name != name) node.name = ast_.keep(std::string(name));
  return true;
}

bool Checker::make_type(Node& node, std::string_view name) {
  auto type = std::find(type_names.begin(), type_names.end(), name);
  bool optional = name == optional_type_name;
  if (type == type_names.end() && !optional) return false;
  node.kind = NodeKind::literal;
  node.children.clear();
  node.literal = type_value(optional ? optional_type_name : *type);
  return true;
}

void Checker::visit_identifier(NodeId id) {
  Node& node = ast_.at(id);
  const Variable* variable = node.absolute ? nullptr : find_variable(node.name);
  if (variable) {
    node.target = Target::local;
    node.slot = variable->slot;
    return;
  }
  if (make_root(node, node.name)) {
    program_.references.push_back({std::string(node.name), {}, node.range});
    return;
  }
  if (make_type(node, node.name)) return;
  if (options_.check_names || node.reserved) unknown_root(node);
}

// "a.b.c" of plain selects on an identifier; else empty.
std::string Checker::dotted_name(NodeId id) const {
  const Node& node = ast_.at(id);
  if (node.kind == NodeKind::identifier) return std::string(node.name);
  if (node.kind != NodeKind::select || node.optional) return {};
  if (ast_.at(node.children[0]).grouped) return {};
  std::string prefix = dotted_name(node.children[0]);
  if (prefix.empty()) return {};
  return prefix + "." + std::string(node.name);
}

// The longest prefix of a.b.c that is a root (or a type) is one name; variables of macros hide it.
bool Checker::resolve_qualified(NodeId id) {
  std::string name = dotted_name(id);
  if (name.empty()) return false;
  NodeId base = id;
  while (ast_.at(base).kind == NodeKind::select) base = ast_.at(base).children[0];
  bool hidden = !ast_.at(base).absolute && find_variable(ast_.at(base).name);
  if (hidden) return false;
  return make_root(ast_.at(id), name) || make_type(ast_.at(id), name);
}

void Checker::visit_access(NodeId id) {
  // From the outside in, so that the longest qualified name wins.
  for (NodeId outer = id; is_access(outer); outer = ast_.at(outer).children[0]) {
    if (resolve_qualified(outer)) break;
  }
  collect_reference(id);
  NodeId part = id;
  while (is_access(part)) {
    if (ast_.at(part).kind == NodeKind::index) visit(ast_.at(part).children[1]);
    part = ast_.at(part).children[0];
  }
  bool root_done =
      ast_.at(part).kind == NodeKind::identifier && ast_.at(part).target == Target::root;
  std::size_t count = program_.references.size();
  if (!root_done) visit(part);
  // The plain root is part of the reference collected above.
  bool repeated = program_.references.size() > count && ast_.at(part).kind == NodeKind::identifier;
  if (repeated && count > 0) program_.references.pop_back();
}

// Appends the constant path that leads to `id`; false when a part of it is not constant.
bool Checker::append_path(NodeId id, Reference& reference) const {
  const Node& node = ast_.at(id);
  if (node.kind == NodeKind::identifier) {
    reference.root = node.name;
    return true;
  }
  if (node.kind != NodeKind::select && node.kind != NodeKind::index) return false;
  if (!append_path(node.children[0], reference)) return false;
  if (node.kind == NodeKind::select) {
    reference.path.emplace_back(node.name);
    return true;
  }
  const Node& key = ast_.at(node.children[1]);
  if (key.kind != NodeKind::literal) return false;
  if (key.literal.is(Kind::string)) {
    reference.path.emplace_back(key.literal.view());
  } else if (key.literal.is(Kind::int64)) {
    reference.path.push_back(std::to_string(key.literal.int64));
  } else {
    return false;
  }
  return true;
}

void Checker::collect_reference(NodeId id) {
  NodeId base = id;
  while (is_access(base)) {
    base = ast_.at(base).children[0];
  }
  const Node& root = ast_.at(base);
  if (root.kind != NodeKind::identifier || (!root.absolute && find_variable(root.name))) return;
  if (find_root(root.name).empty()) return;
  Reference reference;
  reference.range = ast_.at(id).range;
  append_path(id, reference);
  program_.references.push_back(std::move(reference));
}

void Checker::visit_call(NodeId id) {
  if (options_.expand_macros) {
    if (auto macro = recognise_macro(ast_, ast_.at(id))) {
      if (!macro->problem.empty()) return fail(ast_.at(id).name_range, std::move(macro->problem));
      return visit_macro(id, *macro);
    }
  }
  resolve_call(id);
}

void Checker::visit_macro(NodeId id, const MacroCall& macro) {
  Node& node = ast_.at(id);
  if (macro.kind == NodeKind::presence) {
    const Node& select = ast_.at(macro.operand);
    node.kind = NodeKind::presence;
    node.name = select.name;
    visit(macro.operand);
    // The select was visited for its reference; presence looks at its operand.
    node.children = ast_.at(macro.operand).children;
    if (node.children.empty()) node.children = {macro.operand};
    return;
  }
  node.kind = macro.kind;
  node.macro = macro.macro;
  if (macro.kind == NodeKind::fallback) return visit_children(id);
  visit(macro.operand);
  node.slot = static_cast<std::uint32_t>(scope_.size());
  node.two_variables = macro.variables.size() == 2;
  for (NodeId variable : macro.variables) {
    scope_.push_back({ast_.at(variable).name, static_cast<std::uint32_t>(scope_.size())});
  }
  program_.locals_max = std::max(program_.locals_max, scope_.size());
  for (NodeId body : macro.bodies) visit(body);
  scope_.resize(scope_.size() - macro.variables.size());
  node.children = {macro.operand};
  node.children.insert(node.children.end(), macro.bodies.begin(), macro.bodies.end());
}

void Checker::resolve_call(NodeId id) {
  Node& node = ast_.at(id);
  std::string name(node.name);
  if (node.has_receiver) {
    // math.greatest(x): the receiver is no value but a namespace.
    std::string prefix = dotted_name(node.children[0]);
    if (is_function_namespace(prefix) && !find_variable(prefix) && find_root(prefix).empty()) {
      name = prefix + "." + name;
      node.has_receiver = false;
      node.children.erase(node.children.begin());
    }
  }
  visit_children(id);
  node.function = find_function(name, node.has_receiver);
  if (!node.function) {
    if (options_.check_names) unknown_function(node, name);
    return;
  }
  std::size_t count = node.children.size();
  const Function& function = *node.function;
  bool too_many = function.arguments_max != unbounded_arguments && count > function.arguments_max;
  if (count < function.arguments_min || too_many) {
    std::size_t receiver = function.has_receiver ? 1 : 0;
    std::string allowed = std::to_string(function.arguments_min - receiver);
    if (function.arguments_max == unbounded_arguments) {
      allowed += " or more";
    } else if (function.arguments_max > function.arguments_min) {
      allowed += " to " + std::to_string(function.arguments_max - receiver);
    }
    node.function = nullptr;
    if (!options_.check_names) return;
    fail(node.range,
         name + "() takes " + allowed + " arguments, not " + std::to_string(count - receiver));
    return;
  }
  prepare_pattern(node);
}

// A literal pattern is compiled once, here.
void Checker::prepare_pattern(Node& call) {
  if (call.function->name != "matches" || patterns_size_ > patterns_size_max) return;
  const Node& pattern = ast_.at(call.children[1]);
  if (pattern.kind != NodeKind::literal || !pattern.literal.is(Kind::string)) return;
  auto compiled = compile_pattern(pattern.literal.view());
  if (compiled.ok()) {
    patterns_size_ += pattern_size(*compiled.value());
    if (patterns_size_ > patterns_size_max) {
      return fail(pattern.range, "the patterns of this expression are too large together");
    }
    call.pattern = std::move(compiled).value();
  } else {
    fail(pattern.range, compiled.error().detail);
  }
}

void Checker::unknown_root(const Node& node) {
  std::string name(node.name);
  if (node.reserved) return fail(node.range, "'" + name + "' is a reserved word");
  std::vector<std::string_view> candidates(options_.roots.begin(), options_.roots.end());
  for (const Variable& variable : scope_) candidates.push_back(variable.name);
  std::string hint;
  std::string_view source = program_.source;
  std::size_t offset = node.range.offset;
  if (std::string_view nearest = nearest_name(name, candidates); !nearest.empty()) {
    hint = "did you mean '" + std::string(nearest) + "'?";
  } else if (offset >= 2 && source[offset - 1] == '-' && source[offset - 2] != ' ') {
    hint =
        "a name with '-' is written in brackets, as in tasks[\"a-b\"], or in ticks, as in "
        "tasks.`a-b`";
  } else {
    std::vector<std::string> names(options_.roots.begin(), options_.roots.end());
    hint = names.empty() ? "no variables are known here" : "known here: " + list_names(names, 20);
  }
  fail(node.range, "unknown name '" + name + "'", std::move(hint));
}

void Checker::unknown_function(const Node& node, std::string_view name) {
  std::string text(name);
  for (const ForeignName& foreign : foreign_names) {
    if (foreign.foreign == node.name) {
      return fail(node.range, "unknown function '" + text + "'",
                  "write " + std::string(foreign.ours));
    }
  }
  if (find_function(name, !node.has_receiver)) {
    std::string hint = node.has_receiver ? "write " + text + "(x)" : "write x." + text + "(...)";
    return fail(node.range, "'" + text + "' is not called that way", std::move(hint));
  }
  std::vector<std::string_view> candidates = function_names(node.has_receiver);
  for (std::string_view macro : macro_names(node.has_receiver)) candidates.push_back(macro);
  std::string_view nearest = nearest_name(name, candidates);
  std::string hint = nearest.empty() ? "" : "did you mean '" + std::string(nearest) + "'?";
  fail(node.range, "unknown function '" + text + "'", std::move(hint));
}

}  // namespace

std::vector<CompileError> check(Program::Impl& program, const CompileOptions& options) {
  return Checker(program, options).run();
}

}  // namespace harmonia::expr
