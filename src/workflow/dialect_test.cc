#include <gtest/gtest.h>

#include "workflow/corpus_test.h"
#include "workflow/parse_examples_test.h"

// Dialects 4 to 6, and the expressions that come with them. Dialects 1 to 3 are in
// normalise_test.cc.
namespace harmonia::workflow {
namespace {

using examples::canonical;
using examples::show;

bool told(const ParseOutcome& outcome, std::string_view part) {
  return std::any_of(
      outcome.translations.begin(), outcome.translations.end(),
      [&](const std::string& sentence) { return sentence.find(part) != std::string::npos; });
}

// A document with these steps.
std::string steps(std::string_view list, std::string_view more = {}) {
  return "name: x\nsteps:\n" + std::string(list) + std::string(more);
}

std::string show_tasks(std::string_view text) {
  auto outcome = parse_definition(text);
  if (!outcome.ok()) return show(outcome);
  return to_text(outcome.definition->canonical.at("tasks"));
}

// What becomes of an expression in a document of steps `a`, `my-step` with an input `amount`.
std::string expression(std::string_view text) {
  auto outcome = parse_definition(
      "name: x\nparameters: {amount: {type: number}, user: {type: object}}\nsteps:\n"
      "  - {id: a, component: log, transitions: [{to: my-step}]}\n"
      "  - {id: my-step, component: log, transitions: [{to: t}]}\n"
      "  - {id: t, component: log, parameters: {v: \"${" +
      std::string(text) + "}\"}}\n");
  if (!outcome.ok()) return show(outcome) + outcome.problems.front().hint;
  std::string found(outcome.definition->canonical.at_pointer("/tasks/t/input/v").as_string());
  return found.substr(2, found.size() - 3);
}

TEST(GraphDialect, edges_forward_become_predecessors) {
  auto outcome = parse_definition(examples::read_file("dialects/graph.json"));
  ASSERT_TRUE(outcome.ok()) << show(outcome);
  EXPECT_EQ(
      to_text(outcome.definition->canonical),
      R"({"name":"etl","tasks":{)"
      R"("fetch":{"component":"http","action":"request","input":{"url":"https://a.example"}},)"
      R"("clean":{"depends_on":["fetch"],"component":"transform","action":"cel",)"
      R"("input":{"expression":"${tasks.fetch.output.body}"}},)"
      R"("count":{"depends_on":["fetch"],"component":"ml_predict","input":{"model":"m"}},)"
      R"("pause":{"type":"wait","duration":5},)"
      R"("report":{"depends_on":["clean","count","pause"],"component":"notify",)"
      R"("action":"send","input":{"to":"${input.boss}"}}}})");
  for (const char* part :
       {"'api_request' of tasks became component http, action request", "edges forward by `next`",
        "`join` as a list", "`config` of tasks became `input`", "'ml_predict'", "'delay'"}) {
    EXPECT_TRUE(told(outcome, part)) << part;
  }
}

TEST(GraphDialect, edges_are_turned_around_among_any_number_of_tasks) {
  for (int count = 1; count <= 20; ++count) {
    std::string text = "name: x\ntasks:\n";
    std::string expected = R"({"t0":{"component":"log","action":"write"})";
    for (int i = 0; i < count; ++i) {
      text +=
          "  - {id: t" + std::to_string(i) + ", type: log, next: t" + std::to_string(i + 1) + "}\n";
      expected += R"(,"t)" + std::to_string(i + 1) + R"(":{"depends_on":["t)" + std::to_string(i) +
                  R"("],"component":"log","action":"write"})";
    }
    text += "  - {id: t" + std::to_string(count) + ", type: log}\n";
    EXPECT_EQ(show_tasks(text), expected + "}");
  }
}

