#include <array>

#include "workflow/compile.h"
#include "workflow/fields.h"
#include "workflow/unknown_fields.h"

namespace harmonia::workflow {
namespace {

constexpr std::size_t id_size_max = 128;

using TypeChoice = std::pair<std::string_view, TaskType>;
constexpr std::array<TypeChoice, 4> task_types = {
    TypeChoice{"standard", TaskType::standard}, TypeChoice{"set", TaskType::set},
    TypeChoice{"wait", TaskType::wait}, TypeChoice{"fail", TaskType::fail}};

using OnErrorChoice = std::pair<std::string_view, OnError>;
constexpr std::array<OnErrorChoice, 2> on_error_choices = {
    OnErrorChoice{"fail", OnError::fail}, OnErrorChoice{"continue", OnError::continue_run}};

// Fields that only some types have.
struct TypedField {
  std::string_view name;
  TaskType type;
};
constexpr std::array<TypedField, 11> typed_fields = {{{"component", TaskType::standard},
                                                      {"action", TaskType::standard},
                                                      {"input", TaskType::standard},
                                                      {"output", TaskType::standard},
                                                      {"retry_policy", TaskType::standard},
                                                      {"timeout", TaskType::standard},
                                                      {"heartbeat_timeout", TaskType::standard},
                                                      {"values", TaskType::set},
                                                      {"duration", TaskType::wait},
                                                      {"until", TaskType::wait},
                                                      {"error", TaskType::fail}}};

std::string_view name_of(TaskType type) {
  for (const auto& [name, known] : task_types) {
    if (known == type) return name;
  }
  return {};
}

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

// One task while it is read.
struct TaskReading {
  Task task;
  FieldReader reader;
  TaskNumber number;
  DefinitionBuilder& builder;

  ExpressionSite site(std::string_view field, ExpressionPlace place) const {
    return {.pointer = reader.pointer_to(field), .task = number, .place = place};
  }
  std::optional<expr::Template> value(std::string_view field, ExpressionPlace place) {
    const Json* source = reader.find(field);
    if (source == nullptr) return std::nullopt;
    return compile_value(*source, site(field, place), builder);
  }
};

// The type; nothing when it is unknown, so that its fields can't be judged.
std::optional<TaskType> read_type(FieldReader& reader) {
  auto name = reader.text("type");
  if (!name)
    return reader.find("type") == nullptr ? std::optional(TaskType::standard) : std::nullopt;
  if (fields::contains(fields::types_later, *name)) {
    reader.findings().error(reader.pointer_to("type"),
                            "type '" + *name + "' is not supported by this version yet",
                            "supported: standard, set, wait, fail");
    return std::nullopt;
  }
  return reader.choice("type", task_types);
}

void check_fields_of_type(TaskReading& reading) {
  for (const TypedField& field : typed_fields) {
    if (field.type == reading.task.type || reading.reader.find(field.name) == nullptr) continue;
    std::string message = "'";
    message.append(field.name).append("' belongs to type ").append(name_of(field.type));
    message.append(", this task is of type ").append(name_of(reading.task.type));
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
    if (item.is_string()) {
      named.emplace_back(text_view(item.get_string()), at);
    } else {
      reading.reader.findings().error(
          child_pointer(reading.reader.pointer_to("depends_on"), std::to_string(at)),
          "depends_on must be a list of task ids, this is " + std::string(describe_type(item)));
    }
  }
}

void read_common(TaskReading& reading) {
  FieldReader& reader = reading.reader;
  Task& task = reading.task;
  task.name = reader.text("name").value_or(task.id);
  task.description = reader.text("description").value_or("");
  read_dependencies(reading);
  task.join = compile_join(reader).value_or(JoinRule{});
  if (const Json* when = reader.find("when")) {
    task.when =
        compile_when(*when, reading.site("when", ExpressionPlace::condition), reading.builder);
  }
  task.on_error = reader.choice("on_error", on_error_choices).value_or(OnError::fail);
  if (const JsonObject* metadata = reader.object("metadata")) task.metadata = *metadata;
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
  task.output = reading.value("output", ExpressionPlace::task_output);
  task.retry = compile_retry(reader);
  task.timeout = reader.duration("timeout");
  task.heartbeat_timeout = reader.duration("heartbeat_timeout");
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

void check_id(std::string_view id, FieldReader& reader) {
  if (!is_task_id(id)) {
    reader.findings().error_at_key(
        reader.pointer(), "'" + std::string(id.substr(0, 80)) + "' is no task id",
        "an id starts with a letter or _ and goes on with letters, digits, _ and -, at "
        "most 128 of them");
  }
  auto inner = reader.text("id");
  if (inner && *inner != id) {
    reader.findings().error(
        reader.pointer_to("id"),
        "the id '" + *inner + "' differs from the task's key '" + std::string(id) + "'",
        "leave id out: the key is the id");
  }
}

}  // namespace

void compile_task(std::string_view id, const Json& source, DefinitionBuilder& builder) {
  auto number = static_cast<TaskNumber>(builder.definition.tasks.size());
  std::string pointer = child_pointer("/tasks", id);
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
  check_id(id, reading.reader);
  refuse_unknown_fields(source.get_object(), reading.reader,
                        {.now = fields::task, .later = fields::task_later});
  auto type = read_type(reading.reader);
  reading.task.type = type.value_or(TaskType::standard);
  read_common(reading);
  if (type) {
    check_fields_of_type(reading);
    switch (*type) {
      case TaskType::standard: read_standard(reading); break;
      case TaskType::set: read_set(reading); break;
      case TaskType::wait: read_wait(reading); break;
      case TaskType::fail: read_fail(reading); break;
    }
  }
  builder.definition.tasks.push_back(std::move(reading.task));
}

}  // namespace harmonia::workflow
