#include "workflow/action_types.h"

#include "workflow/schema_types.h"

namespace harmonia::workflow {
namespace {

// The schema of one member as a document of its own, with the definitions that it may refer to.
// Nothing when it refers elsewhere.
std::optional<JsonSchema> compile_member(const JsonObject& schema, const Json& member) {
  JsonObject document;
  for (const char* name : {"$schema", "$defs", "definitions"}) {
    if (const Json* found = schema.if_contains(name)) document[name] = *found;
  }
  document["allOf"] = JsonArray{member};
  auto compiled = JsonSchema::compile(document);
  if (!compiled.ok()) return std::nullopt;
  return std::move(compiled).value();
}

ActionTypes::Action read_action(const ActionSchemas& schemas) {
  ActionTypes::Action action;
  action.name = schemas.name;
  action.is_default = schemas.is_default;
  action.input_type = expr::json_type();
  action.output_type =
      schemas.output.is_null() ? expr::json_type() : type_of_schema(schemas.output);
  if (schemas.input.is_null()) return action;
  auto input = JsonSchema::compile(schemas.input);
  ASSERT(input.ok());
  action.input = std::move(input).value();
  action.input_type = type_of_schema(schemas.input);
  const auto* object = schemas.input.if_object();
  const Json* properties = object == nullptr ? nullptr : object->if_contains("properties");
  if (properties == nullptr) return action;
  for (const auto& member : properties->get_object()) {
    if (auto schema = compile_member(*object, member.value()))
      action.members.emplace(member.key(), std::move(*schema));
  }
  return action;
}

}  // namespace

const ActionTypes::Action* ActionTypes::Component::find(std::string_view action) const {
  const Action* any = nullptr;
  for (const Action& candidate : actions) {
    if (candidate.name == action) return &candidate;
    if (candidate.name == "*") any = &candidate;
  }
  if (any != nullptr) return any;
  for (const Action& candidate : actions) {
    if (action.empty() && (candidate.is_default || actions.size() == 1)) return &candidate;
  }
  return nullptr;
}

void ActionTypes::add(std::string component, bool takes_secrets,
                      const std::vector<ActionSchemas>& actions) {
  Component added{.takes_secrets = takes_secrets, .actions = {}};
  for (const ActionSchemas& schemas : actions) added.actions.push_back(read_action(schemas));
  bool is_new = components_.emplace(std::move(component), std::move(added)).second;
  ASSERT(is_new);
}

const ActionTypes::Component* ActionTypes::find(std::string_view component) const {
  auto found = components_.find(component);
  return found == components_.end() ? nullptr : &found->second;
}

}  // namespace harmonia::workflow
