#include "workflow/normalise.h"

#include "workflow/normalise_context.h"

namespace harmonia::workflow {
namespace {

constexpr std::array<std::string_view, 3> server_fields = {"id", "created_at", "updated_at"};
constexpr std::array<std::string_view, 4> template_task_fields = {"dependencies", "parameters",
                                                                  "hours", "status"};
constexpr std::array<std::string_view, 3> graph_task_fields = {"next", "config", "transitions"};

bool is_workflow_field(std::string_view name) {
  return fields::contains(fields::workflow, name) ||
         fields::contains(fields::workflow_later, name) || fields::contains(server_fields, name) ||
         name == "input";
}

template <class Predicate>
bool any_task(const JsonObject& document, Predicate predicate) {
  const Json* tasks = document.if_contains("tasks");
  if (tasks == nullptr) return false;
  auto matches = [&](const Json& task) { return task.is_object() && predicate(task.get_object()); };
  if (tasks->is_array())
    return std::any_of(tasks->get_array().begin(), tasks->get_array().end(), matches);
  if (!tasks->is_object()) return false;
  return std::any_of(tasks->get_object().begin(), tasks->get_object().end(),
                     [&](const auto& member) { return matches(member.value()); });
}

bool has_any(const JsonObject& object, const auto& names) {
  return std::any_of(names.begin(), names.end(),
                     [&](std::string_view name) { return object.contains(json_view(name)); });
}

// Forms that are known but not accepted yet. True when the document is one of them.
bool refuse_other_forms(const JsonObject& document, Findings& findings) {
  for (std::string_view name : {"workflow_definition", "workflowDefinition", "template"}) {
    if (!document.contains(json_view(name))) continue;
    findings.error_at_key(
        child_pointer("", name), "this is a template file, not a workflow",
        "templates are not supported by this version yet; its definition alone is accepted");
    return true;
  }
  if (document.contains("steps")) {
    findings.error_at_key(
        "/steps", "definitions with steps and transitions are not supported by this version yet",
        "write the steps as `tasks`, each with `depends_on`");
    return true;
  }
  if (document.contains("tasks") && document.contains("parameters")) {
    findings.error_at_key("/parameters",
                          "this is a template: parameters are not supported by this version yet",
                          "declare the fields in `input_schema` and use ${input.x}");
    return true;
  }
  const Json* tasks = document.if_contains("tasks");
  bool forward =
      tasks != nullptr && tasks->is_array() &&
      any_task(document, [](const JsonObject& task) { return has_any(task, graph_task_fields); });
  if (forward) {
    findings.error_at_key("/tasks",
                          "tasks with `next` and `config` are not supported by this version yet",
                          "turn the edges round: each task names those it needs in `depends_on`");
  }
  return forward;
}

// The type of a described field: template files know two more than JSON Schema.
void put_type(JsonObject& schema, const JsonObject& described) {
  std::string type = get_string(described, "type");
  if (type.empty()) return;
  schema["type"] = type == "text" || type == "select" ? "string" : type;
}

// `{x: {type, description, default, required}}` as a JSON Schema of an object. A field without
// default is required unless it says otherwise.
Json schema_of_fields(const JsonObject& described) {
  JsonObject properties;
  JsonArray required;
  for (const auto& [name, field] : described) {
    if (!field.is_object()) {
      properties.emplace(name, field);
      continue;
    }
    const JsonObject& source = field.get_object();
    JsonObject schema;
    put_type(schema, source);
    for (const auto& [key, value] : source) {
      if (key == "type" || (key == "required" && value.is_bool())) continue;
      schema.emplace(key == "options" ? "enum" : key, value);
    }
    const Json* needed = source.if_contains("required");
    bool says = needed != nullptr && needed->is_bool();
    if (says ? needed->get_bool() : !source.contains("default")) required.push_back(Json(name));
    properties.emplace(name, std::move(schema));
  }
  JsonObject schema;
  schema["type"] = "object";
  schema["properties"] = std::move(properties);
  if (!required.empty()) schema["required"] = std::move(required);
  return schema;
}

bool is_json_schema(const JsonObject& object) {
  const Json* type = object.if_contains("type");
  return object.contains("properties") || object.contains("$schema") ||
         (type != nullptr && type->is_string());
}

bool describes_fields(const Json& output) {
  if (!output.is_object() || output.get_object().empty()) return false;
  return std::all_of(
      output.get_object().begin(), output.get_object().end(), [](const auto& member) {
        const Json* type =
            member.value().is_object() ? member.value().get_object().if_contains("type") : nullptr;
        return type != nullptr && type->is_string();
      });
}

void translate_schemas(NormaliseContext& context, FieldSet& workflow, bool list_form) {
  const Json* input = workflow.find("input");
  if (input != nullptr && input->is_object()) {
    if (!is_json_schema(input->get_object())) {
      Json schema = schema_of_fields(input->get_object());
      workflow.fields["input"] = std::move(schema);
    }
    move_field(context, workflow, "input", "input_schema");
    context.tell("`input` became the JSON Schema `input_schema`");
  }
  const Json* output = workflow.find("output");
  bool described =
      output != nullptr && (context.template_form || list_form) && describes_fields(*output);
  if (!described) return;
  Json schema = schema_of_fields(output->get_object());
  schema.get_object().erase("required");  // a description of an output promises nothing
  workflow.fields["output"] = std::move(schema);
  move_field(context, workflow, "output", "output_schema");
  context.tell("`output` became the JSON Schema `output_schema`");
}

void drop_server_fields(NormaliseContext& context, FieldSet& workflow) {
  for (std::string_view name : server_fields) {
    if (workflow.fields.erase(json_view(name)) == 0) continue;
    context.tell("`id`, `created_at` and `updated_at` were left out: the server gives them");
  }
}

// What `{{ x }}` may name; borrowed from the document.
PlaceholderNames placeholder_names(const JsonObject& document) {
  const Json* tasks = document.if_contains("tasks");
  const Json* input = document.if_contains("input");
  PlaceholderNames names;
  names.is_task = [tasks](std::string_view name) {
    if (tasks == nullptr) return false;
    if (tasks->is_object()) return tasks->get_object().contains(json_view(name));
    if (!tasks->is_array()) return false;
    return std::any_of(tasks->get_array().begin(), tasks->get_array().end(),
                       [name](const Json& task) {
                         return task.is_object() && get_string(task.get_object(), "id") == name;
                       });
  };
  names.input_default = [input](std::string_view name) -> const Json* {
    if (input == nullptr || !input->is_object()) return nullptr;
    const Json* field = input->get_object().if_contains(json_view(name));
    return field != nullptr && field->is_object() ? field->get_object().if_contains("default")
                                                  : nullptr;
  };
  return names;
}

void tell_camel_names(NormaliseContext& context) {
  if (context.camel_names.empty()) return;
  std::string names;
  for (const std::string& name : context.camel_names) names += (names.empty() ? "" : ", ") + name;
  context.tell("camelCase names of fields became snake_case: " + names);
}

}  // namespace

std::string original_of(const NormaliseContext& context, const FieldSet& set,
                        std::string_view field) {
  std::string canonical = child_pointer(set.canonical, field);
  std::string mapped = context.out.pointers.original(canonical);
  return mapped == canonical ? child_pointer(set.original, field) : mapped;
}

void move_field(NormaliseContext& context, FieldSet& set, std::string_view from,
                std::string_view to) {
  auto found = set.fields.find(json_view(from));
  if (found == set.fields.end()) return;
  std::string place = context.out.pointers.original(child_pointer(set.canonical, from));
  if (place == child_pointer(set.canonical, from)) place = child_pointer(set.original, from);
  if (set.has(to)) {
    std::string both = "'" + std::string(from) + "' and '" + std::string(to) + "' mean the same";
    context.findings.error_at_key(place, both + " and are both given", "keep one of them");
    set.fields.erase(found);
    return;
  }
  Json value = std::move(found->value());
  set.fields.erase(found);
  set.fields.emplace(json_view(to), std::move(value));
  context.out.pointers.note(child_pointer(set.canonical, to), std::move(place));
}

Normalised normalise(const Json& document, Findings& findings) {
  Normalised out;
  if (!document.is_object()) {
    findings.error("",
                   "a workflow definition is an object, not " +
                       std::string(document.is_array() ? "a list" : "a single value"),
                   "it has at least `name` and `tasks`");
    return out;
  }
  const JsonObject& source = document.get_object();
  if (refuse_other_forms(source, findings)) return out;
  NormaliseContext context{.findings = findings, .out = out};
  context.template_form =
      any_task(source, [](const JsonObject& task) { return has_any(task, template_task_fields); });
  context.names = placeholder_names(source);
  FieldSet workflow = rename_fields(context, source, {}, is_workflow_field);
  drop_server_fields(context, workflow);
  const Json* tasks = workflow.find("tasks");
  translate_schemas(context, workflow, tasks != nullptr && tasks->is_array());
  tasks = workflow.find("tasks");
  if (tasks != nullptr) {
    Json normal = normalise_tasks(
        context, *tasks,
        {.canonical = "/tasks", .original = original_of(context, workflow, "tasks")});
    workflow.fields["tasks"] = std::move(normal);
  }
  const Json* on_failure = workflow.find("on_failure");
  if (on_failure != nullptr && on_failure->is_object()) {
    TasksPlace place{.canonical = "/on_failure",
                     .original = original_of(context, workflow, "on_failure")};
    Json normal = normalise_tasks(context, *on_failure, place);
    workflow.fields["on_failure"] = std::move(normal);
  }
  tell_camel_names(context);
  out.value = std::move(workflow.fields);
  return out;
}

}  // namespace harmonia::workflow