TEST(GraphDialect, faults_stand_where_the_author_wrote) {
  EXPECT_EQ(show(parse_definition(R"(name: x
tasks:
  - {id: a, type: log, next: [b, zz]}
  - {id: b, type: log, next: a}
  - {id: c, type: log, next: {ok: a}, join: [1]}
  - {id: d, type: data_transform, config: {operation: normalize}}
)")),
            "3:34 /tasks/0/next/1 there is no task 'zz'\n"
            "4:30 /tasks/1/next tasks depend on each other in a circle: a -> b -> a\n"
            "5:30 /tasks/2/next next must name tasks: an id or a list of ids\n"
            "5:46 /tasks/2/join/0 join must name tasks by their ids\n"
            "6:43 warning /tasks/3/config this transformation can't be translated: the action cel "
            "of transform needs `expression`\n");
}

TEST(GraphDialect, types_of_the_language_take_their_fields_from_config) {
  EXPECT_EQ(
      show_tasks("name: x\ntasks:\n  - {id: a, type: set, config: {values: {n: 1}}, next: b}\n"
                 "  - {id: b, type: wait, config: {duration: PT1M}}\n"),
      R"({"a":{"type":"set","values":{"n":1}},)"
      R"("b":{"type":"wait","depends_on":["a"],"duration":"PT1M"}})");
  EXPECT_EQ(show_tasks("name: x\ntasks:\n  - {id: a, type: decision, config: {condition: x}}\n"),
            "3:5 /tasks/0 a decision needs cases\n"
            "3:38 /tasks/0/config/condition 'condition' is no field of the language here\n");
}

TEST(StepDialect, the_state_machine_of_the_guide_becomes_tasks) {
  auto outcome = parse_definition(examples::read_file("dialects/steps.json"));
  ASSERT_TRUE(outcome.ok()) << show(outcome);
  EXPECT_EQ(to_text(outcome.definition->canonical),
            R"({"name":"guide","description":"d","tasks":{)"
            R"("fork":{"type":"join"},)"
            R"("process_a":{"depends_on":["fork"],"component":"ergon","action":"process_data",)"
            R"("input":{"n":"${input.n}"},"retry_policy":{"max_retries":2,"initial_delay":5},)"
            R"("on_error":"continue"},)"
            R"("process_b":{"depends_on":["fork"],"component":"http","action":"request",)"
            R"("input":{"url":"https://a.example","method":"POST"},)"
            R"("retry_policy":{"max_retries":1,"initial_delay":0.25,"backoff_multiplier":3,)"
            R"("retry_on":["connection","timeout","http_5xx"]},"timeout":1.5},)"
            R"("join":{"type":"join","depends_on":["process_a","process_b"]},)"
            R"("check":{"type":"decision","depends_on":["join"],"cases":[)"
            R"({"when":"${(tasks.process_a.status == \"completed\") == true}","next":["ok"]},)"
            R"({"when":"${(tasks.process_a.status == \"completed\") == false}","next":["bad"]}]},)"
            R"("ok":{"component":"notify","action":"send",)"
            R"("input":{"message":"done: ${tasks.process_a.output.total}","channel":"ops"}},)"
            R"("bad":{"component":"log"},)"
            R"("w":{"type":"event","depends_on":["ok"],"timeout":7200,"event":"task.status"}},)"
            R"("on_failure":{"timeout_handler":{"when":"${error.code == \"timeout\"}",)"
            R"("component":"log"}}})");
  for (const char* part : {"steps became tasks", "max_attempts counts the first", "`on_failure`",
                           "on_error: continue", "type event", "`timeout_ms`", "`join_type`"}) {
    EXPECT_TRUE(told(outcome, part)) << part;
  }
}

