#include <gtest/gtest.h>

#include "workflow/parse_examples_test.h"

namespace harmonia::workflow {
namespace {

using examples::show;

constexpr const char* order_schema =
    "name: x\ninput_schema: {type: object, additionalProperties: false, properties: {"
    "name: {type: string}, n: {type: integer}, paid: {type: boolean}, "
    "items: {type: array, items: {type: object, properties: {price: {type: number}, "
    "sku: {type: string}}, additionalProperties: false}}}}\n";

// What is found in one task over this input; without the place.
std::string found_in(std::string_view task, std::string_view more = {}) {
  auto outcome = parse_definition(std::string(order_schema) + "tasks:\n" + std::string(more) +
                                  "  t: " + std::string(task) + "\n");
  std::string text;
  for (const Problem& problem : outcome.problems) {
    text += problem.severity == Severity::warning ? "warning " : "";
    text += problem.message + "\n";
  }
  return text;
}

TEST(TypeCheck, fine_definitions_have_no_findings) {
  for (const char* task :
       {"{type: set, values: {a: '${input.n + 1}', b: '${input.name + \"!\"}'}}",
        "{type: set, when: input.paid, values: {}}",
        "{type: set, values: {a: '${input.items.map(i, i.price)}'}}",
        "{component: http, action: request, input: {url: '${input.name}', timeout: '${input.n}'}}",
        "{type: map, items: '${input.items}', do: {a: {type: set, values: {v: '${item.price}', "
        "i: '${index + 1}'}}}}",
        "{type: loop, times: '${input.n}', do: {a: {type: set, values: {v: '${loop.index + 1}'}}}}",
        "{type: loop, until: 'loop.last != null && tasks.a.output.v > 3', do: {a: {type: set, "
        "values: {v: '${loop.iteration}'}}}}",
        "{type: wait, duration: '${input.n}'}", "{type: wait, until: '${input.name}'}",
        "{type: event, event: paid, filter: 'event.amount > 3'}",
        "{component: worker, action: go, when: 'default(input.n, 0) > 1'}",
        "{type: set, values: {a: '${params.x}', b: '${context.a.b + 1}', c: '${env.HOME}'}}"}) {
    EXPECT_EQ(found_in(task), "") << task;
  }
}

TEST(TypeCheck, types_of_the_input_come_from_its_schema) {
  auto outcome = parse_definition(std::string(order_schema) +
                                  "tasks:\n  t: {type: set, values: {a: '${1 + input.name}'}}\n");
  EXPECT_EQ(show(outcome),
            "4:33 /tasks/t/values/a in the expression: no such overload: int + string\n");
  EXPECT_NE(outcome.problems[0].excerpt.find('^'), std::string::npos);
  EXPECT_EQ(found_in("{type: set, values: {a: '${input.nam}'}}"),
            "in the expression: input has no member 'nam'\n");
  EXPECT_EQ(found_in("{type: set, values: {a: '${input.items[0].prize}'}}"),
            "in the expression: input.items[0] has no member 'prize'\n");
}

TEST(TypeCheck, a_condition_must_be_boolean) {
  EXPECT_EQ(found_in("{component: log, when: input.n}"),
            "in the expression: input.n must be true or false here, but is int\n");
  EXPECT_EQ(found_in("{component: log, when: \"${input.name == 3}\"}"),
            "warning in the expression: always false: string and int are never equal\n");
}

TEST(TypeCheck, places_count_in_the_author_s_text) {
  auto outcome = parse_definition(std::string(order_schema) +
                                  "tasks:\n  t:\n    component: log\n    when: ${  input.name }\n");
  EXPECT_EQ(show(outcome).substr(0, 25), "6:15 /tasks/t/when in the");
  auto json = parse_definition(
      "{\"name\": \"x\", \"tasks\": {\"t\": {\"type\": \"set\", \"values\":\n"
      "  {\"a\": \"n: ${1 + 'a'}\"}}}}");
  EXPECT_EQ(show(json).substr(0, 23), "2:15 /tasks/t/values/a ");
}

TEST(TypeCheck, outputs_of_tasks_have_types) {
  const char* set = "  a: {type: set, values: {n: 1, s: \"x ${input.n}\", l: '${[1, 2]}'}}\n";
  auto after = [&](std::string_view expression) {
    return found_in(
        "{type: set, depends_on: [a], values: {v: '${" + std::string(expression) + "}'}}", set);
  };
  EXPECT_EQ(after("tasks.a.output.n + 1"), "");
  EXPECT_EQ(after("tasks.a.s + tasks.a.status"), "");
  EXPECT_EQ(after("tasks.a.attempt + 1"), "");
  EXPECT_EQ(after("default(tasks.a.error.message, \"\")"), "");
  EXPECT_EQ(after("tasks.a.output.s + 1"), "in the expression: no such overload: string + int\n");
  EXPECT_EQ(after("tasks.a.output.m"), "in the expression: tasks.a.output has no member 'm'\n");
  EXPECT_EQ(after("tasks.a.m"), "in the expression: tasks.a has no member 'm'\n");
  EXPECT_EQ(after("tasks.a.output.l.n"),
            "in the expression: tasks.a.output.l is a list; its index is a number, not string\n");
}

TEST(TypeCheck, a_mapping_gives_the_output_its_type) {
  const char* mapped = "  a: {component: worker, output: {n: '${size(result.list)}'}}\n";
  EXPECT_EQ(
      found_in("{type: set, depends_on: [a], values: {v: '${tasks.a.output.n + 1}'}}", mapped), "");
  EXPECT_EQ(found_in("{type: set, depends_on: [a], values: {v: '${tasks.a.output.list}'}}", mapped),
            "in the expression: tasks.a.output has no member 'list'\n");
}

TEST(TypeCheck, composite_tasks_have_outputs_of_their_form) {
  const char* loop =
      "  a: {type: loop, times: 3, collect: '${tasks.x.output.n}', do: {x: {type: set, values: "
      "{n: 1}}}}\n";
  EXPECT_EQ(found_in("{type: set, depends_on: [a], values: {v: '${tasks.a.output.iterations + 1}', "
                     "w: '${tasks.a.output.results[0]}'}}",
                     loop),
            "");
  EXPECT_EQ(found_in("{type: set, depends_on: [a], values: {v: '${tasks.a.output.rounds}'}}", loop),
            "in the expression: tasks.a.output has no member 'rounds'\n");
  const char* map =
      "  a: {type: map, items: '${input.items}', as: thing, do: {x: {type: set, values: "
      "{n: '${thing.price}'}}}}\n";
  EXPECT_EQ(
      found_in("{type: set, depends_on: [a], values: {v: '${tasks.a.output.map(o, o.n)}'}}", map),
      "");
  EXPECT_EQ(found_in("{type: set, depends_on: [a], values: {v: '${tasks.a.output.n}'}}", map),
            "in the expression: tasks.a.output is a list; its index is a number, not string\n");
  const char* parallel =
      "  a: {type: parallel, branches: {one: {x: {type: set, values: {n: 1}}}, two: {y: "
      "{component: worker}, z: {component: worker}}}}\n";
  EXPECT_EQ(found_in("{type: set, depends_on: [a], values: {v: '${tasks.a.output.one.n + 1}', "
                     "w: '${tasks.a.output.two.y.any}'}}",
                     parallel),
            "");
  EXPECT_EQ(
      found_in("{type: set, depends_on: [a], values: {v: '${tasks.a.output.three}'}}", parallel),
      "in the expression: tasks.a.output has no member 'three'\n");
}

TEST(TypeCheck, decisions_waits_and_approvals_have_outputs_of_their_form) {
  EXPECT_EQ(found_in("{type: set, depends_on: [a], values: {v: '${tasks.a.output.waited}'}}",
                     "  a: {type: wait, duration: 1}\n"),
            "in the expression: tasks.a.output has no member 'waited'\n");
  EXPECT_EQ(found_in("{component: log, depends_on: [a], when: tasks.a.output.approved}",
                     "  a: {type: approval}\n"),
            "");
  EXPECT_EQ(found_in("{component: log, depends_on: [a], when: tasks.a.output.decided_by}",
                     "  a: {type: approval}\n"),
            "in the expression: tasks.a.output.decided_by must be true or false here, but is "
            "string\n");
  EXPECT_EQ(found_in("{component: log, depends_on: [a], when: 'tasks.a.output.chosen == \"x\"'}",
                     "  a: {type: decision, cases: [{when: input.paid, next: []}]}\n"),
            "warning in the expression: always false: list(string) and string are never equal\n");
}

TEST(TypeCheck, an_item_has_the_type_of_the_list) {
  EXPECT_EQ(found_in("{type: map, items: '${input.items}', do: {a: {type: set, values: {v: "
                     "'${item.cost}'}}}}"),
            "in the expression: item has no member 'cost'\n");
  EXPECT_EQ(found_in("{type: map, items: '${input.items}', batch_size: 2, do: {a: {type: set, "
                     "values: {v: '${item.price}'}}}}"),
            "in the expression: item is a list; its index is a number, not string\n");
  EXPECT_EQ(found_in("{type: map, items: {a: 1, b: 2}, do: {a: {type: set, values: {v: "
                     "'${item.value + 1}', k: '${item.key + 1}'}}}}"),
            "in the expression: no such overload: string + int\n");
  EXPECT_EQ(found_in("{type: loop, for_each: [1, 2], as: n, do: {a: {type: set, values: {v: "
                     "'${n + \"a\"}'}}}}"),
            "in the expression: no such overload: int + string\n");
}

TEST(TypeCheck, what_a_catch_gives_is_possible_too) {
  const char* caught =
      "  a: {type: try, do: {x: {type: set, values: {n: 1}}}, catch: {as: e, do: {y: {type: set, "
      "values: {why: '${e.message + e.code}'}}}}}\n";
  EXPECT_EQ(found_in("{type: set, depends_on: [a], values: {v: '${tasks.a.output.n + 1}', w: "
                     "'${default(tasks.a.output.why, \"\")}'}}",
                     caught),
            "");
  EXPECT_EQ(found_in("{type: set, depends_on: [a], values: {v: '${tasks.a.output.m}'}}", caught),
            "in the expression: tasks.a.output has no member 'm'\n");
  EXPECT_EQ(
      found_in("{component: w, catch: {as: e, when: 'e.status == 3', do: {y: {component: w}}}}"),
      "in the expression: e has no member 'status'\n");
}

TEST(TypeCheck, an_operator_may_complete_a_task_with_any_output) {
  EXPECT_EQ(found_in("{type: set, depends_on: [a], values: {v: '${tasks.a.output.m}'}}",
                     "  a: {type: set, on_error: incident, values: {n: '${input.n}'}}\n"),
            "");
}

TEST(TypeCheck, fields_want_values_of_their_kind) {
  EXPECT_EQ(found_in("{type: wait, duration: '${input.items}'}"),
            "duration must be a number of seconds or an ISO 8601 text, but is list(map)\n");
  EXPECT_EQ(found_in("{type: map, items: '${input.n}', do: {a: {component: w}}}"),
            "items must be a list or an object, but is int\n");
  EXPECT_EQ(found_in("{type: loop, times: '${input.name}', do: {a: {component: w}}}"),
            "times must be a whole number, but is string\n");
}

TEST(TypeCheck, the_output_of_the_workflow_is_held_against_its_schema) {
  auto outcome = parse_definition(
      "name: x\noutput_schema: {type: object, required: [n], properties: {n: {type: integer}, "
      "s: {type: string}}}\ntasks:\n  a: {type: set, values: {n: 1}}\n"
      "output: {s: '${tasks.a.output.n}'}\n");
  EXPECT_EQ(show(outcome),
            "5:9 /output in the output: 'n' is missing (output_schema)\n"
            "5:13 /output/s in the output: must be string, but is int (output_schema)\n");
}

TEST(TypeCheck, roots_of_other_places_are_explained) {
  auto hint_of = [](std::string_view expression) {
    auto outcome = parse_definition("name: x\ntasks: {t: {type: set, values: {v: '${" +
                                    std::string(expression) + "}'}}}\n");
    return outcome.problems.empty() ? "" : outcome.problems.front().hint;
  };
  EXPECT_EQ(hint_of("item.x"), "item exists within map, and within loops that have for_each");
  EXPECT_NE(hint_of("index").find("loop.index"), std::string::npos);
  EXPECT_NE(hint_of("loop.index").find("in the tasks of a loop"), std::string::npos);
  EXPECT_NE(hint_of("event.x").find("filter"), std::string::npos);
  EXPECT_NE(hint_of("callback.url").find("webhook"), std::string::npos);
  EXPECT_NE(hint_of("result.x").find("tasks.ID.output"), std::string::npos);
}

TEST(TypeCheck, what_was_saved_is_not_judged_again) {
  auto saved = parse_json(
      R"({"name": "x", "tasks": {"t": {"type": "set", "values": {"v": "${1 + 'a'}"}}}})");
  EXPECT_FALSE(parse_definition(*saved).ok());
  EXPECT_TRUE(parse_definition(*saved, {}, {.findings = false}).ok());
}

// The actions of two components, as a server would give them.
ActionTypes some_actions() {
  ActionTypes actions;
  auto json = [](std::string_view text) { return *parse_json(text); };
  actions.add("http", true,
              {{.name = "request",
                .input = json(R"({"type": "object", "required": ["url"],
                  "additionalProperties": false, "properties": {
                    "url": {"type": "string"}, "timeout": {"type": "number"},
                    "headers": {"type": "object", "additionalProperties": {"type": "string"}},
                    "expect": {"type": "array", "items": {"$ref": "#/$defs/status"}}},
                  "$defs": {"status": {"type": "integer", "minimum": 100}}})"),
                .output = json(R"({"type": "object", "additionalProperties": false, "properties": {
                    "status": {"type": "integer"}, "body": {}}})")}});
  actions.add("log", false,
              {{.name = "write", .input = json(R"({"type": "object", "required": ["message"],
                  "properties": {"message": {}, "level": {"enum": ["info", "error"]}}})")}});
  return actions;
}

std::string found_with_actions(std::string_view tasks) {
  ActionTypes actions = some_actions();
  return show(parse_definition(std::string(order_schema) + "tasks:\n" + std::string(tasks),
                               Format::yaml, {}, {.actions = &actions}));
}

TEST(InputCheck, inputs_that_fit_have_no_findings) {
  for (const char* input : {"{url: 'http://x'}", "{url: '${input.name}', timeout: '${input.n}'}",
                            "{url: '${input.any}', headers: {a: '${input.x}'}}",
                            "{url: x, expect: [200, '${input.n}']}",
                            "{url: 'a ${input.n}', timeout: 1.5}", "{url: '${secret.HOST}'}"}) {
    ActionTypes actions = some_actions();
    auto outcome = parse_definition(
        "name: x\ntasks:\n  t: {component: http, input: " + std::string(input) + "}\n",
        Format::yaml, {}, {.actions = &actions});
    EXPECT_EQ(show(outcome), "") << input;
  }
  EXPECT_EQ(found_with_actions("  t: {component: worker, action: any, input: {x: 1}}\n"), "");
}

TEST(InputCheck, what_is_missing_or_unknown_is_an_error) {
  EXPECT_EQ(found_with_actions("  t: {component: http, input: {timeout: '${input.n}'}}\n"),
            "4:31 /tasks/t/input in the input: 'url' is missing (http.request)\n");
  EXPECT_EQ(found_with_actions("  t: {component: http, input: {url: '${input.name}', uri: 1}}\n"),
            "4:54 /tasks/t/input/uri in the input: there is no field 'uri' here "
            "(http.request)\n");
}

TEST(InputCheck, a_value_of_the_wrong_kind_is_an_error) {
  EXPECT_EQ(found_with_actions("  t: {component: http, input: {url: '${input.n}'}}\n"),
            "4:37 /tasks/t/input/url in the input: must be string, but is int (http.request)\n");
  EXPECT_EQ(
      found_with_actions("  t: {component: http, input: {url: '${input.name}', timeout: soon}}\n"),
      "4:63 /tasks/t/input/timeout in the input: must be number, but is string "
      "(http.request)\n");
  EXPECT_EQ(found_with_actions(
                "  t: {component: http, input: {url: '${input.name}', headers: {a: [1]}}}\n"),
            "4:67 /tasks/t/input/headers/a in the input: must be string, but is list(int) "
            "(http.request)\n");
}

TEST(InputCheck, literal_members_are_held_against_all_of_their_schema) {
  EXPECT_NE(
      found_with_actions("  t: {component: log, input: {message: '${input.n}', level: loud}}\n")
          .find("/tasks/t/input/level in the input: "),
      std::string::npos);
  EXPECT_NE(
      found_with_actions("  t: {component: http, input: {url: '${input.name}', expect: [7]}}\n")
          .find("/tasks/t/input/expect/0 in the input: "),
      std::string::npos);
  EXPECT_NE(found_with_actions("  t: {component: http, input: {timeout: 3}}\n").find("url"),
            std::string::npos);
}

TEST(InputCheck, an_unknown_action_is_warned_about) {
  EXPECT_EQ(found_with_actions("  t: {component: log, action: wrte, input: {message: a}}\n"),
            "4:31 warning /tasks/t/action the component 'log' has no action 'wrte'\n");
}

TEST(InputCheck, a_secret_for_a_component_that_gets_none_is_warned_about) {
  EXPECT_NE(found_with_actions("  t: {component: log, input: {message: 'key ${secret.KEY}'}}\n")
                .find("warning /tasks/t/input/message the component 'log' gets no secrets"),
            std::string::npos);
}

TEST(InputCheck, the_output_of_an_action_has_its_type) {
  const char* call = "  a: {component: http, input: {url: x}}\n";
  EXPECT_EQ(found_with_actions(std::string(call) +
                               "  t: {type: set, depends_on: [a], values: {v: "
                               "'${tasks.a.output.status + 1}', w: '${tasks.a.output.body.x}'}}\n"),
            "");
  EXPECT_NE(found_with_actions(std::string(call) + "  t: {type: set, depends_on: [a], values: {v: "
                                                   "'${tasks.a.output.code}'}}\n")
                .find("tasks.a.output has no member 'code'"),
            std::string::npos);
}

}  // namespace
}  // namespace harmonia::workflow
