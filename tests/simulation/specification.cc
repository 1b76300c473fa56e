#include "tests/simulation/specification.h"

#include <algorithm>

namespace harmonia::simulation {
namespace {

const Json* member(const JsonObject& object, std::string_view name) {
  return object.if_contains(json_view(name));
}

double seconds(const JsonObject& object, std::string_view name, double fallback) {
  const Json* value = member(object, name);
  return value == nullptr ? fallback : value->to_number<double>();
}

std::optional<Duration> duration(const JsonObject& object, std::string_view name) {
  const Json* value = member(object, name);
  if (value == nullptr) return std::nullopt;
  return from_seconds(value->to_number<double>());
}

std::vector<std::string> texts(const JsonObject& object, std::string_view name) {
  std::vector<std::string> list;
  const Json* value = member(object, name);
  if (value == nullptr) return list;
  if (value->is_string()) return {std::string(text_view(value->get_string()))};
  for (const Json& one : value->get_array()) list.emplace_back(text_view(one.get_string()));
  return list;
}

RetrySpec read_retry(const JsonObject& object) {
  RetrySpec retry;
  retry.max_retries = static_cast<std::uint32_t>(get_int(object, "max_retries", 3));
  retry.initial_delay = seconds(object, "initial_delay", 1);
  retry.multiplier = seconds(object, "backoff_multiplier", 2);
  retry.max_delay = seconds(object, "max_delay", 60);
  retry.jitter = seconds(object, "jitter", 0);
  retry.retry_on = texts(object, "retry_on");
  return retry;
}

class Reader {
 public:
  explicit Reader(WorkflowSpec& spec) : spec_(spec) {
    spec_.bodies.resize(spec_.definition->bodies.size());
  }

  void read() {
    const JsonObject& json = spec_.json.get_object();
    spec_.name = get_string(json, "name");
    spec_.timeout = duration(json, "timeout");
    spec_.has_output = json.contains("output");
    if (json.contains("max_parallel")) spec_.max_parallel = get_int(json, "max_parallel");
    if (const Json* turns = member(json, "concurrency")) {
      spec_.concurrency_limit = get_int(turns->get_object(), "limit", 1);
      spec_.concurrency_policy = get_string(turns->get_object(), "policy", "queue");
    }
    read_body(0, json.at("tasks").get_object(), json);
    if (const Json* tasks = member(json, "on_failure")) {
      const JsonObject none;
      spec_.on_failure = read_body(*spec_.definition->on_failure, tasks->get_object(), none);
    }
  }

 private:
  // `owner` holds on_child_failure.
  const BodySpec* read_body(workflow::BodyNumber number, const JsonObject& tasks,
                            const JsonObject& owner) {
    BodySpec& body = prepare(number);
    body.cancels = get_string(owner, "on_child_failure") == "cancel";
    for (const auto& [id, json] : tasks) add_task(body, text_view(id), json.get_object());
    order(body);
    for (TaskSpec& task : body.tasks) read_inner(task);
    return &body;
  }

  BodySpec& prepare(workflow::BodyNumber number) {
    const auto& compiled = spec_.definition->bodies[number];
    BodySpec& body = spec_.bodies[number];
    body.number = number;
    body.role = compiled.role;
    body.label = compiled.label;
    body.first = compiled.tasks.empty() ? 0 : compiled.tasks.front();
    return body;
  }

  static void add_task(BodySpec& body, std::string_view id, const JsonObject& json) {
    TaskSpec task;
    task.id = id;
    task.type = get_string(json, "type", "standard");
    task.json = &json;
    task.number = body.first + static_cast<workflow::TaskNumber>(body.tasks.size());
    task.body = &body;
    if (json.contains("when")) task.when = get_string(json, "when");
    if (const Json* retry = member(json, "retry_policy"))
      task.retry = read_retry(retry->get_object());
    task.timeout = duration(json, "timeout");
    task.heartbeat_timeout = duration(json, "heartbeat_timeout");
    task.on_error = get_string(json, "on_error", "fail");
    task.priority = get_int(json, "priority");
    if (const Json* bound = member(json, "concurrency"))
      task.concurrency_limit = get_int(bound->get_object(), "limit", 1);
    read_join(task);
    body.tasks.push_back(std::move(task));
  }

  // Of a parallel `join` is about its branches.
  static void read_join(TaskSpec& task) {
    const Json* join = task.type == "parallel" ? nullptr : member(*task.json, "join");
    if (join == nullptr) return;
    if (join->is_object()) {
      task.join = Join::at_least;
      task.at_least = static_cast<std::size_t>(get_int(join->get_object(), "at_least"));
      return;
    }
    constexpr std::pair<std::string_view, Join> rules[] = {
        {"all_success", Join::all_success}, {"none_failed", Join::none_failed},
        {"all_done", Join::all_done},       {"any_success", Join::any_success},
        {"one_failed", Join::one_failed},
    };
    for (const auto& [name, rule] : rules) {
      if (text_view(join->get_string()) == name) task.join = rule;
    }
  }

  static std::vector<std::size_t> positions(const BodySpec& body,
                                            const std::vector<std::string>& ids) {
    std::vector<std::size_t> found;
    for (const std::string& id : ids) {
      for (std::size_t i = 0; i < body.tasks.size(); ++i) {
        if (body.tasks[i].id == id) found.push_back(i);
      }
    }
    return found;
  }