TEST(StepDialect, choices_between_transitions_become_decisions) {
  EXPECT_EQ(
      show_tasks(steps(R"(
  - {id: s, type: start, transitions: [{to: a}]}
  - {id: a, component: log, transitions: [{to: b, condition: "${input.n > 1}"}, {to: c}]}
  - {id: b, component: log, transitions: [{to: c}]}
  - {id: c, component: log, transitions: [{to: d, condition: input.x}]}
  - {id: d, component: log}
)")),
      R"({"a":{"component":"log"},)"
      R"("b":{"component":"log"},)"
      R"("c":{"depends_on":["a_next_to_c","b"],"join":"any_success","component":"log"},)"
      R"("d":{"depends_on":["c"],"when":"${input.x}","component":"log"},)"
      R"("a_next":{"type":"decision","depends_on":["a"],)"
      R"("cases":[{"when":"${input.n > 1}","next":["b"]}],"default":{"next":["a_next_to_c"]}},)"
      R"("a_next_to_c":{"type":"join"}})");
}

TEST(StepDialect, a_start_with_conditions_stays) {
  EXPECT_EQ(show_tasks(steps(R"(
  - {id: s, type: start, transitions: [{to: a, condition: input.x}, {to: end}]}
  - {id: a, component: log}
  - {id: end, type: end}
)")),
            R"({"s":{"type":"join"},"a":{"component":"log"},)"
            R"("s_next":{"type":"decision","depends_on":["s"],)"
            R"("cases":[{"when":"${input.x}","next":["a"]}],"default":{}}})");
}

TEST(StepDialect, handlers_of_a_step_become_its_catch) {
  EXPECT_EQ(show_tasks(steps(R"(
  - id: a
    component: log
    error_handlers:
      - {error_type: SERVER_ERROR, handler_step: h}
      - {error_type: "*", handler_step: h}
  - {id: h, component: log, transitions: [{to: h2}]}
  - {id: h2, component: log}
)")),
            R"({"a":{"component":"log","catch":[{"errors":["http_5xx"],"do":{)"
            R"("h":{"component":"log"},"h2":{"depends_on":["h"],"component":"log"}}},)"
            R"({"do":{"h":{"component":"log"},"h2":{"depends_on":["h"],"component":"log"}}}]}})");
}

TEST(StepDialect, circles_are_loops_to_be_written_so) {
  auto outcome = parse_definition(steps(R"(
  - {id: s, type: start, transitions: [{to: a}]}
  - {id: a, component: log, transitions: [{to: b}]}
  - {id: b, component: log, transitions: [{to: a, condition: input.again}, {to: e}]}
  - {id: e, type: end}
)"));
  EXPECT_EQ(show(outcome),
            "6:43 /steps/2/transitions/0 this transition goes back from 'b' to 'a', which tasks "
            "can't\n");
  EXPECT_NE(outcome.problems[0].hint.find("type loop"), std::string::npos);
}

TEST(StepDialect, faults_stand_where_the_author_wrote) {
  EXPECT_EQ(show(parse_definition(steps(R"(
  - {id: s, type: start, transitions: [{to: a, when: x}, {to: b}]}
  - {id: a, type: activity, transitions: {}}
  - {id: a, type: end}
  - {type: end}
  - 5
)"))),
            "4:54 /steps/0/transitions/0/when 'when' has no translation here\n"
            "4:63 /steps/0/transitions/1/to there is no step 'b'\n"
            "5:19 /steps/1/type 'activity' is no type of step\n"
            "5:42 /steps/1/transitions transitions must be a list\n"
            "6:5 /steps/2 two steps have the id 'a'\n"
            "7:5 /steps/3 a step needs an id\n"
            "8:5 /steps/4 a step is an object\n");
  EXPECT_EQ(
      show(parse_definition(steps(R"(
  - {id: s, type: start, transitions: [{to: a}]}
  - {id: a, component: log, transitions: [{to: e}]}
  - {id: lost, component: log}
  - {id: e, type: end, result: x}
  - {id: h, component: log, transitions: [{to: a}]}
)",
                                  "error_handlers: [{error_type: ALL, handler_step: h}]\n"))),
      "6:5 /steps/2 no transition leads to the step 'lost'\n"
      "7:24 /steps/3/result 'result' of a step of type end has no translation\n"
      "9:50 /error_handlers/0/handler_step the handler 'h' goes on with 'a', which is part of "
      "the ordinary flow\n");
  EXPECT_EQ(
      show(parse_definition(steps(R"(
  - {id: a, component: log, retry: {max_attempts: 0, tries: 1}, timeout_ms: "${parameters.t}"}
  - {id: w, type: wait, wait_for: {moon: full}}
  - {id: j, type: join, join_type: some, bogus: 1}
  - {id: d, type: decision, transitions: [{to: j}, {to: x, condition: input.y}]}
  - {id: x, component: log, parameters: {v: "${state.nowhere.x}"}}
)"))),
      "4:51 /steps/0/retry/max_attempts max_attempts must be a whole number from 1\n"
      "4:61 /steps/0/retry/tries 'tries' of retry has no translation\n"
      "4:77 /steps/0/timeout_ms timeout_ms must be a number\n"
      "5:5 /steps/1 a task of type wait needs exactly one of duration and until\n"
      "5:42 /steps/1/wait_for/moon 'moon' of wait_for has no translation\n"
      "6:36 /steps/2/join_type join_type must be all or any\n"
      "6:42 /steps/2/bogus 'bogus' is no field of the language here\n"
      "7:52 /steps/3/transitions/1 this transition is never taken: one without condition stands "
      "before it\n"
      "8:45 /steps/4/parameters/v `state.nowhere` names no step\n");
}

TEST(StepDialect, an_end_handles_no_error) {
  EXPECT_EQ(show(parse_definition(steps("  - {id: a, component: log, transitions: [{to: e}]}\n"
                                        "  - {id: e, type: end}\n",
                                        "error_handlers: [{error_type: X, handler_step: e}]\n"))),
            "5:48 /error_handlers/0/handler_step a step of type end handles nothing\n");
}

TEST(LegacyExpressions, become_cel) {
  EXPECT_EQ(expression("state.a.total"), "tasks.a.output.total");
  EXPECT_EQ(expression("state.a.output.x + state.a.result.y"),
            "tasks.a.output.x + tasks.a.output.y");
  EXPECT_EQ(expression("state.my-step.x"), "tasks[\"my-step\"].output.x");
  EXPECT_EQ(expression("state.a.status == 'completed'"), "tasks.a.status == 'completed'");
  EXPECT_EQ(expression("!state.a.success"), "!(tasks.a.status == \"completed\")");
  EXPECT_EQ(expression("parameters.amount * 2"), "input.amount * 2");
  EXPECT_EQ(expression("params.amount"), "input.amount");
  EXPECT_EQ(expression("workflow.input.amount"), "input.amount");
  EXPECT_EQ(expression("input.list.length > 3"), "input.list.size() > 3");
  EXPECT_EQ(expression("input.list.length()"), "input.list.size()");
  EXPECT_EQ(expression("input.list.some(item => item.price > 5)"),
            "input.list.exists(item, item.price > 5)");
  EXPECT_EQ(expression("input.list.every((i)=>i === 1)"), "input.list.all(i,i == 1)");
  EXPECT_EQ(expression("user.department == 'finance' && amount > 5000"),
            "input.user.department == 'finance' && input.amount > 5000");
  EXPECT_EQ(expression("DateTime.parse(input.at) < DateTime.parse(execution.started_at)"),
            "timestamp(input.at) < timestamp(execution.started_at)");
  EXPECT_EQ(expression("input.a ? 'state.a' : 'parameters.x'"),
            "input.a ? 'state.a' : 'parameters.x'")
      << "texts are not touched";
  EXPECT_EQ(expression("input.list.map(user, user.x)"), "input.list.map(user, user.x)")
      << "nor are variables of macros";
}

TEST(LegacyExpressions, what_can_not_be_translated_is_told_with_a_way_out) {
  EXPECT_EQ(
      expression("DateTime.now().after(DateTime.parse(input.due))"),
      "6:45 /steps/2/parameters/v expressions have no clock: DateTime.now can't be translated\n"
      "compare with execution.started_at or with tasks.x.ended_at, or let a task of type wait "
      "sleep `until` the time");
  EXPECT_EQ(expression("state.zz.x").substr(0, 56),
            "6:45 /steps/2/parameters/v `state.zz` names no step\nthe ");
  EXPECT_EQ(expression("document.value > 5000").substr(0, 66),
            "6:48 /steps/2/parameters/v in the expression: unknown name 'docume");
}

TEST(LegacyExpressions, the_canonical_form_is_left_alone_where_it_means_something) {
  EXPECT_EQ(canonical("name: x\ntasks: {a: {component: log, input: {n: \"${input.box.length}\", "
                      "m: \"${input.list.map(state, state.x)}\"}}}"),
            R"({"name":"x","tasks":{"a":{"component":"log","input":{"n":"${input.box.length}",)"
            R"("m":"${input.list.map(state, state.x)}"}}}})");
  EXPECT_EQ(canonical("name: x\ntasks: {m: {type: map, items: [{x: 1}], as: state, do: "
                      "{a: {component: log, input: {n: \"${state.x}\"}}}}}"),
            R"({"name":"x","tasks":{"m":{"type":"map","items":[{"x":1}],"as":"state",)"
            R"("do":{"a":{"component":"log","input":{"n":"${state.x}"}}}}}})");
  auto outcome = parse_definition(
      "name: x\ntasks: {a: {component: log, input: {n: \"${workflow.input.x}\", "
      "m: \"${parameters.y}\"}}}");
  ASSERT_TRUE(outcome.ok()) << show(outcome);
  EXPECT_EQ(to_text(outcome.definition->tasks[0].input->source()),
            R"({"n":"${input.x}","m":"${input.y}"})");
  EXPECT_TRUE(told(outcome, "workflow.input"));
}

TEST(ParameterDialect, parameters_become_the_input) {
  auto outcome = parse_definition(R"({"name": "p",
    "parameters": {"email": {"type": "string", "format": "email", "required": true},
                   "level": {"type": "select", "options": ["low", "high"], "default_value": "low"},
                   "n": {"type": "integer", "min_value": 1, "max_value": 9}},
    "input_schema": {"type": "object", "properties": {"extra": {}}, "required": ["extra"]},
    "tasks": {"a": {"component": "log",
                    "input": {"to": "${parameters.email}", "n": "${params.n}"}}}})");
  ASSERT_TRUE(outcome.ok()) << show(outcome);
  EXPECT_EQ(
      to_text(outcome.definition->canonical),
      R"({"name":"p","input_schema":{"type":"object","properties":{"extra":{},)"
      R"("email":{"type":"string","format":"email"},)"
      R"("level":{"type":"string","enum":["low","high"],"default":"low"},)"
      R"("n":{"type":"integer","minimum":1,"maximum":9}},"required":["extra","email"]},)"
      R"("tasks":{"a":{"component":"log","input":{"to":"${input.email}","n":"${input.n}"}}}})");
  EXPECT_TRUE(told(outcome, "`parameters` became fields of `input_schema`"));
}

TEST(ParameterDialect, a_template_file_becomes_the_workflow_in_it) {
  auto outcome = parse_definition(R"({"name": "T",
    "description": "outer", "usage_count": 0, "is_public": true, "tags": ["a"],
    "parameters": [{"name": "days", "type": "integer", "required": true, "default": 3}],
    "template": {"steps": [{"id": "a", "type": "action", "component": "log",
                            "parameters": {"d": "${parameters.days}"}}]}})");
  ASSERT_TRUE(outcome.ok()) << show(outcome);
  EXPECT_EQ(to_text(outcome.definition->canonical),
            R"({"name":"T","description":"outer","tags":["a"],"input_schema":{"type":"object",)"
            R"("properties":{"days":{"type":"integer","default":3}},"required":["days"]},)"
            R"("tasks":{"a":{"component":"log","input":{"d":"${input.days}"}}}})");
  EXPECT_TRUE(told(outcome, "the template file became the workflow in it"));
  EXPECT_TRUE(told(outcome, "usage_count"));
}

TEST(ParameterDialect, faults_stand_where_the_author_wrote) {
  EXPECT_EQ(
      show(parse_definition(R"(name: x
parameters: [{name: a, type: strng}, {type: text}, {name: a}]
workflow_definition:
  tasks:
    t: {compnent: log, parameters: {v: "{{ x + 1 }}"}}
bogus: 1
)")),
      "2:30 /parameters/0/type in the schema: this is not a JSON type or a list of them\n"
      "2:38 /parameters/1 a parameter in a list needs a name\n"
      "2:52 /parameters/2 two parameters have the name 'a'\n"
      "5:8 /workflow_definition/tasks/t a task of type standard needs a component\n"
      "5:9 /workflow_definition/tasks/t/compnent 'compnent' is no field of the language here\n"
      "5:40 /workflow_definition/tasks/t/parameters/v the placeholder {{ x + 1 }} can't be "
      "translated\n"
      "6:1 /bogus 'bogus' is no field of the language here\n");
}

TEST(Placeholders, are_translated_everywhere_in_a_dialect) {
  EXPECT_EQ(show_tasks(R"(name: x
input: {n: {type: integer, default: 5}}
tasks:
  - {id: a, component: log, output: {v: "{{ n }}"}}
  - {id: w, type: wait, duration: "{{ n }}", depends_on: [a], when: "{{ a.output.v }} > 3"}
  - {id: f, type: fail, error: {code: x, message: "n is {{ n }}"}, metadata: {text: "{{ n }}"}}
  - id: m
    type: map
    items: "{{ list }}"
    depends_on: [a]
    do: [{id: i, component: log, input: {v: "{{ a.output.v }}"}}]
)"),
            R"({"a":{"component":"log","output":{"v":"${default(input.n, 5)}"}},)"
            R"("w":{"type":"wait","depends_on":["a"],"when":"${tasks.a.output.v > 3}",)"
            R"("duration":"${default(input.n, 5)}"},)"
            R"("f":{"type":"fail","error":{"code":"x","message":"n is ${default(input.n, 5)}"},)"
            R"("metadata":{"text":"{{ n }}"}},)"
            R"("m":{"type":"map","depends_on":["a"],"items":"${input.list}",)"
            R"("do":{"i":{"component":"log","input":{"v":"${tasks.a.output.v}"}}}}})");
}

TEST(Placeholders, braces_within_an_expression_are_none) {
  EXPECT_EQ(show_tasks("name: x\ntasks: [{id: a, component: log, input: "
                       "{v: '${{\"n\": 1}.n} {{ x }} ${[{\"m\": {\"k\": 2}}]}'}}]"),
            R"({"a":{"component":"log","input":{"v":"${{\"n\": 1}.n} ${input.x} )"
            R"(${[{\"m\": {\"k\": 2}}]}"}}})");
}

TEST(Placeholders, that_name_something_are_warned_about_where_they_are_text) {
  auto outcome = parse_definition(
      "name: x\ninput_schema: {type: object, properties: {n: {}}}\n"
      "tasks: {a: {component: log, input: {v: \"{{ n }}\", w: \"{{ other }}\"}}}");
  EXPECT_TRUE(outcome.ok());
  EXPECT_EQ(show(outcome),
            "3:40 warning /tasks/a/input/v {{ }} is text here: nothing is put in its place\n");
}

TEST(Dialects, what_was_imported_is_canonical_then) {
  for (const auto& file : examples::read_corpus("dialects")) {
    auto outcome = parse_definition(file.text);
    ASSERT_TRUE(outcome.ok()) << file.name << "\n" << show(outcome);
    EXPECT_FALSE(outcome.translations.empty()) << file.name;
    auto again = parse_definition(outcome.definition->canonical);
    ASSERT_TRUE(again.ok()) << file.name << "\n" << show(again);
    EXPECT_EQ(again.definition->canonical, outcome.definition->canonical) << file.name;
    EXPECT_TRUE(again.translations.empty()) << file.name << again.translations.front();
  }
}

TEST(Dialects, every_cut_and_every_flipped_byte_is_an_outcome) {
  for (const auto& file : examples::read_corpus("dialects")) {
    for (std::size_t i = 0; i < file.text.size(); i += 3) {
      std::string cut = file.text.substr(0, i);
      auto outcome = parse_definition(cut, Format::yaml);
      EXPECT_TRUE(outcome.ok() || !outcome.problems.empty());
      for (char c : {'"', '{', ']', ':', '0', '='}) {
        std::string changed = file.text;
        changed[i] = c;
        auto other = parse_definition(changed);
        EXPECT_TRUE(other.ok() || !other.problems.empty());
      }
    }
  }
}

TEST(Dialects, synonyms_of_fields_are_understood_in_all_forms) {
  EXPECT_EQ(show_tasks("name: x\ntasks: {a: {component: log, timeoutMs: 1500, params: {n: 1}}, "
                       "b: {component: log, timeout_minutes: 2}}"),
            R"({"a":{"component":"log","input":{"n":1},"timeout":1.5},)"
            R"("b":{"component":"log","timeout":120}})");
  EXPECT_EQ(
      show(parse_definition("name: x\ntasks: {a: {component: log, timeout: 1, timeout_ms: 5}}")),
      "2:41 /tasks/a/timeout_ms 'timeout_ms' and 'timeout' mean the same and are both given\n");
}

TEST(Dialects, nested_parts_of_tasks_are_normalised_too) {
  EXPECT_EQ(show_tasks(R"(name: x
tasks:
  a:
    component: log
    catch: {errors: [timeout], retry: {maxRetries: 5}, do: [{name: Tell me, component: log}]}
    compensate: {component: log, retryPolicy: {maxRetries: 2}, metadata: {condition: "${input.x}"}}
)"),
            R"({"a":{"component":"log","catch":[{"errors":["timeout"],)"
            R"("retry":{"max_retries":5},"do":{"tell_me":{"name":"Tell me","component":"log"}}}],)"
            R"("compensate":{"when":"${input.x}","component":"log",)"
            R"("retry_policy":{"max_retries":2}}}})");
}

}  // namespace
}  // namespace harmonia::workflow
