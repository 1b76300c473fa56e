#pragma once

#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "expr/type_check.h"
#include "workflow/action_types.h"
#include "workflow/compile.h"

// The types of everything an expression of a definition can name.
namespace harmonia::workflow {

// Infers the output of each task after those of its ancestors. Each expression is checked when its
// type is first asked for, and what is wrong with it reported then. Borrows the builder and the
// actions; the latter may be null.
class DefinitionTypes {
 public:
  DefinitionTypes(DefinitionBuilder& builder, const ActionTypes* actions);

  // Goes through all tasks, then through the expressions that belong to none.
  void check();

  // The type of what a template of the definition renders to.
  expr::Type type_of(const expr::Template& tmpl);
  // The type that a root has at a place. `expression` may be null.
  expr::Type root(std::string_view name, const ExpressionSite& site,
                  const PlacedExpression* expression) const;

 private:
  using RootTypes = std::vector<std::pair<std::string, expr::Type>>;

  void visit_body(BodyNumber number);
  void visit_task(TaskNumber number);
  void check_expression(std::size_t index);
  void report(const std::string& pointer, const expr::TypeFinding& finding, std::size_t start);

  expr::Type raw_output(TaskNumber number);
  expr::Type composite_output(const Task& task);
  expr::Type output_of(TaskNumber number);
  expr::Type result_of(BodyNumber body) const;
  expr::Type iteration_result(BodyNumber body, const std::optional<expr::Template>& collect);
  expr::Type bounded(expr::Type type);
  void enter_body(BodyNumber number);
  RootTypes item_roots(const expr::Type& items, const std::string& as) const;

  expr::Type tasks_named_in(const PlacedExpression& placed) const;
  expr::Type task_type(TaskNumber number) const;

  DefinitionBuilder& builder_;
  const Definition& definition_;
  const ActionTypes* actions_;
  expr::Type input_;
  std::unordered_map<const void*, std::size_t> places_;  // of templates, in builder.expressions
  std::vector<std::optional<expr::Type>> types_;         // of the expressions checked
  std::vector<expr::Type> raw_outputs_;                  // by task
  std::vector<expr::Type> outputs_;                      // by task
  std::vector<bool> visited_;                            // by task: its output is known
  mutable std::vector<std::optional<expr::Type>> task_types_;  // by task, made when needed
  std::vector<std::vector<TaskNumber>> order_;                 // by body
  std::vector<std::vector<BodyNumber>> owned_;                 // by task
  std::vector<RootTypes> own_roots_;                           // by body
  std::size_t nodes_left_;  // of the types of outputs; beyond, they say their kind only
};

}  // namespace harmonia::workflow
