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
  sub.workflow = reading.value("workflow", ExpressionPlace::task_values);
  sub.version = reading.value("version", ExpressionPlace::task_values);
  sub.detached = read_bool(reader, "detached");
  constexpr std::uint32_t depth_max = 100;
  sub.max_depth = reader.count("max_depth", 1, depth_max).value_or(sub.max_depth);
  reading.task.input = reading.value("input", ExpressionPlace::task_values);
  reading.task.structure = std::move(sub);
}

void read_event(TaskReading& reading) {
  FieldReader& reader = reading.reader;
  require(reading, "event", "event: order.paid");
  EventWait wait;
  wait.name = reading.value("event", ExpressionPlace::task_values);
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
  approval.title = reading.value("title", ExpressionPlace::task_values);
  approval.assignees = reading.value("assignees", ExpressionPlace::task_values);
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
