#include <array>

#include "base/utf8.h"
#include "workflow/compile.h"
#include "workflow/fields.h"
#include "workflow/unknown_fields.h"

namespace harmonia::workflow {
namespace {

constexpr std::size_t id_size_max = 128;

using TypeChoice = std::pair<std::string_view, TaskType>;
constexpr auto task_types = std::to_array<TypeChoice>({{"standard", TaskType::standard},
                                                       {"set", TaskType::set},
                                                       {"wait", TaskType::wait},
                                                       {"fail", TaskType::fail},
                                                       {"terminate", TaskType::terminate},
                                                       {"join", TaskType::join},
                                                       {"decision", TaskType::decision},
                                                       {"parallel", TaskType::parallel},
                                                       {"loop", TaskType::loop},
                                                       {"map", TaskType::map},
                                                       {"try", TaskType::try_block},
                                                       {"critical", TaskType::critical},
                                                       {"subworkflow", TaskType::subworkflow},
                                                       {"event", TaskType::event},
                                                       {"approval", TaskType::approval},
                                                       {"webhook", TaskType::webhook},
                                                       // A runner that a plug-in has registered.
                                                       {"custom", TaskType::standard}});

using OnErrorChoice = std::pair<std::string_view, OnError>;
constexpr auto on_error_choices = std::to_array<OnErrorChoice>({{"fail", OnError::fail},
                                                                {"continue", OnError::continue_run},
                                                                {"incident", OnError::incident}});

constexpr std::uint32_t bit(TaskType type) { return 1u << static_cast<unsigned>(type); }

template <class... Types>
constexpr std::uint32_t types(Types... all) {
  return (bit(all) | ...);
}

constexpr std::uint32_t holders = types(TaskType::parallel, TaskType::loop, TaskType::map,
                                        TaskType::try_block, TaskType::critical);
constexpr std::uint32_t waiters =
    types(TaskType::subworkflow, TaskType::event, TaskType::approval, TaskType::webhook);

// Fields that only some types have.
struct TypedField {
  std::string_view name;
  std::uint32_t types;
};
constexpr auto typed_fields = std::to_array<TypedField>({
    {"component", types(TaskType::standard)},
    {"action", types(TaskType::standard)},
    {"input", types(TaskType::standard, TaskType::subworkflow, TaskType::webhook)},
    {"output", types(TaskType::standard, TaskType::terminate) | holders | waiters},
    {"retry_policy", types(TaskType::standard, TaskType::subworkflow, TaskType::webhook) | holders},
    {"timeout", types(TaskType::standard) | holders | waiters},
    {"heartbeat_timeout", types(TaskType::standard)},
    {"values", types(TaskType::set)},
    {"duration", types(TaskType::wait)},
    {"until", types(TaskType::wait, TaskType::loop)},
    {"error", types(TaskType::fail)},
    {"cases", types(TaskType::decision)},
    {"default", types(TaskType::decision)},
    {"mode", types(TaskType::decision)},
    {"branches", types(TaskType::parallel)},
    {"do", types(TaskType::loop, TaskType::map, TaskType::try_block, TaskType::critical)},
    {"while", types(TaskType::loop)},
    {"times", types(TaskType::loop)},
    {"for_each", types(TaskType::loop)},
    {"max_iterations", types(TaskType::loop)},
    {"break_when", types(TaskType::loop)},
    {"delay", types(TaskType::loop)},
    {"as", types(TaskType::loop, TaskType::map)},
    {"collect", types(TaskType::loop, TaskType::map)},
    {"items", types(TaskType::map)},
    {"max_concurrency", types(TaskType::map)},
    {"max_failures", types(TaskType::map)},
    {"batch_size", types(TaskType::map)},
    {"key", types(TaskType::critical)},
    {"on_child_failure", holders},
    {"workflow", types(TaskType::subworkflow)},
    {"version", types(TaskType::subworkflow)},
    {"detached", types(TaskType::subworkflow)},
    {"max_depth", types(TaskType::subworkflow)},
    {"event", types(TaskType::event)},
    {"correlation", types(TaskType::event)},
    {"filter", types(TaskType::event)},
    {"count", types(TaskType::event)},
    {"on_timeout", types(TaskType::event, TaskType::approval)},
    {"form", types(TaskType::approval)},
    {"title", types(TaskType::approval)},
    {"assignees", types(TaskType::approval)},
    {"on_reject", types(TaskType::approval)},
    {"compensate", ~types(TaskType::fail, TaskType::terminate)},
    {"cache", types(TaskType::standard)},
    {"priority", types(TaskType::standard)},
    {"rate_limit", types(TaskType::standard)},
    {"concurrency", types(TaskType::standard)},
});

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_task_id(std::string_view id) {
  bool letters = !id.empty() && is_letter(id[0]);
  for (char c : id) letters = letters && (is_letter(c) || is_digit(c) || c == '-');
  return letters && id.size() <= id_size_max;
}

bool is_error_code(std::string_view code) {
  bool letters = !code.empty() && code[0] >= 'a' && code[0] <= 'z';
  for (char c : code) letters = letters && ((c >= 'a' && c <= 'z') || is_digit(c) || c == '_');
  return letters;
}

// The type; nothing when it is unknown, so that its fields can't be judged.
std::optional<TaskType> read_type(FieldReader& reader) {
  auto name = reader.text("type");
  if (!name)
    return reader.find("type") == nullptr ? std::optional(TaskType::standard) : std::nullopt;
  return reader.choice("type", task_types);
}

// The types that have a field: "types wait and loop".
std::string names_of(std::uint32_t field_types) {
  std::vector<std::string_view> names;
  for (const auto& [name, type] : task_types) {
    if ((field_types & bit(type)) != 0 && name != "custom") names.push_back(name);
  }
  std::string list;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (i > 0) list += i + 1 == names.size() ? " and " : ", ";
    list += names[i];
  }
  return (names.size() > 1 ? "types " : "type ") + list;
}

void check_fields_of_type(TaskReading& reading) {
  for (const TypedField& field : typed_fields) {
    if ((field.types & bit(reading.task.type)) != 0) continue;
    if (reading.reader.find(field.name) == nullptr) continue;
    std::string message = "'";
    message.append(field.name).append("' belongs to ").append(names_of(field.types));
    message.append(", this task is of type ").append(to_string(reading.task.type));
    reading.reader.findings().error_at_key(reading.reader.pointer_to(field.name),
                                           std::move(message));
  }
}

void read_dependencies(TaskReading& reading) {
  auto& named = reading.builder.dependencies.emplace_back();
  const Json* source = reading.reader.find("depends_on");
  if (source == nullptr) return;
  if (!source->is_array()) {
    std::string hint =
        source->is_string() ? "write it in brackets: [" + to_text(*source) + "]" : "";
    reading.reader.findings().error(
        reading.reader.pointer_to("depends_on"),
        "depends_on must be a list of task ids, not " + std::string(describe_type(*source)),
        std::move(hint));
    return;
  }
  std::size_t index = 0;
  for (const Json& item : source->get_array()) {
    std::size_t at = index++;
    std::string pointer =
        child_pointer(reading.reader.pointer_to("depends_on"), std::to_string(at));
    if (item.is_string()) {
      named.push_back({.name = std::string(text_view(item.get_string())), .pointer = pointer});
    } else {
      reading.reader.findings().error(pointer, "depends_on must be a list of task ids, this is " +
                                                   std::string(describe_type(item)));
    }
  }
}

// `join: all` and `join: any` of a parallel are about its branches.
bool joins_branches(TaskReading& reading) {
  const Json* join = reading.reader.find("join");
  return reading.task.type == TaskType::parallel && join != nullptr && join->is_string() &&
         (join->get_string() == "all" || join->get_string() == "any");
}

void read_common(TaskReading& reading) {
  FieldReader& reader = reading.reader;
  Task& task = reading.task;
  task.name = reader.text("name").value_or(task.id);
  task.description = reader.text("description").value_or("");
  read_dependencies(reading);
  if (!joins_branches(reading)) task.join = compile_join(reader).value_or(JoinRule{});
  task.when = reading.condition("when");
  task.on_error = reader.choice("on_error", on_error_choices).value_or(OnError::fail);
  if (const JsonObject* metadata = reader.object("metadata")) task.metadata = *metadata;
  read_handlers(reading);
}

void read_standard(TaskReading& reading) {
  FieldReader& reader = reading.reader;
  Task& task = reading.task;
  task.component = reader.text("component").value_or("");
  bool missing = reader.find("component") == nullptr;
  bool empty = !missing && reader.find("component")->is_string() && task.component.empty();
  if (missing || empty) {
    reader.findings().error(missing ? reader.pointer() : reader.pointer_to("component"),
                            "a task of type standard needs a component",
                            "name who does it, such as http, worker or log; or give another type");
  }
  task.action = reader.text("action").value_or("");
  if (reader.object("input") != nullptr)
    task.input = reading.value("input", ExpressionPlace::task_input);
  task.heartbeat_timeout = reader.duration("heartbeat_timeout");
  read_sharing(reading);
}

void read_set(TaskReading& reading) {
  FieldReader& reader = reading.reader;
  const Json* values = reader.find("values");
  if (values == nullptr) {
    reader.findings().error(reader.pointer(), "a task of type set needs values",
                            "write values: {total: \"${input.a + input.b}\"}");
    return;
  }
  if (!values->is_object() && !values->is_string())
    return reader.refuse_type("values", "an object");
  reading.task.values = reading.value("values", ExpressionPlace::task_values);
}

// A literal time is checked now, one with expressions when it is due.
void check_literal_time(TaskReading& reading, std::string_view field) {
  const Json& source = *reading.reader.find(field);
  std::string fault;
  if (field == "duration") {
    auto duration = read_duration(source);
    if (!duration.ok()) fault = duration.error().detail;
  } else if (source.is_string()) {
    auto time = parse_rfc3339(text_view(source.get_string()));
    if (!time.ok()) fault = time.error().detail;
  } else {
    fault = "must be an RFC 3339 time such as 2026-11-21T11:02:03Z";
  }
  if (fault.empty()) return;
  std::string message(field);
  message.append(fault.starts_with('\'') ? ": " : " ").append(fault);
  reading.reader.findings().error(reading.reader.pointer_to(field), std::move(message));
}

void read_wait(TaskReading& reading) {
  FieldReader& reader = reading.reader;
  bool has_duration = reader.find("duration") != nullptr;
  bool has_until = reader.find("until") != nullptr;
  if (has_duration == has_until) {
    reader.findings().error(reader.pointer(),
                            "a task of type wait needs exactly one of duration and until",
                            "duration: seconds or ISO 8601 text; until: an RFC 3339 time");
    return;
  }
  std::string_view field = has_duration ? "duration" : "until";
  auto time = reading.value(field, ExpressionPlace::task_values);
  if (!time) return;
  if (time->is_constant()) check_literal_time(reading, field);
  (has_duration ? reading.task.duration : reading.task.until) = std::move(time);
}

void read_fail(TaskReading& reading) {
  FieldReader& reader = reading.reader;
  if (reader.find("error") == nullptr) {
    reader.findings().error(reader.pointer(), "a task of type fail needs error",
                            "write error: {code: out_of_stock, message: \"...\"}");
    return;
  }
  const JsonObject* source = reader.object("error");
  if (source == nullptr) return;
  constexpr std::array<std::string_view, 2> error_fields = {"code", "message"};
  FieldReader error(*source, reader.pointer_to("error"), reader.findings());
  refuse_unknown_fields(*source, error, {.now = error_fields, .later = {}});
  for (std::string_view field : error_fields) {
    if (error.find(field) == nullptr) {
      reader.findings().error(error.pointer(), "error needs a " + std::string(field));
    }
  }
  auto code = error.text("code");
  error.text("message");
  bool literal = code && code->find("${") == std::string::npos;
  if (literal && !is_error_code(*code)) {
    reader.findings().error(error.pointer_to("code"), "an error code is snake_case: a-z, 0-9 and _",
                            "such as out_of_stock");
  }
  reading.task.error = reading.value("error", ExpressionPlace::task_values);
}

void check_inner_id(std::string_view id, FieldReader& reader) {
  auto inner = reader.text("id");
  if (!inner || *inner == id) return;
  reader.findings().error(
      reader.pointer_to("id"),
      "the id '" + *inner + "' differs from the task's key '" + std::string(id) + "'",
      "leave id out: the key is the id");
}

void read_type_fields(TaskReading& reading) {
  switch (reading.task.type) {
    case TaskType::standard: return read_standard(reading);
    case TaskType::set: return read_set(reading);
    case TaskType::wait: return read_wait(reading);
    case TaskType::fail: return read_fail(reading);
    case TaskType::terminate:
    case TaskType::join: return;
    case TaskType::decision: return read_decision(reading);
    case TaskType::parallel: return read_parallel(reading);
    case TaskType::loop: return read_loop(reading);
    case TaskType::map: return read_map(reading);
    case TaskType::try_block: return read_try(reading);
    case TaskType::critical: return read_critical(reading);
    case TaskType::subworkflow: return read_subworkflow(reading);
    case TaskType::event: return read_event(reading);
    case TaskType::approval: return read_approval(reading);
    case TaskType::webhook: return read_webhook(reading);
  }
}

// What all types that work or wait have in common.
void read_work_fields(TaskReading& reading) {
  bool ends_run = reading.task.type == TaskType::terminate;
  reading.task.output = reading.value(
      "output", ends_run ? ExpressionPlace::task_values : ExpressionPlace::task_output);
  reading.task.retry = compile_retry(reading.reader, "retry_policy");
  reading.task.timeout = reading.reader.duration("timeout");
}

}  // namespace

