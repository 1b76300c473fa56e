#include "execution/testing/random_definition.h"

namespace harmonia::execution::testing {
namespace {

constexpr std::uint32_t depth_max = 3;
constexpr std::uint32_t tasks_max = 30;

std::string id_of(std::uint32_t position) { return "t" + std::to_string(position); }

}  // namespace

std::string RandomDefinition::text() {
  JsonObject definition{{"name", json_view(options_.name)}};
  definition["tasks"] = body(0);
  if (one_in(3)) definition["timeout"] = 300;
  if (one_in(3)) definition["max_parallel"] = 1 + pick(3);
  if (one_in(2)) definition["on_child_failure"] = "cancel";
  if (one_in(6)) definition["concurrency"] = turns();
  if (one_in(3)) definition["on_failure"] = body(depth_max - 1);
  if (one_in(8)) definition["output"] = JsonObject{{"n", "${input.n}"}};
  if (one_in(20)) definition["output"] = "${input.missing}";
  return to_text(Json(std::move(definition)));
}

JsonObject RandomDefinition::turns() {
  JsonObject turns{{"key", "${input.n}"}};
  constexpr std::string_view policies[] = {"queue", "reject", "replace"};
  if (one_in(2)) turns["limit"] = 1 + pick(2);
  if (one_in(2)) turns["policy"] = json_view(policies[pick(3)]);
  return turns;
}

JsonObject RandomDefinition::body(std::uint32_t depth) {
  std::uint32_t count = 1 + pick(depth == 0 ? 5 : 3);
  JsonObject tasks;
  for (std::uint32_t i = 0; i < count; ++i) {
    JsonObject one = one_in(8) && i + 1 < count ? decision(i, count) : task(depth);
    add_order(one, i);
    add_handlers(one, depth);
    if (one.contains("compensate") && one_in(2)) name_task(one["compensate"], id_of(i));
    tasks[id_of(i)] = std::move(one);
  }
  return tasks;
}

JsonObject RandomDefinition::task(std::uint32_t depth) {
  ++tasks_;
  bool may_nest = depth < depth_max && tasks_ < tasks_max;
  switch (pick(4)) {
    case 0: return waiter();
    case 1: return leaf();
    default: return may_nest ? holder(depth + 1) : leaf();
  }
}

// Only earlier tasks are depended on, so that there is no cycle.
void RandomDefinition::add_order(JsonObject& task, std::uint32_t position) {
  JsonArray before;
  for (std::uint32_t i = 0; i < position; ++i) {
    if (one_in(2)) before.push_back(Json(json_view(id_of(i))));
  }
  constexpr std::string_view rules[] = {"all_success", "none_failed", "all_done", "any_success",
                                        "one_failed"};
  bool joins_branches = task.contains("join");
  if (!joins_branches && before.size() > 1 && one_in(4)) {
    task["join"] = JsonObject{{"at_least", 1 + pick(before.size())}};
  } else if (!joins_branches && one_in(2)) {
    task["join"] = json_view(rules[pick(5)]);
  }
  if (one_in(8)) task["when"] = one_in(4) ? "input.missing == 1" : "input.flag";
  if (!before.empty()) task["depends_on"] = std::move(before);
}

void RandomDefinition::add_handlers(JsonObject& task, std::uint32_t depth) {
  bool ends = task.contains("type") &&
              (task["type"].get_string() == "fail" || task["type"].get_string() == "terminate");
  if (one_in(4)) task["on_error"] = one_in(2) ? "continue" : "incident";
  if (tasks_ < tasks_max && one_in(6)) {
    JsonObject clause;
    if (one_in(2)) clause["errors"] = JsonArray{"http_5xx", "timeout"};
    if (one_in(3)) clause["when"] = one_in(5) ? "input.missing" : "error.code != 'rejected'";
    if (one_in(2)) clause["retry"] = JsonObject{{"max_retries", 1 + pick(2)}, {"jitter", 0.5}};
    if (one_in(2)) clause["do"] = body(depth + 1);
    task["catch"] = JsonArray{std::move(clause)};
  }
  if (tasks_ < tasks_max && one_in(8)) task["finally"] = body(depth + 1);
  if (!ends && one_in(4)) task["compensate"] = compensation();
}

void RandomDefinition::add_retry(JsonObject& task) {
  if (one_in(3)) task["timeout"] = 20 + pick(20);
  if (one_in(3)) task["retry_policy"] = retries();
}

JsonObject RandomDefinition::retries() {
  JsonObject policy{{"max_retries", 1 + pick(2)}, {"initial_delay", 2}};
  if (one_in(8)) policy.erase("max_retries");  // then it is what the language says
  if (one_in(3)) policy["jitter"] = 0.25;
  if (one_in(3)) policy["backoff_multiplier"] = 3;
  if (one_in(3)) policy["max_delay"] = 4;
  if (one_in(4)) policy["retry_on"] = JsonArray{"http_5xx", "timeout"};
  return policy;
}

JsonObject RandomDefinition::compensation() {
  switch (pick(3)) {
    case 0: return {{"type", "wait"}, {"duration", 1}};
    case 1: return {{"type", "set"}, {"values", JsonObject{{"n", "${error.code}"}}}};
    default: {
      JsonObject task{{"component", "noop"}, {"input", JsonObject{{"n", "${input.n}"}}}};
      if (one_in(3)) task["retry_policy"] = retries();
      return task;
    }
  }
}

// What is kept for it when its task completes.
void RandomDefinition::name_task(Json& compensation, const std::string& id) {
  compensation.get_object()["when"] = json_view("tasks." + id + ".attempt > -1");
  if (one_in(4)) return;
  compensation.get_object()["finally"] = JsonObject{
      {"note", JsonObject{{"type", "set"},
                          {"values", JsonObject{{"s", json_view("${tasks." + id + ".status}")}}}}}};
}

JsonObject RandomDefinition::leaf() {
  switch (pick(12)) {
    case 0: return {{"type", "set"}, {"values", JsonObject{{"n", "${input.n}"}}}};
    case 1: return {{"type", "set"}, {"values", JsonObject{{"n", "${1 / input.zero}"}}}};
    case 2: return {{"type", "wait"}, {"duration", 5}};
    case 3: return {{"type", "wait"}, {"duration", "${input.text}"}};
    case 4: return {{"type", "join"}};
    case 5:
      return {{"type", "fail"}, {"error", JsonObject{{"code", "enough"}, {"message", "stop"}}}};
    case 6:
      if (one_in(3)) return {{"type", "terminate"}, {"output", JsonObject{{"n", 1}}}};
      [[fallthrough]];
    default: break;
  }
  JsonObject task{{"component", "noop"}, {"input", JsonObject{{"n", "${input.n}"}}}};
  if (one_in(6)) task["input"] = JsonObject{{"n", "${input.missing}"}};
  if (one_in(6)) task["output"] = "${result.n}";
  if (one_in(3)) task["priority"] = pick(5);
  if (one_in(4)) task["concurrency"] = JsonObject{{"key", "${input.n}"}, {"limit", 1 + pick(2)}};
  if (one_in(8)) task["rate_limit"] = JsonObject{{"limit", 1 + pick(2)}, {"per", 2 + pick(9)}};
  if (one_in(8)) task["cache"] = JsonObject{{"key", "${input.n}"}, {"ttl", 5 + pick(60)}};
  if (one_in(6)) task["heartbeat_timeout"] = 5 + pick(20);
  add_retry(task);
  return task;
}

JsonObject RandomDefinition::waiter() {
  JsonObject task;
  bool times_out = one_in(2);
  if (times_out) task["timeout"] = 10 + pick(30);
  switch (pick(4)) {
    case 0:
      task["type"] = "event";
      task["event"] = one_in(2) ? "go" : "stop";
      if (one_in(3)) task["count"] = 2;
      if (one_in(3)) task["correlation"] = "${input.n}";
      if (one_in(4)) task["filter"] = "event.n > 3";
      if (times_out && one_in(2)) task["on_timeout"] = "continue";
      return task;
    case 1: {
      task["type"] = "approval";
      if (one_in(2)) task["on_reject"] = "continue";
      constexpr std::string_view outcomes[] = {"fail", "approve", "reject"};
      if (times_out) task["on_timeout"] = json_view(outcomes[pick(3)]);
      return task;
    }
    case 2:
      if (options_.others.empty()) return {{"type", "wait"}, {"duration", 3}};
      task["type"] = "subworkflow";
      task["workflow"] = json_view(options_.others[pick(options_.others.size())]);
      task["input"] = "${input}";
      if (one_in(4)) task["detached"] = true;
      add_retry(task);
      return task;
    default:
      task["type"] = "webhook";
      task["input"] = JsonObject{{"url", "${callback.url}"}};
      add_retry(task);
      return task;
  }
}

JsonObject RandomDefinition::holder(std::uint32_t depth) {
  JsonObject task;
  switch (pick(5)) {
    case 0: task = parallel(depth); break;
    case 1: task = loop(depth); break;
    case 2: task = map(depth); break;
    case 3: task = {{"type", "try"}, {"do", body(depth)}}; break;
    default: task = critical(depth); break;
  }
  add_retry(task);
  if (one_in(3)) task["on_child_failure"] = "cancel";
  if (one_in(6)) task["output"] = "${result}";
  return task;
}

// Within another one it may wait for itself.
JsonObject RandomDefinition::critical(std::uint32_t depth) {
  constexpr std::string_view keys[] = {"${input.n}", "left", "right"};
  return {{"type", "critical"}, {"key", json_view(keys[pick(3)])}, {"do", body(depth)}};
}

JsonObject RandomDefinition::parallel(std::uint32_t depth) {
  JsonObject branches;
  std::uint32_t count = 1 + pick(3);
  for (std::uint32_t i = 0; i < count; ++i) branches["b" + std::to_string(i)] = body(depth);
  JsonObject task{{"type", "parallel"}, {"branches", std::move(branches)}, {"join", "all"}};
  if (one_in(3)) task["join"] = "any";
  if (one_in(3)) task["join"] = JsonObject{{"at_least", 1 + pick(count)}};
  return task;
}

JsonObject RandomDefinition::loop(std::uint32_t depth) {
  JsonObject task{{"type", "loop"}, {"do", body(depth)}, {"max_iterations", 4}};
  switch (pick(5)) {
    case 0: task["times"] = pick(4); break;
    case 1: task["while"] = "loop.index < input.n"; break;
    case 2: task["until"] = "loop.iteration >= input.n"; break;
    case 3: task["until"] = "loop.index > input.missing"; break;
    default: task["for_each"] = JsonArray{1, 2, 3}; break;
  }
  if (one_in(3)) task["delay"] = 1 + pick(3);
  if (one_in(4)) task["break_when"] = "loop.index > 0 && tasks.t0.status == 'completed'";
  if (one_in(3)) task["collect"] = one_in(3) ? "${input.missing}" : "${loop.index}";
  return task;
}

JsonObject RandomDefinition::map(std::uint32_t depth) {
  JsonObject task{{"type", "map"}, {"do", body(depth)}, {"items", JsonArray{1, 2, 3}}};
  if (one_in(4)) task["items"] = JsonObject{{"a", 1}, {"b", 2}};
  if (one_in(8)) task["items"] = "${input.text}";
  if (one_in(2)) task["max_concurrency"] = 1 + pick(2);
  if (one_in(3)) task["max_failures"] = 1;
  if (one_in(4)) task["batch_size"] = 2;
  if (one_in(3)) task["collect"] = one_in(3) ? "${input.missing}" : "${item}";
  return task;
}

JsonObject RandomDefinition::decision(std::uint32_t position, std::uint32_t count) {
  auto target = [&] {
    std::uint32_t later = position + 1 + pick(count - position - 1);
    return JsonArray{Json(json_view(id_of(later)))};
  };
  JsonArray cases;
  cases.push_back(JsonObject{{"when", "input.flag"}, {"next", target()}});
  if (one_in(2)) cases.push_back(JsonObject{{"when", "input.n > 2"}, {"next", target()}});
  JsonObject task{{"type", "decision"}, {"cases", std::move(cases)}};
  if (one_in(2)) task["mode"] = "all";
  if (one_in(2)) task["default"] = JsonObject{{"next", target()}};
  return task;
}

}  // namespace harmonia::execution::testing
