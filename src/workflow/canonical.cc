#include <algorithm>
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

Json condition_of(const expr::Program& condition) {
  return text_of("${" + condition.source() + "}");
}

void put_condition(JsonObject& object, const char* field,
                   const std::optional<expr::Program>& value) {
  if (value) object[field] = condition_of(*value);
}

void put_count(JsonObject& object, const char* field, std::uint32_t value, std::uint32_t usual) {
  if (value != usual) object[field] = static_cast<std::int64_t>(value);
}

void put_text(JsonObject& object, const char* field, std::string_view value) {
  if (!value.empty()) object[field] = text_of(value);
}

std::string_view name_of(OnTimeout outcome) {
  switch (outcome) {
    case OnTimeout::fail: return "fail";
    case OnTimeout::proceed: return "continue";
    case OnTimeout::approve: return "approve";
    case OnTimeout::reject: return "reject";
  }
  return {};
}

std::string_view name_of(ConcurrencyPolicy policy) {
  switch (policy) {
    case ConcurrencyPolicy::queue: return "queue";
    case ConcurrencyPolicy::reject: return "reject";
    case ConcurrencyPolicy::replace: return "replace";
  }
  return {};
}

Json concurrency_of(const Concurrency& concurrency) {
  JsonObject object;
  object["key"] = concurrency.key.source();
  put_count(object, "limit", concurrency.limit, 1);
  if (concurrency.policy != ConcurrencyPolicy::queue)
    object["policy"] = text_of(name_of(concurrency.policy));
  return object;
}

class Writer {
 public:
  explicit Writer(const Definition& definition) : definition_(definition) {}

  JsonObject tasks_of(BodyNumber body) const {
    JsonObject tasks;
    for (TaskNumber number : definition_.bodies[body].tasks)
      tasks.emplace(definition_.tasks[number].id, task_of(number));
    return tasks;
  }

 private:
  Json ids_of(const std::vector<TaskNumber>& numbers) const {
    JsonArray ids;
    for (TaskNumber number : numbers) ids.push_back(text_of(definition_.tasks[number].id));
    return ids;
  }

  // A decision's targets depend on it without saying so.
  bool is_implied(TaskNumber predecessor, TaskNumber number) const {
    const auto* decision = std::get_if<Decision>(&definition_.tasks[predecessor].structure);
    if (decision == nullptr) return false;
    auto has = [number](const Choice& choice) {
      return std::find(choice.next.begin(), choice.next.end(), number) != choice.next.end();
    };
    return std::any_of(decision->cases.begin(), decision->cases.end(), has) ||
           (decision->otherwise && has(*decision->otherwise));
  }

  Json task_of(TaskNumber number) const {
    const Task& task = definition_.tasks[number];
    JsonObject object;
    if (task.name != task.id) object["name"] = text_of(task.name);
    put_text(object, "description", task.description);
    if (task.type != TaskType::standard) object["type"] = text_of(to_string(task.type));
    put_order(object, number);
    put_work(object, task);
    put_structure(object, task);
    put_handlers(object, task);
    if (task.on_error == OnError::continue_run) object["on_error"] = "continue";
    if (task.on_error == OnError::incident) object["on_error"] = "incident";
    if (!task.metadata.empty()) object["metadata"] = task.metadata;
    return object;
  }

  void put_order(JsonObject& object, TaskNumber number) const {
    const Task& task = definition_.tasks[number];
    std::vector<TaskNumber> told;
    for (TaskNumber predecessor : task.depends_on) {
      if (!is_implied(predecessor, number)) told.push_back(predecessor);
    }
    if (!told.empty()) object["depends_on"] = ids_of(told);
    if (task.join.kind != JoinKind::all_success) object["join"] = join_of(task.join);
    put_condition(object, "when", task.when);
  }

