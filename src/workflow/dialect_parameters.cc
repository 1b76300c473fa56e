#include "workflow/normalise_context.h"

// Dialect 6: a workflow with `parameters`, alone or in a template file. As a workflow its
// parameters are fields of the input; as a template (template.h) they are replaced when it is
// instantiated.
namespace harmonia::workflow {
namespace {

constexpr auto wrapper_fields =
    std::to_array<std::string_view>({"workflow_definition", "workflowDefinition", "template"});
// What a template file says about itself.
constexpr auto template_fields = std::to_array<std::string_view>(
    {"id", "is_public", "usage_count", "created_at", "updated_at", "created_by", "category_ids",
     "current_version", "template_version"});

bool is_template_field(std::string_view name) {
  return fields::contains(template_fields, name) || is_workflow_field(name);
}

// Moves what the file says into the workflow, unless the workflow says it itself.
void take_outer(NormaliseContext& context, FieldSet& workflow, FieldSet outer) {
  for (auto& member : outer.fields) {
    std::string_view name = text_view(member.key());
    if (fields::contains(template_fields, name)) {
      context.tell("what a template file says about the template itself was left out: " +
                   std::string(name));
    } else if (!workflow.has(name)) {
      workflow.put(name, std::move(member.value()));
    } else if (name != "name" && name != "description" && name != "version") {
      context.tell("`" + std::string(name) + "` of the workflow counts, not that of its template");
    }
  }
}

// Names of types that JSON Schema has under another name.
std::string_view schema_type(std::string_view type) {
  using Pair = std::pair<std::string_view, std::string_view>;
  constexpr auto types = std::to_array<Pair>({{"text", "string"},
                                              {"select", "string"},
                                              {"str", "string"},
                                              {"int", "integer"},
                                              {"float", "number"},
                                              {"bool", "boolean"},
                                              {"list", "array"},
                                              {"dict", "object"}});
  for (const auto& [name, schema_name] : types) {
    if (name == type) return schema_name;
  }
  return type;
}

std::string_view schema_keyword(std::string_view name) {
  using Pair = std::pair<std::string_view, std::string_view>;
  constexpr auto names = std::to_array<Pair>({{"options", "enum"},
                                              {"default_value", "default"},
                                              {"min_value", "minimum"},
                                              {"max_value", "maximum"},
                                              {"min_length", "minLength"},
                                              {"max_length", "maxLength"}});
  for (const auto& [known, keyword] : names) {
    if (known == name) return keyword;
  }
  return name;
}

JsonObject schema_of_field(std::string_view name, const JsonObject& source) {
  JsonObject schema;
  std::string type = get_string(source, "type", get_string(source, "parameter_type"));
  if (!type.empty()) schema["type"] = json_view(schema_type(type));
  for (const auto& member : source) {
    std::string_view key = text_view(member.key());
    bool told = key == "type" || key == "parameter_type" ||
                (key == "required" && member.value().is_bool()) ||
                (key == "name" && member.value() == Json(json_view(name)));
    if (told || member.value().is_null()) continue;
    schema.emplace(json_view(schema_keyword(key)), member.value());
  }
  return schema;
}

// A list of parameters by their names.
JsonObject parameters_by_name(NormaliseContext& context, const JsonArray& list,
                              const std::string& original) {
  JsonObject by_name;
  std::size_t index = 0;
  for (const Json& parameter : list) {
    std::string place = child_pointer(original, std::to_string(index++));
    std::string name = parameter.is_object() ? get_string(parameter.get_object(), "name") : "";
    if (name.empty()) {
      context.findings.error(place, "a parameter in a list needs a name");
    } else if (!by_name.emplace(name, parameter).second) {
      context.findings.error(place, "two parameters have the name '" + name + "'");
    } else {
      context.out.pointers.note(child_pointer("/input_schema/properties", name), place);
    }
  }
  return by_name;
}

// The member of an object that is made when it is not there.
Json& member(JsonObject& object, std::string_view name, Json fresh) {
  auto [found, is_new] = object.emplace(json_view(name), std::move(fresh));
  return found->value();
}

void merge_schema(JsonObject& schema, JsonObject added) {
  member(schema, "type", "object");
  Json& properties = member(schema, "properties", JsonObject());
  if (!properties.is_object()) return;
  for (auto& property : added["properties"].get_object())
    properties.get_object().emplace(property.key(), property.value());
  if (!added.contains("required")) return;
  Json& required = member(schema, "required", JsonArray());
  if (!required.is_array()) return;
  JsonArray& names = required.get_array();
  for (const Json& name : added["required"].get_array()) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  }
}

}  // namespace

