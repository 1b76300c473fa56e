#include <array>
#include <set>

#include "workflow/compile.h"
#include "workflow/unknown_fields.h"

// The types that decide and those that hold other tasks.
namespace harmonia::workflow {
namespace {

constexpr std::uint32_t iterations_max = 1'000'000;
constexpr std::uint32_t items_at_once_max = 100'000;

using FailureChoice = std::pair<std::string_view, OnChildFailure>;
constexpr auto failure_choices = std::to_array<FailureChoice>(
    {{"wait", OnChildFailure::wait}, {"cancel", OnChildFailure::cancel}});

using ModeChoice = std::pair<std::string_view, bool>;
constexpr auto modes = std::to_array<ModeChoice>({{"first", false}, {"all", true}});

void add_target(ChoiceTargets& targets, const Json& name, std::string pointer,
                TaskReading& reading) {
  if (!name.is_string()) {
    reading.builder.findings.error(std::move(pointer), "next must name tasks by their ids");
    return;
  }
  targets.names.push_back(
      {.name = std::string(text_view(name.get_string())), .pointer = std::move(pointer)});
}

// `next`: an id or a list of ids.
void read_next(FieldReader& choice, std::size_t position, TaskReading& reading) {
  const Json* next = choice.find("next");
  ChoiceTargets targets{.decision = reading.number, .choice = position, .names = {}};
  if (next == nullptr) return;
  std::string pointer = choice.pointer_to("next");
  if (next->is_array()) {
    std::size_t index = 0;
    for (const Json& item : next->get_array())
      add_target(targets, item, child_pointer(pointer, std::to_string(index++)), reading);
  } else {
    add_target(targets, *next, std::move(pointer), reading);
  }
  reading.builder.targets.push_back(std::move(targets));
}

void read_case(const Json& source, const std::string& pointer, Decision& decision,
               TaskReading& reading) {
  auto& findings = reading.builder.findings;
  std::size_t position = decision.cases.size();
  Choice& choice = decision.cases.emplace_back();
  choice.name = "case_" + std::to_string(position + 1);
  if (!source.is_object()) {
    return findings.error(pointer, "a case is an object",
                          "write {name: big, when: \"${...}\", next: [task]}");
  }
  FieldReader reader(source.get_object(), pointer, findings);
  constexpr auto known = std::to_array<std::string_view>({"name", "when", "next"});
  refuse_unknown_fields(source.get_object(), reader, {.now = known, .later = {}});
  choice.name = reader.text("name").value_or(choice.name);
  if (const Json* when = reader.find("when")) {
    ExpressionSite site = reading.site("when", ExpressionPlace::condition);
    site.pointer = reader.pointer_to("when");
    choice.when = compile_condition(*when, site, reading.builder);
  } else {
    findings.error(pointer, "a case needs `when`", "the case that needs none is `default`");
  }
  read_next(reader, position, reading);
}

void read_default(Decision& decision, TaskReading& reading) {
  const Json* source = reading.reader.find("default");
  if (source == nullptr) return;
  std::string pointer = reading.reader.pointer_to("default");
  decision.otherwise = Choice{.name = "default", .when = std::nullopt, .next = {}};
  if (!source->is_object()) {
    return reading.reader.refuse_type("default", "an object such as {next: [task]}");
  }
  FieldReader reader(source->get_object(), pointer, reading.builder.findings);
  constexpr auto known = std::to_array<std::string_view>({"name", "next"});
  refuse_unknown_fields(source->get_object(), reader, {.now = known, .later = {}});
  decision.otherwise->name = reader.text("name").value_or("default");
  read_next(reader, decision.cases.size(), reading);
}

// History and views tell by its name which case was chosen.
void check_case_names(const Decision& decision, TaskReading& reading) {
  std::set<std::string_view> seen;
  std::string cases = reading.reader.pointer_to("cases");
  std::size_t index = 0;
  for (const Choice& choice : decision.cases) {
    std::string pointer = child_pointer(cases, std::to_string(index++));
    if (!seen.insert(choice.name).second)
      reading.builder.findings.error(pointer, "two cases are called '" + choice.name + "'");
  }
  if (decision.otherwise && seen.contains(decision.otherwise->name)) {
    reading.builder.findings.error(
        reading.reader.pointer_to("default"),
        "a case and the default are both called '" + decision.otherwise->name + "'");
  }
}

Body work_body(TaskReading& reading, std::string label = {}) {
  Body body{.owner = std::nullopt, .role = BodyRole::work, .label = std::move(label)};
  body.on_child_failure =
      reading.reader.choice("on_child_failure", failure_choices).value_or(OnChildFailure::wait);
  return body;
}

std::optional<BodyNumber> read_do(TaskReading& reading, std::vector<std::string> roots) {
  if (reading.reader.find("do") == nullptr) {
    reading.builder.findings.error(
        reading.reader.pointer(),
        "a task of type " + std::string(to_string(reading.task.type)) + " needs `do`",
        "write do: {step: {component: log}}");
    return std::nullopt;
  }
  return reading.body(reading.reader, "do", work_body(reading), std::move(roots));
}

// The roots of a body over items.
std::vector<std::string> item_roots(TaskReading& reading, std::string& as) {
  std::vector<std::string> roots = {"item", "index"};
  as = read_as(reading.reader, "an item");
  if (!as.empty()) roots.push_back(as);
  return roots;
}

// A literal is what the field needs; one with expressions is checked when it is evaluated.
void check_literal_list(TaskReading& reading, std::string_view field, bool or_object) {
  const Json* source = reading.reader.find(field);
  bool may_give_one = source->is_array() || (or_object && source->is_object());
  if (may_give_one || has_expression(*source)) return;
  reading.reader.refuse_type(field, or_object ? "a list, an object or an expression that gives one"
                                              : "a list or an expression that gives one");
}

// What makes a loop go round: exactly one of four fields.
std::optional<LoopKind> read_loop_kind(TaskReading& reading) {
  using KindField = std::pair<std::string_view, LoopKind>;
  constexpr auto kinds = std::to_array<KindField>({{"while", LoopKind::while_true},
                                                   {"until", LoopKind::until},
                                                   {"times", LoopKind::times},
                                                   {"for_each", LoopKind::for_each}});
  std::optional<LoopKind> found;
  std::size_t count = 0;
  for (const auto& [name, kind] : kinds) {
    if (reading.reader.find(name) == nullptr) continue;
    found = kind;
    ++count;
  }
  if (count == 1) return found;
  reading.builder.findings.error(reading.reader.pointer(),
                                 "a loop needs exactly one of while, until, times and for_each");
  return std::nullopt;
}

// Expressions that see one iteration: all its tasks are over.
ExpressionSite iteration_site(const TaskReading& reading, std::string_view field, BodyNumber body,
                              ExpressionPlace place) {
  return {.pointer = reading.reader.pointer_to(field),
          .task = std::nullopt,
          .body = body,
          .place = place};
}

std::optional<expr::Program> iteration_condition(TaskReading& reading, std::string_view field,
                                                 BodyNumber body) {
  const Json* source = reading.reader.find(field);
  if (source == nullptr) return std::nullopt;
  ExpressionSite site = iteration_site(reading, field, body, ExpressionPlace::condition);
  site.is_repeated = true;
  return compile_condition(*source, site, reading.builder);
}

std::optional<expr::Template> iteration_value(TaskReading& reading, std::string_view field,
                                              BodyNumber body) {
  const Json* source = reading.reader.find(field);
  if (source == nullptr) return std::nullopt;
  return compile_value(*source, iteration_site(reading, field, body, ExpressionPlace::task_values),
                       reading.builder);
}

void check_times(TaskReading& reading, const Loop& loop) {
  const Json* times = reading.reader.find("times");
  if (!times->is_number()) {
    if (!loop.times || !loop.times->is_constant()) return;
    return reading.reader.refuse_type("times", "a whole number or an expression that gives one");
  }
  double number = times->to_number<double>();
  std::string pointer = reading.reader.pointer_to("times");
  if (number < 0 || number != static_cast<double>(static_cast<std::int64_t>(number))) {
    reading.builder.findings.error(std::move(pointer), "times must be a whole number from 0");
  } else if (number > loop.max_iterations) {
    reading.builder.findings.error(
        std::move(pointer),
        "times is more than max_iterations, which is " + std::to_string(loop.max_iterations),
        "raise max_iterations");
  }
}

void read_loop_condition(TaskReading& reading, Loop& loop) {
  switch (loop.kind) {
    case LoopKind::while_true: {
      // Before an iteration there is `loop`, but none of its tasks.
      ExpressionSite site = reading.site("while", ExpressionPlace::condition);
      site.body = loop.body;
      site.is_repeated = true;
      loop.condition = compile_condition(*reading.reader.find("while"), site, reading.builder);
      return;
    }
    case LoopKind::until: loop.condition = iteration_condition(reading, "until", loop.body); return;
    case LoopKind::times:
      loop.times = reading.value("times", ExpressionPlace::task_values);
      check_times(reading, loop);
      return;
    case LoopKind::for_each:
      loop.items = reading.value("for_each", ExpressionPlace::task_values);
      check_literal_list(reading, "for_each", false);
      return;
  }
}

// {branches that must complete}; nothing when `join` is about predecessors.
std::optional<std::uint32_t> read_branch_join(TaskReading& reading, std::uint32_t branches) {
  const Json* join = reading.reader.find("join");
  if (join == nullptr) return std::nullopt;
  if (join->is_string()) {
    if (join->get_string() == "all") return branches;
    if (join->get_string() == "any") return 1;
    return std::nullopt;
  }
  return reading.task.join.kind == JoinKind::at_least ? std::optional(reading.task.join.count)
                                                      : std::nullopt;
}

}  // namespace

void read_decision(TaskReading& reading) {
  Decision decision;
  decision.all_matching = reading.reader.choice("mode", modes).value_or(false);
  const Json* cases = reading.reader.find("cases");
  if (cases == nullptr) {
    reading.builder.findings.error(reading.reader.pointer(), "a decision needs cases",
                                   "write cases: [{when: \"${input.a > 1}\", next: [task]}]");
  } else if (!cases->is_array()) {
    reading.reader.refuse_type("cases", "a list");
  } else {
    std::size_t index = 0;
    for (const Json& source : cases->get_array()) {
      read_case(source, child_pointer(reading.reader.pointer_to("cases"), std::to_string(index++)),
                decision, reading);
    }
  }
  read_default(decision, reading);
  check_case_names(decision, reading);
  reading.task.structure = std::move(decision);
}

void read_parallel(TaskReading& reading) {
  Parallel parallel;
  const JsonObject* branches = reading.reader.object("branches");
  if (reading.reader.find("branches") == nullptr) {
    reading.builder.findings.error(reading.reader.pointer(),
                                   "a task of type parallel needs branches",
                                   "write branches: {one: {step: {...}}, two: {step: {...}}}");
  }
  if (branches != nullptr) {
    FieldReader reader(*branches, reading.reader.pointer_to("branches"), reading.builder.findings);
    for (const auto& member : *branches) {
      std::string name(text_view(member.key()));
      check_id(name, "branch", reader.pointer_to(name), reading.builder.findings);
      if (member.value().is_null()) {
        reading.builder.findings.error(reader.pointer_to(name), "the branch has no tasks",
                                       "an empty branch is {}");
      }
      auto body = reading.body(reader, name, work_body(reading, "." + name));
      parallel.branches.push_back({.name = std::move(name), .body = body.value_or(0)});
    }
  }
  auto count = static_cast<std::uint32_t>(parallel.branches.size());
  auto needed = read_branch_join(reading, count);
  if (needed) reading.task.join = JoinRule{};
  parallel.needed = needed.value_or(count);
  if (parallel.needed > count) {
    reading.builder.findings.error(reading.reader.pointer_to("join"),
                                   "at_least is " + std::to_string(parallel.needed) +
                                       ", but there are " + std::to_string(count) + " branches");
  }
  reading.task.structure = std::move(parallel);
}

void read_loop(TaskReading& reading) {
  Loop loop;
  auto kind = read_loop_kind(reading);
  loop.kind = kind.value_or(LoopKind::until);
  std::vector<std::string> roots = {"loop"};
  if (loop.kind == LoopKind::for_each) {
    auto items = item_roots(reading, loop.as);
    roots.insert(roots.end(), items.begin(), items.end());
  } else if (reading.reader.find("as") != nullptr) {
    reading.builder.findings.error_at_key(reading.reader.pointer_to("as"),
                                          "'as' names the item of for_each; this loop has none");
  }
  loop.max_iterations =
      reading.reader.count("max_iterations", 1, iterations_max).value_or(loop.max_iterations);
  auto body = read_do(reading, std::move(roots));
  if (body) {
    loop.body = *body;
    if (kind) read_loop_condition(reading, loop);
    loop.break_when = iteration_condition(reading, "break_when", loop.body);
    loop.delay = iteration_value(reading, "delay", loop.body);
    if (loop.delay && loop.delay->is_constant()) reading.reader.duration("delay");
    loop.collect = iteration_value(reading, "collect", loop.body);
  }
  reading.task.structure = std::move(loop);
}

void read_map(TaskReading& reading) {
  Map map;
  FieldReader& reader = reading.reader;
  map.items = reading.value("items", ExpressionPlace::task_values);
  if (reader.find("items") == nullptr) {
    reader.findings().error(reader.pointer(), "a task of type map needs items",
                            "write items: \"${input.orders}\"");
  } else {
    check_literal_list(reading, "items", true);
  }
  map.max_concurrency =
      reader.count("max_concurrency", 1, items_at_once_max).value_or(map.max_concurrency);
  map.max_failures = reader.count("max_failures", 0, iterations_max).value_or(0);
  map.batch_size = reader.count("batch_size", 1, items_at_once_max).value_or(0);
  auto body = read_do(reading, item_roots(reading, map.as));
  if (body) {
    map.body = *body;
    map.collect = iteration_value(reading, "collect", map.body);
  }
  reading.task.structure = std::move(map);
}

void read_try(TaskReading& reading) {
  reading.task.structure = Try{.body = read_do(reading, {}).value_or(0)};
  if (reading.reader.find("catch") == nullptr && reading.reader.find("finally") == nullptr) {
    reading.reader.findings().warning(reading.reader.pointer(),
                                      "this try has neither catch nor finally");
  }
}

void read_critical(TaskReading& reading) {
  Critical critical;
  critical.key = reading.value("key", ExpressionPlace::task_values);
  if (reading.reader.find("key") == nullptr) {
    reading.reader.findings().error(reading.reader.pointer(), "a task of type critical needs a key",
                                    "write key: \"${input.customer}\"");
  }
  critical.body = read_do(reading, {}).value_or(0);
  reading.task.structure = std::move(critical);
}

}  // namespace harmonia::workflow