  static void order(BodySpec& body) {
    for (TaskSpec& task : body.tasks) {
      task.said = positions(body, texts(*task.json, "depends_on"));
      task.predecessors = task.said;
    }
    for (std::size_t i = 0; i < body.tasks.size(); ++i) {
      if (body.tasks[i].type == "decision") add_cases(body, i);
    }
  }

  // The targets of a decision depend on it, whether they say so or not.
  static void add_cases(BodySpec& body, std::size_t position) {
    TaskSpec& decision = body.tasks[position];
    std::size_t count = 0;
    auto add = [&](const JsonObject& json, const std::string& name) {
      decision.cases.push_back(
          {.name = get_string(json, "name", name), .next = positions(body, texts(json, "next"))});
    };
    for (const Json& one : decision.json->at("cases").get_array())
      add(one.get_object(), "case_" + std::to_string(++count));
    if (const Json* otherwise = member(*decision.json, "default"))
      add(otherwise->get_object(), "default");
    for (const CaseSpec& one : decision.cases) {
      for (std::size_t target : one.next) {
        auto& before = body.tasks[target].predecessors;
        if (std::find(before.begin(), before.end(), position) == before.end())
          before.push_back(position);
      }
    }
  }

  void read_inner(TaskSpec& task) {
    const auto& compiled = spec_.definition->tasks[task.number];
    const JsonObject& json = *task.json;
    read_work(task, compiled);
    if (const Json* clauses = member(json, "catch")) {
      const bool is_list = clauses->is_array();
      std::size_t count = is_list ? clauses->get_array().size() : 1;
      for (std::size_t i = 0; i < count; ++i)
        read_catch(task, is_list ? clauses->get_array()[i].get_object() : clauses->get_object(),
                   compiled.catches[i]);
    }
    const JsonObject none;
    if (const Json* tasks = member(json, "finally"))
      task.finally = read_body(*compiled.finally, tasks->get_object(), none);
    if (const Json* undo = member(json, "compensate")) {
      BodySpec& body = prepare(*compiled.compensate);
      add_task(body, "compensate", undo->get_object());
      read_inner(body.tasks.front());
      task.compensate = &body;
    }
  }

  void read_work(TaskSpec& task, const workflow::Task& compiled) {
    const JsonObject& json = *task.json;
    if (task.type == "parallel") {
      const auto& branches = compiled.as<workflow::Parallel>().branches;
      for (const auto& branch : branches) {
        const Json& tasks = json.at("branches").get_object().at(json_view(branch.name));
        task.work.push_back(read_body(branch.body, tasks.get_object(), json));
      }
    }
    auto content = [&](workflow::BodyNumber body) {
      task.work.push_back(read_body(body, json.at("do").get_object(), json));
    };
    if (task.type == "loop") content(compiled.as<workflow::Loop>().body);
    if (task.type == "map") content(compiled.as<workflow::Map>().body);
    if (task.type == "try") content(compiled.as<workflow::Try>().body);
    if (task.type == "critical") content(compiled.as<workflow::Critical>().body);
  }

  void read_catch(TaskSpec& task, const JsonObject& json, const workflow::Catch& compiled) {
    CatchSpec clause;
    clause.errors = texts(json, "errors");
    clause.when = get_string(json, "when");
    if (const Json* retry = member(json, "retry")) clause.retry = read_retry(retry->get_object());
    const JsonObject none;
    if (const Json* tasks = member(json, "do"))
      clause.body = read_body(*compiled.body, tasks->get_object(), none);
    task.catches.push_back(std::move(clause));
  }

  WorkflowSpec& spec_;
};

}  // namespace

bool covers(std::string_view pattern, std::string_view code) {
  if (pattern == "*" || pattern == code) return true;
  if (pattern.ends_with("*"))
    return code.substr(0, pattern.size() - 1) == pattern.substr(0, pattern.size() - 1);
  // A class of HTTP statuses: `http_5xx`.
  bool is_class = pattern.size() == 8 && pattern.starts_with("http_") && pattern.ends_with("xx");
  return is_class && code.size() == 8 && code.substr(0, 6) == pattern.substr(0, 6);
}

bool covers(const std::vector<std::string>& patterns, std::string_view code) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& one) { return covers(one, code); });
}

std::int64_t TaskSpec::number_of(std::string_view field, std::int64_t fallback) const {
  const Json* value = member(*json, field);
  return value == nullptr || !value->is_int64() ? fallback : value->get_int64();
}

std::shared_ptr<const WorkflowSpec> read_specification(workflow::SharedDefinition definition,
                                                       Json json) {
  auto spec = std::make_shared<WorkflowSpec>();
  spec->definition = std::move(definition);
  spec->json = std::move(json);
  Reader(*spec).read();
  return spec;
}

std::optional<Json> evaluate_simply(const Json& value, const Json& input) {
  if (value.is_object()) {
    JsonObject result;
    for (const auto& [name, one] : value.get_object()) {
      auto evaluated = evaluate_simply(one, input);
      if (!evaluated) return std::nullopt;
      result[name] = std::move(*evaluated);
    }
    return Json(std::move(result));
  }
  if (!value.is_string()) return value;
  std::string_view text = text_view(value.get_string());
  if (text.find("${") == std::string_view::npos) return value;
  constexpr std::string_view begin = "${input.";
  if (!text.starts_with(begin) || !text.ends_with('}')) return std::nullopt;
  std::string_view name = text.substr(begin.size(), text.size() - begin.size() - 1);
  const Json* found = input.is_object() ? member(input.get_object(), name) : nullptr;
  if (found == nullptr) return std::nullopt;
  return *found;
}

}  // namespace harmonia::simulation
