#include <cmath>

#include "workflow/compile.h"

namespace harmonia::workflow {
namespace {

// Seconds; whole ones as an integer.
Json seconds_of(Duration duration) {
  constexpr std::int64_t second = 1'000'000;
  if (duration.count() % second == 0) return Json(duration.count() / second);
  return Json(to_seconds(duration));
}

Json number_of(double number) {
  bool whole = number == std::floor(number) && std::fabs(number) < 1e15;
  return whole ? Json(static_cast<std::int64_t>(number)) : Json(number);
}

Json list_of(const std::vector<std::string>& texts) {
  JsonArray list;
  for (const std::string& text : texts) list.emplace_back(json_view(text));
  return list;
}

Json text_of(std::string_view text) { return Json(json_view(text)); }

std::string_view name_of(TaskType type) {
  switch (type) {
    case TaskType::standard: return "standard";
    case TaskType::set: return "set";
    case TaskType::wait: return "wait";
    case TaskType::fail: return "fail";
  }
  return {};
}

Json join_of(const JoinRule& rule) {
  switch (rule.kind) {
    case JoinKind::all_success: return "all_success";
    case JoinKind::none_failed: return "none_failed";
    case JoinKind::all_done: return "all_done";
    case JoinKind::any_success: return "any_success";
    case JoinKind::one_failed: return "one_failed";
    case JoinKind::at_least: break;
  }
  JsonObject rule_object;
  rule_object["at_least"] = static_cast<std::int64_t>(rule.count);
  return rule_object;
}

Json retry_of(const RetryPolicy& policy) {
  const RetryPolicy usual;
  JsonObject object;
  if (policy.max_retries != usual.max_retries) {
    object["max_retries"] = static_cast<std::int64_t>(policy.max_retries);
  }
  if (policy.initial_delay != usual.initial_delay)
    object["initial_delay"] = seconds_of(policy.initial_delay);
  if (policy.backoff_multiplier != usual.backoff_multiplier) {
    object["backoff_multiplier"] = number_of(policy.backoff_multiplier);
  }
  if (policy.max_delay != usual.max_delay) object["max_delay"] = seconds_of(policy.max_delay);
  if (policy.jitter != usual.jitter) object["jitter"] = number_of(policy.jitter);
  if (!policy.retry_on.empty()) object["retry_on"] = list_of(policy.retry_on);
  return object;
}

bool is_empty_object(const Json& value) { return value.is_object() && value.get_object().empty(); }

void put_template(JsonObject& object, const char* field,
                  const std::optional<expr::Template>& value) {
  if (value) object[field] = value->source();
}

void put_order(JsonObject& object, const Task& task, const Definition& definition,
               const JsonObject& source) {
  if (!task.depends_on.empty()) {
    JsonArray ids;
    for (TaskNumber number : task.depends_on) ids.push_back(text_of(definition.tasks[number].id));
    object["depends_on"] = std::move(ids);
  }
  if (task.join.kind != JoinKind::all_success) object["join"] = join_of(task.join);
  if (!task.when) return;
  const Json& when = source.at("when");
  object["when"] = when.is_bool() ? Json(when.get_bool() ? "true" : "false") : when;
}

Json task_of(const Task& task, const Definition& definition, const JsonObject& source) {
  JsonObject object;
  if (task.name != task.id) object["name"] = text_of(task.name);
  if (!task.description.empty()) object["description"] = text_of(task.description);
  if (task.type != TaskType::standard) object["type"] = text_of(name_of(task.type));
  put_order(object, task, definition, source);
  if (!task.component.empty()) object["component"] = text_of(task.component);
  if (!task.action.empty()) object["action"] = text_of(task.action);
  if (task.input && !is_empty_object(task.input->source())) object["input"] = task.input->source();
  put_template(object, "output", task.output);
  if (task.retry) object["retry_policy"] = retry_of(*task.retry);
  if (task.timeout) object["timeout"] = seconds_of(*task.timeout);
  if (task.heartbeat_timeout) object["heartbeat_timeout"] = seconds_of(*task.heartbeat_timeout);
  put_template(object, "values", task.values);
  put_template(object, "duration", task.duration);
  put_template(object, "until", task.until);
  put_template(object, "error", task.error);
  if (task.on_error == OnError::continue_run) object["on_error"] = "continue";
  if (!task.metadata.empty()) object["metadata"] = task.metadata;
  return object;
}

}  // namespace

Json make_canonical(const Definition& definition, const JsonObject& source) {
  JsonObject object;
  object["name"] = text_of(definition.name);
  if (definition.version != Definition{}.version) object["version"] = text_of(definition.version);
  if (!definition.description.empty()) object["description"] = text_of(definition.description);
  if (!definition.tags.empty()) object["tags"] = list_of(definition.tags);
  if (definition.input_schema) object["input_schema"] = definition.input_schema->source();
  if (definition.output_schema) object["output_schema"] = definition.output_schema->source();
  put_template(object, "output", definition.output);
  if (definition.timeout) object["timeout"] = seconds_of(*definition.timeout);
  if (definition.root().on_child_failure == OnChildFailure::cancel)
    object["on_child_failure"] = "cancel";
  if (!definition.metadata.empty()) object["metadata"] = definition.metadata;
  JsonObject tasks;
  const JsonObject& task_sources = source.at("tasks").get_object();
  for (const Task& task : definition.tasks) {
    tasks.emplace(task.id, task_of(task, definition, task_sources.at(task.id).get_object()));
  }
  object["tasks"] = std::move(tasks);
  return object;
}

}  // namespace harmonia::workflow
