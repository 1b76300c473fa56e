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

}  // namespace

std::optional<JsonSchema> compile_schema(FieldReader& reader, std::string_view field) {
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

BodyNumber add_body(DefinitionBuilder& builder, NewBody body, const Json& source) {
  auto number = static_cast<BodyNumber>(builder.definition.bodies.size());
  builder.definition.bodies.push_back(std::move(body.body));
  auto& roots = builder.roots.emplace_back(std::move(body.roots));
  const auto& outer = builder.roots[body.parent];
  roots.insert(roots.end(), outer.begin(), outer.end());
  builder.unread.push_back({.number = number, .source = &source, .pointer = body.pointer});
  return number;
}

namespace {

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
  builder.unread.push_back(
      {.number = 0, .source = reader.find("tasks"), .pointer = reader.pointer_to("tasks")});
}

void read_on_failure(FieldReader& reader, DefinitionBuilder& builder) {
  const JsonObject* tasks = reader.object("on_failure");
  if (tasks == nullptr) return;
  NewBody body{
      .body = {.owner = std::nullopt, .role = BodyRole::on_failure, .label = ".on_failure"},
      .parent = 0,
      .pointer = reader.pointer_to("on_failure")};
  builder.definition.on_failure = add_body(builder, std::move(body), *reader.find("on_failure"));
}

// `compensate` holds one task instead of a map.
constexpr std::string_view undo_id = "compensate";

bool read_body(const UnreadBody& body, DefinitionBuilder& builder) {
  Definition& definition = builder.definition;
  if (definition.bodies[body.number].role == BodyRole::undo) {
    compile_task(undo_id, *body.source, body, builder);
    return true;
  }
  const JsonObject& tasks = body.source->get_object();
  if (definition.tasks.size() + tasks.size() > builder.limits.tasks_max) {
    builder.findings.error(body.pointer, "with these " + std::to_string(tasks.size()) +
                                             " tasks the workflow has more than the limit of " +
                                             std::to_string(builder.limits.tasks_max));
    return false;
  }
  for (const auto& member : tasks) {
    std::string_view id = text_view(member.key());
    if (id.find('-') != std::string_view::npos) builder.hyphenated.push_back(id);
  }
  for (const auto& member : tasks)
    compile_task(text_view(member.key()), member.value(), body, builder);
  return true;
}

void read_bodies(DefinitionBuilder& builder) {
  // Reading one may register further ones.
  for (std::size_t next = 0; next < builder.unread.size(); ++next) {
    UnreadBody body = builder.unread[next];
    auto first = static_cast<TaskNumber>(builder.definition.tasks.size());
    if (!read_body(body, builder)) return;
    auto end = static_cast<TaskNumber>(builder.definition.tasks.size());
    auto& numbers = builder.definition.bodies[body.number].tasks;
    for (TaskNumber number = first; number < end; ++number) numbers.push_back(number);
  }
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
  definition.input_schema = compile_schema(reader, "input_schema");
  definition.output_schema = compile_schema(reader, "output_schema");
  definition.timeout = reader.duration("timeout");
  if (const JsonObject* metadata = reader.object("metadata")) definition.metadata = *metadata;
  Body& root = definition.bodies.emplace_back();
  builder.roots.emplace_back();
  root.on_child_failure =
      reader.choice("on_child_failure", failure_choices).value_or(OnChildFailure::wait);
  constexpr std::uint32_t parallel_max = 1'000'000;
  definition.max_parallel = reader.count("max_parallel", 1, parallel_max);
  definition.concurrency = compile_concurrency(
      reader,
      {.pointer = "", .task = std::nullopt, .body = 0, .place = ExpressionPlace::task_values},
      builder);
  read_tasks(reader, builder);
  read_on_failure(reader, builder);
  read_bodies(builder);
  const Json* output = reader.find("output");
  if (output == nullptr) return;
  ExpressionSite site{.pointer = reader.pointer_to("output"),
                      .task = std::nullopt,
                      .body = 0,
                      .place = ExpressionPlace::workflow_output};
  definition.output = compile_value(*output, site, builder);
}

}  // namespace harmonia::workflow
