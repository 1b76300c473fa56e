#include "workflow/definition_types.h"

#include "workflow/schema_types.h"

namespace harmonia::workflow {
namespace {

using expr::FieldType;
using expr::ObjectType;
using expr::Type;

// Types are trees that share their parts: what a large one costs shows when it is walked.
constexpr std::size_t type_nodes_max = 5'000;
constexpr std::size_t all_type_nodes_max = 400'000;

// Subtracts the nodes of a type from what is left; false when they are more.
bool spend_nodes(const Type& type, std::size_t& left) {
  if (left == 0) return false;
  --left;
  if (type.item && !spend_nodes(*type.item, left)) return false;
  if (!type.object) return true;
  if (!spend_nodes(type.object->others, left)) return false;
  for (const auto& [_, field] : type.object->fields) {
    if (!spend_nodes(field.type, left)) return false;
  }
  return true;
}

class SiteTypes final : public expr::TypeEnvironment {
 public:
  SiteTypes(const DefinitionTypes& types, const PlacedExpression& placed)
      : types_(types), placed_(placed) {}

  // A template asks once for each of its strings.
  Type root(std::string_view name) const override {
    for (const auto& [known, type] : found_) {
      if (known == name) return type;
    }
    return found_.emplace_back(name, types_.root(name, placed_.site, &placed_)).second;
  }

 private:
  const DefinitionTypes& types_;
  const PlacedExpression& placed_;
  mutable std::vector<std::pair<std::string, Type>> found_;
};

}  // namespace

DefinitionTypes::DefinitionTypes(DefinitionBuilder& builder, const ActionTypes* actions)
    : builder_(builder),
      definition_(builder.definition),
      actions_(actions),
      input_(expr::json_type()),
      types_(builder.expressions.size()),
      raw_outputs_(definition_.tasks.size(), expr::json_type()),
      outputs_(definition_.tasks.size(), expr::json_type()),
      visited_(definition_.tasks.size()),
      task_types_(definition_.tasks.size()),
      order_(definition_.bodies.size()),
      owned_(definition_.tasks.size()),
      own_roots_(definition_.bodies.size()),
      nodes_left_(all_type_nodes_max) {
  if (definition_.input_schema) input_ = type_of_schema(definition_.input_schema->source());
  for (std::size_t i = 0; i < builder.expressions.size(); ++i) {
    if (const auto* tmpl = std::get_if<expr::Template>(&builder.expressions[i].code))
      places_.emplace(&tmpl->impl(), i);
  }
  for (TaskNumber number : builder.order) order_[definition_.tasks[number].body].push_back(number);
  for (BodyNumber number = 0; number < definition_.bodies.size(); ++number) {
    if (auto owner = definition_.bodies[number].owner) owned_[*owner].push_back(number);
  }
}

void DefinitionTypes::check() {
  if (definition_.bodies.empty()) return;
  visit_body(0);
  if (definition_.on_failure) visit_body(*definition_.on_failure);
  for (std::size_t i = 0; i < types_.size(); ++i) {
    if (!types_[i]) check_expression(i);
  }
}

void DefinitionTypes::visit_body(BodyNumber number) {
  for (TaskNumber task : order_[number]) visit_task(task);
}

void DefinitionTypes::visit_task(TaskNumber number) {
  const Task& task = definition_.tasks[number];
  for (BodyNumber body : owned_[number]) {
    if (definition_.bodies[body].role == BodyRole::undo) continue;
    enter_body(body);
    visit_body(body);
  }
  raw_outputs_[number] = bounded(raw_output(number));
  outputs_[number] = bounded(output_of(number));
  visited_[number] = true;
  // A compensation sees what the task gave.
  if (task.compensate) visit_body(*task.compensate);
}

Type DefinitionTypes::type_of(const expr::Template& tmpl) {
  if (tmpl.is_constant()) return expr::type_of_json(tmpl.source());
  auto place = places_.find(&tmpl.impl());
  ASSERT(place != places_.end());
  if (!types_[place->second]) check_expression(place->second);
  return *types_[place->second];
}

void DefinitionTypes::check_expression(std::size_t index) {
  const PlacedExpression& placed = builder_.expressions[index];
  SiteTypes environment(*this, placed);
  if (const auto* program = std::get_if<expr::Program>(&placed.code)) {
    auto result = check_condition_types(*program, environment);
    types_[index] = std::move(result.type);
    for (const expr::TypeFinding& finding : result.findings)
      report(placed.site.pointer, finding, placed.start);
    return;
  }
  auto result = check_types(std::get<expr::Template>(placed.code), environment);
  types_[index] = std::move(result.type);
  for (const expr::TemplateTypeFinding& found : result.findings)
    report(placed.site.pointer + found.pointer, found.finding, 0);
}

void DefinitionTypes::report(const std::string& pointer, const expr::TypeFinding& finding,
                             std::size_t start) {
  bool is_error = finding.severity == expr::TypeSeverity::error;
  builder_.findings.add({.pointer = pointer,
                         .message = "in the expression: " + finding.message,
                         .hint = finding.hint,
                         .severity = is_error ? Severity::error : Severity::warning,
                         .spot = {.offset = start + finding.range.offset}});
}

// The whole type, or its kinds alone when too much is known already.
Type DefinitionTypes::bounded(Type type) {
  std::size_t left = std::min(nodes_left_, type_nodes_max);
  std::size_t before = left;
  bool fits = spend_nodes(type, left);
  nodes_left_ -= before - left;
  return fits ? std::move(type) : expr::type_of_kinds(type.kinds);
}

Type DefinitionTypes::tasks_named_in(const PlacedExpression& placed) const {
  ObjectType object;
  for (std::size_t i = placed.references_begin; i < placed.references_end; ++i) {
    const TaskReference& reference = builder_.references[i];
    if (!reference.found) continue;
    const std::string& id = reference.path.front();
    if (!object.fields.contains(id))
      object.fields.emplace(id, FieldType{task_type(*reference.found), true});
  }
  return object_type(std::move(object));
}

}  // namespace harmonia::workflow
