#include "workflow/parse.h"

#include <gtest/gtest.h>

#include "base/utf8.h"
#include "workflow/parse_examples_test.h"

namespace harmonia::workflow {
namespace {

using examples::parse_task;
using examples::show;

// The only problem of one task, as `message`.
std::string fault(std::string_view fields) {
  auto outcome = parse_task(fields);
  EXPECT_FALSE(outcome.ok()) << fields;
  EXPECT_EQ(outcome.problems.size(), 1u) << fields << "\n" << show(outcome);
  return outcome.problems.empty() ? "" : outcome.problems.front().message;
}

TEST(Parse, all_fields_arrive_in_the_definition) {
  auto outcome = parse_definition(examples::text_of("all fields"));
  ASSERT_TRUE(outcome.ok()) << show(outcome);
  const Definition& definition = *outcome.definition;
  EXPECT_EQ(definition.name, "order-fulfilment");
  EXPECT_EQ(definition.version, "2.1.0");
  EXPECT_EQ(definition.tags, (std::vector<std::string>{"shop", "2026"}));
  EXPECT_EQ(definition.timeout, std::chrono::minutes(90));
  EXPECT_EQ(definition.root().on_child_failure, OnChildFailure::cancel);
  EXPECT_TRUE(definition.uses_env);
  ASSERT_EQ(definition.tasks.size(), 7u);
  const Task& fetch = definition.tasks[0];
  EXPECT_EQ(fetch.name, "Fetch the order");
  EXPECT_EQ(fetch.retry->max_retries, 5u);
  EXPECT_EQ(fetch.retry->initial_delay, std::chrono::milliseconds(500));
  EXPECT_EQ(fetch.retry->max_delay, std::chrono::minutes(2));
  EXPECT_EQ(fetch.heartbeat_timeout, std::chrono::milliseconds(2500));
  EXPECT_EQ(fetch.on_error, OnError::continue_run);
  EXPECT_TRUE(fetch.output.has_value());
  EXPECT_EQ(fetch.dependents, (std::vector<TaskNumber>{2, 3, 4}));
  const Task& charge = definition.tasks[5];
  EXPECT_EQ(charge.depends_on, (std::vector<TaskNumber>{2, 4, 1}));
  EXPECT_EQ(charge.join.kind, JoinKind::at_least);
  EXPECT_EQ(charge.join.count, 2u);
  EXPECT_EQ(definition.find_task(0, "charge"), 5u);
  EXPECT_EQ(definition.find_task(0, "chargf"), std::nullopt);
}

TEST(Parse, the_format_is_told_by_the_first_character) {
  EXPECT_TRUE(
      parse_definition(" \n{\"name\": \"x\", \"tasks\": {\"a\": {\"component\": \"log\"}}}").ok());
  EXPECT_EQ(parse_definition("{name: x, tasks: {a: {component: log}}}").code,
            error_code::malformed_json);
  EXPECT_TRUE(parse_definition("{name: x, tasks: {a: {component: log}}}", Format::yaml).ok());
  EXPECT_EQ(parse_definition("name: [").code, error_code::malformed_yaml);
}

TEST(Parse, all_problems_are_told_at_once_in_the_order_of_the_text) {
  auto outcome = parse_definition(R"(verson: 2
priority: 5
tasks:
  a: {component: 5, depends_on: [zz, b], input: {q: "${tasks.d + }"}}
  b: {compnent: x, timeout: -1}
  d: {type: pam}
)");
  EXPECT_EQ(
      show(outcome),
      "1:1 /verson 'verson' is no field of the language here\n"
      "1:1  a workflow needs a name\n"
      "2:1 /priority 'priority' is not supported by this version yet\n"
      "4:18 /tasks/a/component component must be text, not a number\n"
      "4:34 /tasks/a/depends_on/0 there is no task 'zz'\n"
      "4:65 /tasks/a/input/q in the expression: expected a value, but the expression ends here\n"
      "5:6 /tasks/b a task of type standard needs a component\n"
      "5:7 /tasks/b/compnent 'compnent' is no field of the language here\n"
      "5:29 /tasks/b/timeout timeout must be more than 0\n"
      "6:13 /tasks/d/type type must be one of standard, set, wait, fail, terminate, join, "
      "decision, "
      "parallel, loop, map, try, critical, subworkflow, event, approval, webhook, custom, not "
      "'pam'\n");
  EXPECT_EQ(outcome.definition, nullptr);
  EXPECT_EQ(outcome.problems[0].hint, "did you mean 'version'?");
}

TEST(Parse, problems_of_json_have_positions_too) {
  auto outcome = parse_definition(
      "{\"name\": \"x\",\n \"tasks\": {\"a\": {\"component\": \"log\",\n"
      "   \"input\": {\"x\": \"say \\\"hi\\\" ${tasks.no.output}\"}}}}");
  EXPECT_EQ(show(outcome), "3:33 /tasks/a/input/x there is no task 'no'\n");
}

TEST(Parse, a_value_that_is_parsed_already_has_pointers_but_no_lines) {
  auto outcome = parse_definition(*parse_json(R"({"name": "x", "tasks": {"a": {}}})"));
  EXPECT_EQ(show(outcome), "0:0 /tasks/a a task of type standard needs a component\n");
}

TEST(Parse, texts_that_are_no_definition_are_clear_errors) {
  std::pair<std::string, const char*> cases[] = {
      {"", "the text is empty"},
      {"  \n ", "the text is empty"},
      {"[]", "a workflow definition is an object, not a list"},
      {"just words", "a workflow definition is an object, not a single value"},
      {"{\"name\": \"x\"", "the text ends before the value is complete"},
      {"{\"name\": \"\xff\"}", "the text is not valid UTF-8"},
      {"name: \xff", "the text is not valid UTF-8"},
      {std::string(100'000, '['), "arrays and objects nest deeper than 64 levels"},
      {"a: " + std::string(100, '[') + std::string(100, ']'),
       "lists and maps nest deeper than 64 levels"},
      {"{\"name\": \"" + std::string(10u << 20, 'x') + "\"}",
       "the text has 10485772 bytes, more than the limit of 8388608"},
      {"{\"a\": 1, \"a\": 2}", "this key stands twice in its object"},
  };
  for (const auto& [text, message] : cases) {
    auto outcome = parse_definition(text);
    ASSERT_EQ(outcome.problems.size(), 1u) << text.substr(0, 50);
    EXPECT_EQ(outcome.problems[0].message, message) << text.substr(0, 50);
    EXPECT_FALSE(outcome.ok());
  }
}

TEST(Parse, a_deep_or_huge_value_is_refused_like_a_text) {
  Json deep = 1;
  for (int i = 0; i < 1000; ++i) deep = JsonArray{std::move(deep)};
  JsonObject definition;
  definition["name"] = std::move(deep);
  EXPECT_EQ(parse_definition(Json(std::move(definition))).problems[0].message,
            "lists and objects nest deeper than 64 levels");
  ParseLimits limits;
  limits.nodes_max = 5;
  EXPECT_EQ(parse_definition(*parse_json("[1,2,3,4,5]"), limits).problems[0].message,
            "the document has more than 5 values");
}

TEST(Parse, limits_of_tasks_hold) {
  ParseLimits limits;
  limits.tasks_max = 1;
  auto outcome = parse_definition("name: x\ntasks: {a: {component: log}, b: {component: log}}",
                                  Format::automatic, limits);
  EXPECT_EQ(show(outcome),
            "2:8 /tasks with these 2 tasks the workflow has more than the limit of 1\n");
}

TEST(Parse, a_workflow_without_tasks_is_warned_about) {
  auto outcome = parse_definition(examples::text_of("no tasks"));
  EXPECT_TRUE(outcome.ok());
  EXPECT_EQ(show(outcome), "2:8 warning /tasks the workflow has no tasks\n");
}

TEST(Parse, task_ids_are_names) {
  for (const char* id : {"1st", "g g", "-x", "\u00e9", "a.b", "\"\""}) {
    auto outcome =
        parse_definition("name: x\ntasks:\n  " + std::string(id) + ": {component: log}\n");
    ASSERT_EQ(outcome.problems.size(), 1u) << id;
    EXPECT_NE(outcome.problems[0].message.find("is no task id"), std::string::npos) << id;
    EXPECT_EQ(outcome.problems[0].line, 3);
    EXPECT_EQ(outcome.problems[0].column, 3);
  }
  EXPECT_EQ(fault("{component: log, id: u}"), "the id 'u' differs from the task's key 't'");
  EXPECT_TRUE(parse_task("{component: log, id: t}").ok());
}

TEST(Parse, types_have_the_fields_they_need_and_no_others) {
  EXPECT_EQ(fault("{}"), "a task of type standard needs a component");
  EXPECT_EQ(fault("{component: ''}"), "a task of type standard needs a component");
  EXPECT_EQ(fault("{type: set}"), "a task of type set needs values");
  EXPECT_EQ(fault("{type: set, values: 5}"), "values must be an object, not a number");
  EXPECT_EQ(fault("{type: wait}"), "a task of type wait needs exactly one of duration and until");
  EXPECT_EQ(fault("{type: wait, duration: 1, until: '2026-11-21T11:02:03Z'}"),
            "a task of type wait needs exactly one of duration and until");
  EXPECT_EQ(fault("{type: fail}"), "a task of type fail needs error");
  EXPECT_EQ(fault("{type: fail, error: {code: a}}"), "error needs a message");
  EXPECT_EQ(fault("{type: fail, error: {code: Not Snake, message: m}}"),
            "an error code is snake_case: a-z, 0-9 and _");
  EXPECT_EQ(fault("{type: set, values: {}, component: x}"),
            "'component' belongs to type standard, this task is of type set");
  EXPECT_EQ(fault("{component: x, input: [1]}"), "input must be an object, not a list");
  EXPECT_EQ(
      fault("{type: standrd, component: x}"),
      "type must be one of standard, set, wait, fail, terminate, join, decision, parallel, loop, "
      "map, try, critical, subworkflow, event, approval, webhook, custom, not 'standrd'");
}

TEST(Parse, times_are_checked_where_they_are_literal) {
  EXPECT_EQ(fault("{type: wait, duration: 0}"), "duration must be more than 0");
  EXPECT_EQ(fault("{type: wait, duration: soon}"),
            "duration: 'soon' is not an ISO 8601 duration such as PT15S or P1DT2H");
  EXPECT_EQ(fault("{type: wait, until: tomorrow}"),
            "until: 'tomorrow' is not an RFC 3339 time such as 2026-11-21T11:02:03Z");
  EXPECT_TRUE(parse_task("{type: wait, until: \"${input.at}\"}").ok());
  EXPECT_EQ(fault("{component: x, timeout: 0}"), "timeout must be more than 0");
  EXPECT_EQ(fault("{component: x, timeout: 1e300}"), "timeout must be at most 100 years");
  EXPECT_EQ(fault("{component: x, timeout: [1]}"),
            "timeout must be seconds (a number above 0) or ISO 8601 text such as PT1M30S");
  EXPECT_EQ(fault("{component: x, heartbeat_timeout: -1}"),
            "heartbeat_timeout must be more than 0");
}

TEST(Parse, retry_policies_have_ranges) {
  auto policy = [](std::string_view fields) {
    return "{component: x, retry_policy: {" + std::string(fields) + "}}";
  };
  EXPECT_EQ(fault(policy("max_retries: 1001")),
            "max_retries must be a whole number from 0 to 1000");
  EXPECT_EQ(fault(policy("max_retries: 1.5")), "max_retries must be a whole number from 0 to 1000");
  EXPECT_EQ(fault(policy("initial_delay: 0")), "initial_delay must be more than 0");
  EXPECT_EQ(fault(policy("backoff_multiplier: 0.5")),
            "backoff_multiplier must be a number from 1 to 1000");
  EXPECT_EQ(fault(policy("jitter: 2")), "jitter must be a number from 0 to 1");
  EXPECT_EQ(fault(policy("retry_on: timeout")), "retry_on must be a list of texts, not text");
  EXPECT_EQ(fault(policy("retry_on: [1]")),
            "each item of retry_on must be a text that is not empty");
  EXPECT_EQ(fault(policy("max_retry: 1")), "'max_retry' is no field of the language here");
  EXPECT_EQ(fault("{component: x, retry_policy: 3}"),
            "retry_policy must be an object, not a number");
  EXPECT_TRUE(parse_task(policy("max_retries: 0, initial_delay: PT0.1S, max_delay: 1e3")).ok());
}

TEST(Parse, joins_count_within_their_predecessors) {
  EXPECT_EQ(fault("{component: x, depends_on: [a], join: {at_least: 2}}"),
            "at_least is 2, but the task depends on 1 task(s)");
  EXPECT_EQ(fault("{component: x, depends_on: [a], join: {at_least: 0}}"),
            "at_least must be a whole number from 1 to 1000000");
  EXPECT_EQ(fault("{component: x, depends_on: [a], join: {}}"), "a join object needs at_least");
  EXPECT_EQ(
      fault("{component: x, depends_on: [a], join: any}"),
      "join must be one of all_success, none_failed, all_done, any_success, one_failed, not 'any'");
  EXPECT_EQ(fault("{component: x, depends_on: [a], join: 1}"),
            "join must be a rule such as all_done, or {at_least: k}, not a number");
}

TEST(Parse, messages_show_long_names_without_splitting_a_character) {
  for (std::size_t shift = 0; shift < 3; ++shift) {
    std::string name(shift, 'a');
    for (int i = 0; i < 50; ++i) name += "\u20ac";
    for (const std::string& text :
         {"name: x\n" + name + ": 1\n", "name: x\ntasks: {" + name + ": {component: log}}\n",
          "name: x\ntasks: {a: {component: log, depends_on: [" + name + "]}}\n",
          "name: x\ntasks: {a: {component: log, input: \"${tasks." + name + ".output}\"}}\n"}) {
      auto outcome = parse_definition(text);
      ASSERT_FALSE(outcome.problems.empty()) << text;
      for (const Problem& problem : outcome.problems)
        EXPECT_TRUE(is_valid_utf8(problem.message)) << problem.message;
    }
  }
}

TEST(Parse, fields_of_later_versions_are_called_so) {
  for (const char* field : {"priority", "rate_limit"}) {
    auto outcome =
        parse_definition("name: x\n" + std::string(field) + ": 1\ntasks: {a: {component: log}}");
    EXPECT_EQ(show(outcome), "2:1 /" + std::string(field) + " '" + field +
                                 "' is not supported by this version yet\n");
  }
}

TEST(Parse, the_limit_of_tasks_counts_those_within_tasks) {
  ParseLimits limits;
  limits.tasks_max = 2;
  auto outcome = parse_definition(
      "name: x\ntasks: {a: {type: map, items: [1], do: {b: {component: log}, c: {component: "
      "log}}}}",
      Format::automatic, limits);
  EXPECT_EQ(show(outcome),
            "2:40 /tasks/a/do with these 2 tasks the workflow has more than the limit of 2\n");
}

TEST(Parse, faults_of_schemas_point_into_the_definition) {
  auto outcome =
      parse_definition("name: x\ninput_schema:\n  properties:\n    a: {type: strng}\ntasks: {}\n");
  ASSERT_GE(outcome.problems.size(), 1u);
  EXPECT_EQ(outcome.problems[0].pointer, "/input_schema/properties/a/type");
  EXPECT_EQ(outcome.problems[0].line, 4);
  EXPECT_EQ(outcome.problems[0].column, 15);
}

TEST(Parse, numbers_where_text_belongs_get_the_hint_to_quote) {
  auto outcome = parse_definition("name: x\nversion: 1.0\ntasks: {a: {component: log}}");
  ASSERT_EQ(outcome.problems.size(), 1u);
  EXPECT_EQ(outcome.problems[0].hint, "put it in quotes");
}

TEST(Parse, every_cut_of_every_example_is_an_outcome) {
  for (const auto& example : examples::valid) {
    std::string_view text = example.text;
    for (std::size_t size = 0; size < text.size(); size += 3) {
      auto outcome = parse_definition(text.substr(0, size));
      EXPECT_TRUE(outcome.ok() || !outcome.problems.empty());
    }
  }
}

TEST(Parse, every_flipped_byte_of_every_example_is_an_outcome) {
  for (const auto& example : examples::valid) {
    std::string text = example.text;
    for (std::size_t i = 0; i < text.size(); i += 5) {
      for (char c : {'\0', '"', '{', ']', ':', '\xff', '&', '*', '-', '$'}) {
        std::string changed = text;
        changed[i] = c;
        auto outcome = parse_definition(changed);
        EXPECT_TRUE(outcome.ok() || !outcome.problems.empty());
      }
    }
  }
}

}  // namespace
}  // namespace harmonia::workflow
