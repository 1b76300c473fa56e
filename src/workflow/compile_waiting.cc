#include <array>

#include "workflow/compile.h"

// The types that wait for somebody else.
namespace harmonia::workflow {
namespace {

using TimeoutChoice = std::pair<std::string_view, OnTimeout>;
constexpr auto event_timeouts =
    std::to_array<TimeoutChoice>({{"fail", OnTimeout::fail}, {"continue", OnTimeout::proceed}});
constexpr auto approval_timeouts = std::to_array<TimeoutChoice>(
    {{"fail", OnTimeout::fail}, {"approve", OnTimeout::approve}, {"reject", OnTimeout::reject}});

using RejectChoice = std::pair<std::string_view, bool>;
constexpr auto reject_choices = std::to_array<RejectChoice>({{"fail", true}, {"continue", false}});

void require(TaskReading& reading, std::string_view field, std::string_view example) {
  if (reading.reader.find(field) != nullptr) return;
  std::string message = "a task of type ";
  message.append(to_string(reading.task.type)).append(" needs ").append(field);
  reading.builder.findings.error(reading.reader.pointer(), std::move(message),
                                 "write " + std::string(example));
}

bool read_bool(FieldReader& reader, std::string_view field) {
  const Json* value = reader.find(field);
  if (value == nullptr) return false;
  if (!value->is_bool()) {
    reader.refuse_type(field, "true or false");
    return false;
  }
  return value->get_bool();
}

// A text, or one with expressions.
std::optional<expr::Template> text_value(TaskReading& reading, std::string_view field) {
  const Json* source = reading.reader.find(field);
  if (source != nullptr && !source->is_string()) {
    reading.reader.refuse_type(field, "text");
    return std::nullopt;
  }
  return reading.value(field, ExpressionPlace::task_values);
}

void check_version(TaskReading& reading, const Subworkflow& sub) {
  if (!sub.version || !sub.version->is_constant()) return;
  const Json& version = sub.version->source();
  bool good = version.is_number() && reading.reader.count("version", 1, 1'000'000'000).has_value();
  if (!good && !version.is_number())
    reading.reader.refuse_type("version", "the number of a revision or an expression");
}

void check_assignees(TaskReading& reading) {
  const Json* source = reading.reader.find("assignees");
  if (source == nullptr) return;
  if (!source->is_array() && !source->is_string()) {
    reading.reader.refuse_type("assignees", "a list of names or an expression that gives one");
  } else if (source->is_array()) {
    reading.reader.texts("assignees");
  } else if (!has_expression(*source)) {
    reading.reader.findings().error(reading.reader.pointer_to("assignees"),
                                    "assignees must be a list of names, not text",
                                    "write it in brackets: [" + to_text(*source) + "]");
  }
}

void check_timeout_choice(TaskReading& reading) {
  if (reading.reader.find("on_timeout") == nullptr || reading.task.timeout) return;
  reading.builder.findings.warning(reading.reader.pointer_to("on_timeout"),
                                   "without timeout this never happens");
}

}  // namespace

void read_subworkflow(TaskReading& reading) {
  FieldReader& reader = reading.reader;
  require(reading, "workflow", "workflow: name-of-the-other");
  Subworkflow sub;
  sub.workflow = text_value(reading, "workflow");
  sub.version = reading.value("version", ExpressionPlace::task_values);
  check_version(reading, sub);
  sub.detached = read_bool(reader, "detached");
  constexpr std::uint32_t depth_max = 100;
  sub.max_depth = reader.count("max_depth", 1, depth_max).value_or(sub.max_depth);
  const Json* input = reader.find("input");
  if (input != nullptr && !input->is_object() && !has_expression(*input))
    reader.refuse_type("input", "an object or an expression that gives one");
  reading.task.input = reading.value("input", ExpressionPlace::task_values);
  reading.task.structure = std::move(sub);
}

void read_event(TaskReading& reading) {
  FieldReader& reader = reading.reader;
  require(reading, "event", "event: order.paid");
  EventWait wait;
  wait.name = text_value(reading, "event");
  wait.correlation = reading.value("correlation", ExpressionPlace::task_values);
  if (const Json* filter = reader.find("filter")) {
    wait.filter = compile_condition(*filter, reading.site("filter", ExpressionPlace::event_filter),
                                    reading.builder);
  }
  constexpr std::uint32_t count_max = 100'000;
  wait.count = reader.count("count", 1, count_max).value_or(1);
  wait.on_timeout = reader.choice("on_timeout", event_timeouts).value_or(OnTimeout::fail);
  check_timeout_choice(reading);
  reading.task.structure = std::move(wait);
}

void read_approval(TaskReading& reading) {
  FieldReader& reader = reading.reader;
  Approval approval;
  reading.builder.definition.uses_tokens = true;
  approval.form = compile_schema(reader, "form");
  approval.title = text_value(reading, "title");
  approval.assignees = reading.value("assignees", ExpressionPlace::task_values);
  check_assignees(reading);
  approval.on_timeout = reader.choice("on_timeout", approval_timeouts).value_or(OnTimeout::fail);
  approval.fail_on_reject = reader.choice("on_reject", reject_choices).value_or(true);
  check_timeout_choice(reading);
  reading.task.structure = std::move(approval);
}

void read_webhook(TaskReading& reading) {
  require(reading, "input", "input: {url: \"https://...\", body: {reply_to: \"${callback.url}\"}}");
  reading.builder.definition.uses_tokens = true;
  reading.task.component = "http";
  reading.task.action = "request";
  if (reading.reader.object("input") != nullptr)
    reading.task.input = reading.value("input", ExpressionPlace::webhook_input);
  reading.task.structure = Webhook{};
}

}  // namespace harmonia::workflow