void check_id(std::string_view id, std::string_view what, const std::string& pointer,
              Findings& findings) {
  if (is_task_id(id)) return;
  std::string message = "'" + utf8_prefix(id, 80) + "' is no ";
  findings.error_at_key(
      pointer, message.append(what).append(" id"),
      "an id starts with a letter or _ and goes on with letters, digits, _ and -, at "
      "most 128 of them");
}

std::optional<expr::Template> TaskReading::value(std::string_view field, ExpressionPlace place) {
  const Json* source = reader.find(field);
  if (source == nullptr) return std::nullopt;
  return compile_value(*source, site(field, place), builder);
}

std::optional<expr::Program> TaskReading::condition(std::string_view field) {
  const Json* source = reader.find(field);
  if (source == nullptr) return std::nullopt;
  return compile_condition(*source, site(field, ExpressionPlace::condition), builder);
}

std::optional<BodyNumber> TaskReading::body(FieldReader& owner, std::string_view field, Body body,
                                            std::vector<std::string> roots) {
  const JsonObject* tasks = owner.object(field);
  if (tasks == nullptr) return std::nullopt;
  if (tasks->empty()) owner.findings().warning(owner.pointer_to(field), "there are no tasks in it");
  body.owner = number;
  NewBody added{.body = std::move(body),
                .parent = task.body,
                .pointer = owner.pointer_to(field),
                .roots = std::move(roots)};
  return add_body(builder, std::move(added), *owner.find(field));
}

