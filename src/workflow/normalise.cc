#include "workflow/normalise.h"

#include "workflow/normalise_context.h"

namespace harmonia::workflow {
namespace {

constexpr auto server_fields = std::to_array<std::string_view>({"id", "created_at", "updated_at"});
constexpr auto ui_task_fields =
    std::to_array<std::string_view>({"dependencies", "parameters", "hours", "status"});
template <class Predicate>
bool any_task(const FieldSet& workflow, Predicate predicate) {
  const Json* tasks = workflow.find("tasks");
  if (tasks == nullptr) return false;
  auto matches = [&](const Json& task) { return task.is_object() && predicate(task.get_object()); };
  if (tasks->is_array())
    return std::any_of(tasks->get_array().begin(), tasks->get_array().end(), matches);
  if (!tasks->is_object()) return false;
  return std::any_of(tasks->get_object().begin(), tasks->get_object().end(),
                     [&](const auto& member) { return matches(member.value()); });
}

// How each dialect is recognised. None of these signs occurs in the canonical form, which is also
// dialect 1: a map of tasks, in snake or camel case.
struct Sign {
  Dialect dialect;
  bool (*is_there)(const FieldSet& workflow);
};
constexpr auto signs = std::to_array<Sign>({
    {Dialect::list,
     [](const FieldSet& workflow) {
       const Json* tasks = workflow.find("tasks");
       return tasks != nullptr && tasks->is_array();
     }},
    {Dialect::ui,
     [](const FieldSet& workflow) {
       return any_task(workflow,
                       [](const JsonObject& task) { return has_any(task, ui_task_fields); });
     }},
    {Dialect::graph, [](const FieldSet& workflow) { return any_task(workflow, is_graph_task); }},
    {Dialect::steps, [](const FieldSet& workflow) { return workflow.has("steps"); }},
    {Dialect::parameters, [](const FieldSet& workflow) { return workflow.has("parameters"); }},
});

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

void translate_schemas(NormaliseContext& context, FieldSet& workflow) {
  const Json* input = workflow.find("input");
  if (input != nullptr && input->is_object()) {
    if (!is_json_schema(input->get_object())) {
      JsonObject schema = schema_of_fields(input->get_object(), Unsaid::required_without_default);
      workflow.put("input", std::move(schema));
    }
    move_field(context, workflow, "input", "input_schema");
    context.tell("`input` became the JSON Schema `input_schema`");
  }
  const Json* output = workflow.find("output");
  if (output == nullptr || context.dialects.empty() || !describes_fields(*output)) return;
  JsonObject schema = schema_of_fields(output->get_object(), Unsaid::optional);
  schema.erase("required");  // a description of an output promises nothing
  workflow.put("output", std::move(schema));
  move_field(context, workflow, "output", "output_schema");
  context.tell("`output` became the JSON Schema `output_schema`");
}

void drop_server_fields(NormaliseContext& context, FieldSet& workflow) {
  for (std::string_view name : server_fields) {
    if (!workflow.has(name)) continue;
    workflow.erase(name);
    context.tell("`id`, `created_at` and `updated_at` were left out: the server gives them");
  }
}

void normalise_bodies(NormaliseContext& context, FieldSet& workflow) {
  for (std::string_view field : {"tasks", "on_failure"}) {
    const Json* tasks = workflow.find(field);
    if (tasks == nullptr) continue;
    TasksPlace place{.canonical = child_pointer("", field),
                     .original = original_of(context, workflow, field)};
    Json normal = normalise_tasks(context, *tasks, place);
    workflow.put(field, std::move(normal));
  }
}

// The ids of the outermost tasks as they stand before anything is done to them.
void note_names(NormaliseContext& context, const FieldSet& workflow) {
  if (const Json* tasks = workflow.find("tasks"); tasks != nullptr && tasks->is_object()) {
    for (const auto& task : tasks->get_object()) context.task_ids.emplace(text_view(task.key()));
  }
  for (std::string_view field : {"tasks", "steps"}) {
    const Json* list = workflow.find(field);
    if (list == nullptr || !list->is_array()) continue;
    for (const Json& task : list->get_array()) {
      if (task.is_object()) context.task_ids.insert(get_string(task.get_object(), "id"));
    }
  }
  const Json* schema = workflow.find("input_schema");
  if (schema == nullptr || !schema->is_object()) return;
  const Json* properties = schema->get_object().if_contains("properties");
  if (properties != nullptr && properties->is_object())
    context.input_fields = properties->get_object();
}

void tell_camel_names(NormaliseContext& context) {
  if (context.camel_names.empty()) return;
  std::string names;
  for (const std::string& name : context.camel_names) names += (names.empty() ? "" : ", ") + name;
  context.tell("camelCase names of fields became snake_case: " + names);
}

}  // namespace

void NormaliseContext::tell(std::string sentence) {
  auto& told = out.translations;
  if (std::find(told.begin(), told.end(), sentence) == told.end())
    told.push_back(std::move(sentence));
}

void FieldSet::erase(std::string_view name) {
  auto found = fields.find(json_view(name));
  if (found != fields.end()) fields.stable_erase(found);  // the order is the author's
}

bool is_workflow_field(std::string_view name) {
  constexpr auto of_dialects = std::to_array<std::string_view>(
      {"input", "parameters", "steps", "error_handlers", "timeout_ms", "timeout_seconds",
       "timeout_minutes", "timeout_hours"});
  return fields::contains(fields::workflow, name) ||
         fields::contains(fields::workflow_later, name) || fields::contains(server_fields, name) ||
         fields::contains(of_dialects, name);
}

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
  std::string place = original_of(context, set, from);
  if (set.has(to)) {
    std::string both = "'" + std::string(from) + "' and '" + std::string(to) + "' mean the same";
    context.findings.error_at_key(place, both + " and are both given", "keep one of them");
    set.erase(from);
    return;
  }
  Json value = std::move(found->value());
  set.erase(from);
  set.put(to, std::move(value));
  context.out.pointers.note(child_pointer(set.canonical, to), std::move(place));
}

void refuse_field(NormaliseContext& context, FieldSet& set, std::string_view field,
                  std::string message, std::string hint) {
  context.findings.error(original_of(context, set, field), std::move(message), std::move(hint));
  set.erase(field);
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
  NormaliseContext context{.findings = findings, .out = out};
  FieldSet workflow = unwrap_template(context, document.get_object());
  for (const Sign& sign : signs) {
    if (sign.is_there(workflow)) context.dialects.insert(sign.dialect);
  }
  drop_server_fields(context, workflow);
  translate_time_fields(context, workflow);
  translate_schemas(context, workflow);
  translate_parameters(context, workflow);
  note_names(context, workflow);
  if (context.is(Dialect::steps)) {
    if (!translate_steps(context, workflow)) return out;
  } else {
    normalise_bodies(context, workflow);
  }
  translate_texts(context, workflow.fields);
  tell_camel_names(context);
  out.value = std::move(workflow.fields);
  return out;
}

}  // namespace harmonia::workflow