  void put_work(JsonObject& object, const Task& task) const {
    bool names_component = task.type == TaskType::standard;
    if (names_component) put_text(object, "component", task.component);
    if (names_component) put_text(object, "action", task.action);
    if (task.input && !is_empty_object(task.input->source()))
      object["input"] = task.input->source();
    put_template(object, "output", task.output);
    if (task.retry) object["retry_policy"] = retry_of(*task.retry);
    if (task.timeout) object["timeout"] = seconds_of(*task.timeout);
    if (task.heartbeat_timeout) object["heartbeat_timeout"] = seconds_of(*task.heartbeat_timeout);
    put_template(object, "values", task.values);
    put_template(object, "duration", task.duration);
    put_template(object, "until", task.until);
    put_template(object, "error", task.error);
    if (task.priority != 0) object["priority"] = std::int64_t{task.priority};
    if (task.cache) {
      object["cache"] =
          JsonObject{{"key", task.cache->key.source()}, {"ttl", seconds_of(task.cache->ttl)}};
    }
    if (task.rate_limit) object["rate_limit"] = rate_limit_of(*task.rate_limit);
    if (task.concurrency) object["concurrency"] = concurrency_of(*task.concurrency);
  }

  static Json rate_limit_of(const RateLimit& limit) {
    JsonObject object{{"limit", std::int64_t{limit.limit}}};
    if (limit.per != RateLimit{}.per) object["per"] = seconds_of(limit.per);
    put_template(object, "key", limit.key);
    return object;
  }

  void put_structure(JsonObject& object, const Task& task) const {
    std::visit([&](const auto& structure) { put(object, structure); }, task.structure);
  }

  void put(JsonObject&, const std::monostate&) const {}
  void put(JsonObject&, const Webhook&) const {}

  JsonObject choice_of(const Choice& choice, std::string_view usual_name) const {
    JsonObject object;
    if (choice.name != usual_name) object["name"] = text_of(choice.name);
    put_condition(object, "when", choice.when);
    if (!choice.next.empty()) object["next"] = ids_of(choice.next);
    return object;
  }

  void put(JsonObject& object, const Decision& decision) const {
    if (decision.all_matching) object["mode"] = "all";
    JsonArray cases;
    for (const Choice& choice : decision.cases)
      cases.push_back(choice_of(choice, "case_" + std::to_string(cases.size() + 1)));
    object["cases"] = std::move(cases);
    if (decision.otherwise) object["default"] = choice_of(*decision.otherwise, "default");
  }

  void put_failure(JsonObject& object, BodyNumber body) const {
    if (definition_.bodies[body].on_child_failure == OnChildFailure::cancel)
      object["on_child_failure"] = "cancel";
  }

  void put(JsonObject& object, const Parallel& parallel) const {
    JsonObject branches;
    for (const Branch& branch : parallel.branches)
      branches.emplace(branch.name, tasks_of(branch.body));
    if (parallel.needed != parallel.branches.size()) {
      if (parallel.needed == 1) {
        object["join"] = "any";
      } else {
        object["join"] = JsonObject{{"at_least", std::int64_t{parallel.needed}}};
      }
    }
    if (!parallel.branches.empty()) put_failure(object, parallel.branches.front().body);
    object["branches"] = std::move(branches);
  }

  void put(JsonObject& object, const Loop& loop) const {
    put_condition(object, loop.kind == LoopKind::while_true ? "while" : "until", loop.condition);
    put_template(object, "times", loop.times);
    put_template(object, "for_each", loop.items);
    put_text(object, "as", loop.as);
    put_count(object, "max_iterations", loop.max_iterations, Loop{}.max_iterations);
    put_condition(object, "break_when", loop.break_when);
    put_template(object, "delay", loop.delay);
    put_template(object, "collect", loop.collect);
    put_failure(object, loop.body);
    object["do"] = tasks_of(loop.body);
  }