FieldSet unwrap_template(NormaliseContext& context, const JsonObject& document) {
  for (std::string_view wrapper : wrapper_fields) {
    const Json* inner = document.if_contains(json_view(wrapper));
    if (inner == nullptr || !inner->is_object()) continue;
    std::string original = child_pointer("", wrapper);
    FieldSet workflow = rename_fields(context, inner->get_object(),
                                      FieldSet{.fields = {}, .canonical = "", .original = original},
                                      is_workflow_field);
    for (const auto& field : workflow.fields) {
      std::string_view name = text_view(field.key());
      context.out.pointers.note(child_pointer("", name), original_of(context, workflow, name));
    }
    workflow.original.clear();
    JsonObject rest = document;
    rest.stable_erase(rest.find(json_view(wrapper)));
    take_outer(context, workflow, rename_fields(context, rest, {}, is_template_field));
    context.tell("the template file became the workflow in it");
    return workflow;
  }
  return rename_fields(context, document, {}, is_workflow_field);
}

JsonObject schema_of_fields(const JsonObject& described, Unsaid unsaid) {
  JsonObject properties;
  JsonArray required;
  for (const auto& [name, field] : described) {
    if (field.is_string()) {  // {city: string}
      properties.emplace(
          name, JsonObject{{"type", json_view(schema_type(text_view(field.get_string())))}});
      if (unsaid == Unsaid::required_without_default) required.push_back(Json(name));
      continue;
    }
    if (!field.is_object()) {
      properties.emplace(name, field);
      continue;
    }
    const JsonObject& source = field.get_object();
    const Json* needed = source.if_contains("required");
    bool says = needed != nullptr && needed->is_bool();
    bool has_default = source.contains("default") || source.contains("default_value");
    bool usual = unsaid == Unsaid::required_without_default && !has_default;
    if (says ? needed->get_bool() : usual) required.push_back(Json(name));
    properties.emplace(name, schema_of_field(text_view(name), source));
  }
  JsonObject schema;
  schema["type"] = "object";
  schema["properties"] = std::move(properties);
  if (!required.empty()) schema["required"] = std::move(required);
  return schema;
}

void translate_parameters(NormaliseContext& context, FieldSet& workflow) {
  const Json* parameters = workflow.find("parameters");
  if (parameters == nullptr) return;
  std::string original = original_of(context, workflow, "parameters");
  JsonObject described;
  if (parameters->is_array()) {
    described = parameters_by_name(context, parameters->get_array(), original);
  } else if (parameters->is_object()) {
    described = parameters->get_object();
    for (const auto& parameter : described) {
      std::string_view name = text_view(parameter.key());
      context.out.pointers.note(child_pointer("/input_schema/properties", name),
                                child_pointer(original, name));
    }
  } else if (!parameters->is_null()) {
    return refuse_field(context, workflow, "parameters",
                        "parameters must be an object or a list of parameters");
  }
  workflow.erase("parameters");
  JsonObject schema = schema_of_fields(described, Unsaid::optional);
  if (described.empty()) return;
  Json* input = workflow.find("input_schema");
  if (input != nullptr && input->is_object()) {
    merge_schema(input->get_object(), std::move(schema));
  } else if (input == nullptr) {
    context.out.pointers.note("/input_schema", original);
    workflow.put("input_schema", std::move(schema));
  }
  context.tell("`parameters` became fields of `input_schema`: every run gives them");
}

}  // namespace harmonia::workflow