void compile_task(std::string_view id, const Json& source, const UnreadBody& body,
                  DefinitionBuilder& builder) {
  auto number = static_cast<TaskNumber>(builder.definition.tasks.size());
  bool is_undo = builder.definition.bodies[body.number].role == BodyRole::undo;
  std::string pointer = is_undo ? body.pointer : child_pointer(body.pointer, id);
  if (!source.is_object()) {
    builder.findings.error(pointer,
                           "a task is an object, not " + std::string(describe_type(source)));
    return;
  }
  TaskReading reading{.task = {},
                      .reader = FieldReader(source.get_object(), pointer, builder.findings),
                      .number = number,
                      .builder = builder};
  reading.task.id = id;
  reading.task.body = body.number;
  builder.pointers.push_back(pointer);
  check_id(id, "task", pointer, builder.findings);
  check_inner_id(id, reading.reader);
  refuse_unknown_fields(source.get_object(), reading.reader, {.now = fields::task, .later = {}});
  auto type = read_type(reading.reader);
  reading.task.type = type.value_or(TaskType::standard);
  read_common(reading);
  if (type) {
    check_fields_of_type(reading);
    read_work_fields(reading);
    read_type_fields(reading);
  }
  builder.definition.tasks.push_back(std::move(reading.task));
}

}  // namespace harmonia::workflow