  void put(JsonObject& object, const Map& map) const {
    put_template(object, "items", map.items);
    put_text(object, "as", map.as);
    put_count(object, "max_concurrency", map.max_concurrency, Map{}.max_concurrency);
    put_count(object, "max_failures", map.max_failures, 0);
    put_count(object, "batch_size", map.batch_size, 0);
    put_template(object, "collect", map.collect);
    put_failure(object, map.body);
    object["do"] = tasks_of(map.body);
  }

  void put(JsonObject& object, const Try& block) const {
    put_failure(object, block.body);
    object["do"] = tasks_of(block.body);
  }

  void put(JsonObject& object, const Critical& critical) const {
    put_template(object, "key", critical.key);
    put_failure(object, critical.body);
    object["do"] = tasks_of(critical.body);
  }

  void put(JsonObject& object, const Subworkflow& sub) const {
    put_template(object, "workflow", sub.workflow);
    put_template(object, "version", sub.version);
    if (sub.detached) object["detached"] = true;
    put_count(object, "max_depth", sub.max_depth, Subworkflow{}.max_depth);
  }

  void put(JsonObject& object, const EventWait& wait) const {
    put_template(object, "event", wait.name);
    put_template(object, "correlation", wait.correlation);
    put_condition(object, "filter", wait.filter);
    put_count(object, "count", wait.count, 1);
    if (wait.on_timeout != OnTimeout::fail)
      object["on_timeout"] = text_of(name_of(wait.on_timeout));
  }

  void put(JsonObject& object, const Approval& approval) const {
    put_template(object, "title", approval.title);
    put_template(object, "assignees", approval.assignees);
    if (approval.form) object["form"] = approval.form->source();
    if (approval.on_timeout != OnTimeout::fail)
      object["on_timeout"] = text_of(name_of(approval.on_timeout));
    if (!approval.fail_on_reject) object["on_reject"] = "continue";
  }

  void put_handlers(JsonObject& object, const Task& task) const {
    JsonArray clauses;
    for (const Catch& clause : task.catches) clauses.push_back(clause_of(clause));
    if (!clauses.empty()) object["catch"] = std::move(clauses);
    if (task.finally) object["finally"] = tasks_of(*task.finally);
    if (!task.compensate) return;
    object["compensate"] = task_of(definition_.bodies[*task.compensate].tasks.front());
  }

  JsonObject clause_of(const Catch& clause) const {
    JsonObject object;
    if (!clause.errors.empty()) object["errors"] = list_of(clause.errors);
    put_condition(object, "when", clause.when);
    put_text(object, "as", clause.as);
    if (clause.retry) object["retry"] = retry_of(*clause.retry);
    if (clause.body) object["do"] = tasks_of(*clause.body);
    return object;
  }

  const Definition& definition_;
};

}  // namespace

Json make_canonical(const Definition& definition) {
  JsonObject object;
  object["name"] = text_of(definition.name);
  if (definition.version != Definition{}.version) object["version"] = text_of(definition.version);
  put_text(object, "description", definition.description);
  if (!definition.tags.empty()) object["tags"] = list_of(definition.tags);
  if (definition.input_schema) object["input_schema"] = definition.input_schema->source();
  if (definition.output_schema) object["output_schema"] = definition.output_schema->source();
  put_template(object, "output", definition.output);
  if (definition.timeout) object["timeout"] = seconds_of(*definition.timeout);
  if (definition.max_parallel) object["max_parallel"] = std::int64_t{*definition.max_parallel};
  if (definition.concurrency) object["concurrency"] = concurrency_of(*definition.concurrency);
  if (definition.root().on_child_failure == OnChildFailure::cancel)
    object["on_child_failure"] = "cancel";
  if (!definition.metadata.empty()) object["metadata"] = definition.metadata;
  Writer writer(definition);
  object["tasks"] = writer.tasks_of(0);
  if (definition.on_failure) object["on_failure"] = writer.tasks_of(*definition.on_failure);
  return object;
}

}  // namespace harmonia::workflow
