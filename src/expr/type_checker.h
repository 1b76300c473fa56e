#pragma once

#include <optional>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "expr/ast.h"
#include "expr/type_check.h"

namespace harmonia::expr {

// Walks a program once, from the leaves to the root, giving each part its type; see type_check.h.
class TypeChecker {
 public:
  TypeChecker(const Program& program, const TypeEnvironment& environment);

  TypeCheckResult run(bool is_condition);

 private:
  Type visit(NodeId id);
  Type identifier(const Node& node);
  Type call(const Node& node);
  Type list(const Node& node);
  Type map(const Node& node);
  Type logical(const Node& node);
  Type conditional(const Node& node);
  Type bind(const Node& node);
  Type option_map(const Node& node);
  Type fallback(const Node& node);
  Type comprehension(const Node& node);
  Type transformed_map(const Node& node, const Type& body);
  void enter(const Node& node, const Type& range);

  // What x.name and x[key] find, see type_access.cc. A key is known by its type and, when it is a
  // literal string, by its name.
  struct Key {
    Type type;
    std::optional<std::string_view> name;
  };
  Type select(const Node& node);
  Type index(const Node& node);
  Type presence(const Node& node);
  Type access(const Node& node, const Type& operand, const Key& key);
  Type found_in(const Node& node, const Type& operand, const Key& key, bool lenient);
  Type field(const Node& node, const ObjectType& object, std::string_view name, bool lenient);
  bool can_hold(const Type& operand, const Key& key) const;
  void no_members(const Node& node, const Type& operand, const Key& key, TypeSeverity severity);

  // Complaints about operands, see type_complaints.cc.
  void no_overload(const Node& node, std::span<const Type> arguments);
  void check_equality(const Node& node, const Type& a, const Type& b);
  void check_membership(const Node& node, const Type& item, const Type& container);
  void expect_bool(NodeId id, const Type& type);
  void warn_if_constant(NodeId id);
  bool is_constant(NodeId id) const;

  std::string text_of(const Node& node) const;
  void report(TypeSeverity severity, const Node& node, std::string message, std::string hint);
  void fail(const Node& node, std::string message, std::string hint = {});
  void warn(const Node& node, std::string message, std::string hint = {});

  const Program::Impl& program_;
  const Ast& ast_;
  const TypeEnvironment& environment_;
  std::vector<Type> locals_;
  std::vector<TypeFinding> findings_;
  // Operands and the members they lack, told once: has(a.b) ? a.b : c works, so only has() is told.
  std::set<std::pair<std::string, std::string>> missing_;
  int forgiving_ = 0;  // within default(): what is missing there is no error
};

}  // namespace harmonia::expr
