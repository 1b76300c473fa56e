#include <array>

#include "workflow/compile.h"
#include "workflow/fields.h"
#include "workflow/unknown_fields.h"

namespace harmonia::workflow {
namespace {

constexpr std::size_t name_size_max = 255;

using FailureChoice = std::pair<std::string_view, OnChildFailure>;
constexpr std::array<FailureChoice, 2> failure_choices = {
    FailureChoice{"wait", OnChildFailure::wait}, FailureChoice{"cancel", OnChildFailure::cancel}};

void read_name(FieldReader& reader, Definition& definition) {
  auto name = reader.text("name");
  if (!name && reader.find("name") == nullptr) {
    reader.findings().error("", "a workflow needs a name");
  } else if (name && (name->empty() || name->size() > name_size_max)) {
    reader.findings().error(reader.pointer_to("name"),
                            "name must have 1 to " + std::to_string(name_size_max) + " bytes");
  }
  definition.name = name.value_or("");
}

// An empty schema accepts all, which is the same as none.
std::optional<JsonSchema> read_schema(FieldReader& reader, std::string_view field) {
  const Json* source = reader.find(field);
  if (source == nullptr || (source->is_object() && source->get_object().empty()))
    return std::nullopt;
  if (!source->is_object() && !source->is_bool()) {
    reader.refuse_type(field, "a JSON Schema");
    return std::nullopt;
  }
  auto schema = JsonSchema::compile(*source);
  if (schema.ok()) return std::move(*schema);
  for (const Problem& problem : schema.error().problems) {
    reader.findings().error(reader.pointer_to(field) + problem.pointer,
                            "in the schema: " + problem.message, problem.hint);
  }
  return std::nullopt;
}

void read_tasks(FieldReader& reader, DefinitionBuilder& builder) {
  if (reader.find("tasks") == nullptr) {
    return reader.findings().error("", "a workflow needs tasks",
                                   "write tasks: {first: {component: log}}");
  }
  const JsonObject* tasks = reader.object("tasks");
  if (tasks == nullptr) return;
  if (tasks->empty()) {
    reader.findings().warning(reader.pointer_to("tasks"), "the workflow has no tasks",
                              "a run of it completes at once");
  }
  if (tasks->size() > builder.limits.tasks_max) {
    return reader.findings().error(reader.pointer_to("tasks"),
                                   "the workflow has " + std::to_string(tasks->size()) +
                                       " tasks, more than the limit of " +
                                       std::to_string(builder.limits.tasks_max));
  }
  for (const auto& member : *tasks) {
    std::string_view id = text_view(member.key());
    if (id.find('-') != std::string_view::npos) builder.hyphenated.push_back(id);
  }
  for (const auto& member : *tasks) compile_task(text_view(member.key()), member.value(), builder);
}

}  // namespace

void compile_definition(const JsonObject& canonical, DefinitionBuilder& builder) {
  Definition& definition = builder.definition;
  FieldReader reader(canonical, "", builder.findings);
  refuse_unknown_fields(canonical, reader,
                        {.now = fields::workflow, .later = fields::workflow_later});
  read_name(reader, definition);
  definition.version = reader.text("version").value_or(definition.version);
  definition.description = reader.text("description").value_or("");
  definition.tags = reader.texts("tags");
  definition.input_schema = read_schema(reader, "input_schema");
  definition.output_schema = read_schema(reader, "output_schema");
  definition.timeout = reader.duration("timeout");
  if (const JsonObject* metadata = reader.object("metadata")) definition.metadata = *metadata;
  Body& root = definition.bodies.emplace_back();
  root.on_child_failure =
      reader.choice("on_child_failure", failure_choices).value_or(OnChildFailure::wait);
  read_tasks(reader, builder);
  for (TaskNumber number = 0; number < definition.tasks.size(); ++number) {
    definition.bodies.front().tasks.push_back(number);
  }
  const Json* output = reader.find("output");
  if (output == nullptr) return;
  ExpressionSite site{.pointer = reader.pointer_to("output"),
                      .task = std::nullopt,
                      .place = ExpressionPlace::workflow_output};
  definition.output = compile_value(*output, site, builder);
}

}  // namespace harmonia::workflow
