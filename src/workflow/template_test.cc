#include "workflow/template.h"

#include <gtest/gtest.h>

#include "workflow/corpus_test.h"
#include "workflow/parse_examples_test.h"

namespace harmonia::workflow {
namespace {

std::string show(const std::vector<Problem>& problems) {
  ParseOutcome outcome;
  outcome.problems = problems;
  return examples::show(outcome);
}

Template template_of(std::string_view text) {
  auto outcome = parse_template(text);
  EXPECT_TRUE(outcome.ok()) << show(outcome.problems);
  return outcome.ok() ? std::move(*outcome.value) : Template{};
}

JsonObject object(std::string_view text) { return parse_json(text)->as_object(); }

// What one text of the input of a task becomes.
std::string expanded(std::string_view text, std::string_view values) {
  JsonObject task{{"component", "log"}, {"input", JsonObject{{"v", json_view(text)}}}};
  JsonObject source{{"name", "x"},
                    {"parameters", JsonObject{{"n", JsonObject{{"type", "integer"}}},
                                              {"s", JsonObject{{"type", "string"}}},
                                              {"o", JsonObject{{"type", "object"}}}}},
                    {"tasks", JsonObject{{"t", std::move(task)}}}};
  auto tmpl = parse_template(Json(std::move(source)));
  if (!tmpl.ok()) return show(tmpl.problems);
  auto definition = expand_template(*tmpl.value, object(values));
  if (!definition.ok()) return show(definition.error().problems);
  return to_text(definition->at_pointer("/tasks/t/input/v"));
}

TEST(Template, the_shipped_templates_become_workflows) {
  struct Shipped {
    const char* file;
    const char* values;
    std::size_t tasks;
  };
  constexpr Shipped shipped[] = {
      {"bug_fix.json", R"({"bug_report": "it breaks", "reproduction_steps": "run it"})", 3},
      {"code_refactoring.json", R"({"code_location": "src", "refactoring_goals": "clarity"})", 5},
      {"feature_development.json", R"({"feature_name": "f", "requirements": "r"})", 4},
  };
  for (const Shipped& one : shipped) {
    Template tmpl = template_of(examples::read_file(std::string("templates/") + one.file));
    EXPECT_EQ(tmpl.version, "1.0");
    auto outcome = instantiate(tmpl, object(one.values));
    ASSERT_TRUE(outcome.ok()) << one.file << "\n" << examples::show(outcome);
    EXPECT_EQ(outcome.definition->tasks.size(), one.tasks);
    EXPECT_EQ(to_text(outcome.definition->metadata.at("template")),
              R"({"name":")" + tmpl.name + R"(","version":"1.0"})");
    EXPECT_EQ(to_text(outcome.definition->canonical).find("{{"), std::string::npos);
  }
}

TEST(Template, values_defaults_inputs_and_results_find_their_places) {
  Template tmpl = template_of(examples::read_file("templates/feature_development.json"));
  auto outcome = instantiate(tmpl, object(R"({"feature_name": "search", "requirements": "fast"})"));
  ASSERT_TRUE(outcome.ok()) << examples::show(outcome);
  auto input_of = [&](const char* task) {
    return to_text(
        outcome.definition->canonical.at_pointer(std::string("/tasks/") + task + "/input"));
  };
  EXPECT_EQ(input_of("design"), R"({"feature_name":"search","requirements":"fast"})");
  EXPECT_EQ(input_of("implement"),
            R"({"design_output":"${tasks.design.output}",)"
            R"("coding_standards":"${default(input.coding_standards, \"tekton_standards\")}"})");
  EXPECT_EQ(input_of("test"),
            R"({"implementation":"${tasks.implement.output}","test_coverage_target":80})");
  EXPECT_EQ(to_text(outcome.definition->input_schema->source()),
            R"({"type":"object","properties":{"coding_standards":{"type":"string",)"
            R"("default":"tekton_standards"}}})")
      << "what parameters gave is not asked for again";
}

TEST(Template, a_template_file_is_a_workflow_with_inputs_too) {
  for (const auto& file : examples::read_corpus("templates")) {
    auto outcome = parse_definition(file.text);
    ASSERT_TRUE(outcome.ok()) << file.name << "\n" << examples::show(outcome);
    EXPECT_TRUE(outcome.definition->input_schema.has_value());
  }
}

TEST(Template, all_that_is_wrong_with_the_values_is_told_at_once) {
  Template tmpl = template_of(R"(
name: t
parameters:
  who: {type: string, required: true, min_length: 2, pattern: "^[a-z]+$", description: a name}
  n: {type: integer, min_value: 1, max_value: 5, default: 3}
  level: {type: select, options: [low, high]}
  list: {type: array}
tasks: {}
)");
  auto outcome =
      instantiate(tmpl, object(R"({"n": 9, "level": "mid", "list": {}, "lvel": 1, "who": "A"})"));
  EXPECT_EQ(outcome.code, error_code::invalid_argument);
  std::string text = show(outcome.problems);
  for (const char* part : {"0:0 /who ", "0:0 /n ", "0:0 /level ", "0:0 /list ",
                           "0:0 /lvel there is no parameter 'lvel'"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << "\n" << text;
  }
  EXPECT_EQ(outcome.problems.back().hint, "did you mean 'level'?");
  EXPECT_EQ(show(instantiate(tmpl, {}).problems), "0:0 /who the parameter 'who' must be given\n");
  EXPECT_TRUE(instantiate(tmpl, object(R"({"who": "ada"})")).ok());
}

TEST(Template, a_whole_string_keeps_the_type_of_the_value) {
  EXPECT_EQ(expanded("${params.n}", R"({"n": 5})"), "5");
  EXPECT_EQ(expanded("${ param.n }", R"({"n": 5})"), "5");
  EXPECT_EQ(expanded("${parameters.o.a.b}", R"({"o": {"a": {"b": [1]}}})"), "[1]");
  EXPECT_EQ(expanded("{{ n }}", R"({"n": 5})"), "5");
  EXPECT_EQ(expanded("{{ params.n | default(80) }}", R"({"n": 5})"), "5");
  EXPECT_EQ(expanded("${params.n}", "{}"), "null");
}

TEST(Template, within_text_and_expressions_values_are_text_and_literals) {
  EXPECT_EQ(expanded("a ${params.n} {{ s }} b", R"({"n": 5, "s": "x"})"), R"("a 5 x b")");
  EXPECT_EQ(expanded("${params.n * 2 + input.y}", R"({"n": 5})"), R"("${5 * 2 + input.y}")");
  EXPECT_EQ(expanded("${1 - params.n}", R"({"n": -5})"), R"("${1 - (-5)}")");
  EXPECT_EQ(expanded("${params.s == input.s}", R"({"s": "it's"})"), R"("${\"it's\" == input.s}")");
  EXPECT_EQ(expanded("${params.o.list[0]}", R"({"o": {"list": [7]}})"), R"("${([7])[0]}")");
  EXPECT_EQ(expanded("${params.s.size()}", R"({"s": "abc"})"), R"("${\"abc\".size()}")");
}

TEST(Template, what_belongs_to_the_run_is_left_alone) {
  for (const char* text : {"${tasks.t.output.params.n}", "${input.x}", "{{ t.output.y }}",
                           "{{ other | default(80) }}", "${'params.n'}", "$${params.n}"}) {
    EXPECT_EQ(expanded(text, R"({"n": 5})"), to_text(Json(text))) << text;
  }
  EXPECT_EQ(expanded("{{ n | default(80) }}", "{}"), R"("{{ n | default(80) }}")");
}

TEST(Template, texts_in_values_are_never_evaluated) {
  auto run = [](const char* written, const char* value) {
    JsonObject task{{"name", "t"},
                    {"component", "log"},
                    {"dependencies", JsonArray()},
                    {"parameters", JsonObject{{"v", written}}}};
    JsonObject source{{"name", "x"},
                      {"parameters", JsonObject{{"s", JsonObject{{"type", "string"}}}}},
                      {"tasks", JsonObject{{"t", std::move(task)}}}};
    auto tmpl = parse_template(Json(std::move(source)));
    auto outcome = instantiate(*tmpl.value, JsonObject{{"s", value}});
    EXPECT_TRUE(outcome.ok()) << examples::show(outcome);
    return outcome.definition->tasks[0].input;
  };
  class Nothing final : public expr::Activation {
    std::optional<expr::LazyObject::Member> root(std::string_view) const override {
      return std::nullopt;
    }
  } nothing;
  for (const char* value : {"${secret.KEY}", "a {{ x }} b", "{{ t.output }}", "$${x}", "}}{{${"}) {
    for (const char* written : {"{{ s }}", "${params.s}", "${params.s + ''}"}) {
      auto rendered = expr::render(*run(written, value), nothing);
      ASSERT_TRUE(rendered.ok()) << rendered.error().detail;
      EXPECT_EQ(to_text(*rendered), to_text(Json{{"v", value}})) << written;
    }
  }
}

TEST(Template, a_parameter_may_stand_where_only_literals_may) {
  Template tmpl = template_of(examples::read_file("dialects/parameters_list.json"));
  auto outcome = instantiate(tmpl, object(R"({"approver": "ada"})"));
  ASSERT_TRUE(outcome.ok()) << examples::show(outcome);
  Template waiting = template_of(R"(
name: t
parameters: [{name: hours, type: number, default: 48}, {name: flag, type: boolean, default: true}]
template:
  steps:
    - {id: w, type: wait, wait_for: {state_change: x, timeout_hours: "${parameters.hours}"},
       transitions: [{to: e, condition: parameters.flag && state.w.ok}]}
    - {id: e, component: log}
)");
  outcome = instantiate(waiting, {});
  ASSERT_TRUE(outcome.ok()) << examples::show(outcome);
  EXPECT_EQ(to_text(outcome.definition->canonical.at("tasks")),
            R"({"w":{"type":"event","timeout":172800,"event":"x"},)"
            R"("e":{"depends_on":["w"],"when":"${true && tasks.w.output.ok}","component":"log"}})");
}

TEST(Template, faults_of_a_template_have_places) {
  EXPECT_EQ(show(parse_template(R"(description: 5
parameters:
  a: {type: strng}
  b: {type: integer, default: x}
tasks:
  t: {component: log, input: {v: "${params.c}", w: "${1 + parameters.bb}"}, when: params.d > 1}
)")
                     .problems),
            "1:1  a template needs a name\n"
            "1:14 /description description must be text\n"
            "3:6 /parameters/a in the parameter 'a': this is not a JSON type or a list of them\n"
            "4:6 /parameters/b the default of 'b' does not fit: must be an integer, not a string\n"
            "6:34 /tasks/t/input/v there is no parameter 'c'\n"
            "6:52 /tasks/t/input/w there is no parameter 'bb'\n"
            "6:83 /tasks/t/when there is no parameter 'd'\n");
  EXPECT_EQ(show(parse_template("name: t").problems), "1:1  a template needs a definition\n");
  EXPECT_EQ(show(parse_template("[]").problems), "1:1  a template is an object\n");
  EXPECT_EQ(parse_template("{").code, error_code::malformed_json);
}

TEST(Template, writing_and_reading_give_the_same) {
  for (const auto& file : examples::read_corpus("templates")) {
    Template first = template_of(file.text);
    Json written = to_json(first);
    auto again = parse_template(written);
    ASSERT_TRUE(again.ok()) << show(again.problems);
    EXPECT_EQ(to_json(*again.value), written);
    EXPECT_EQ(again.value->version, first.version);
  }
}

TEST(Template, a_bundle_carries_templates_and_workflows) {
  std::string text = "{\"templates\": [" + examples::read_file("templates/bug_fix.json") +
                     "], \"workflows\": [{\"name\": \"w\", \"tasks\": {}}]}";
  auto outcome = parse_bundle(text);
  ASSERT_TRUE(outcome.ok()) << show(outcome.problems);
  EXPECT_EQ(outcome.value->templates.size(), 1u);
  EXPECT_EQ(outcome.value->workflows[0]->name, "w");
  auto again = parse_bundle(to_text(to_json(*outcome.value)));
  ASSERT_TRUE(again.ok()) << show(again.problems);
  EXPECT_EQ(to_json(*again.value), to_json(*outcome.value));
  EXPECT_EQ(parse_bundle(examples::read_file("templates/bug_fix.json")).value->templates.size(),
            1u);
  EXPECT_EQ(show(parse_bundle("templates: [{name: t}]\nworkflows: [{name: w, tasks: {a: {}}}]\n"
                              "others: 1\n")
                     .problems),
            "1:13 /templates/0 a template needs a definition\n"
            "2:34 /workflows/0/tasks/a a task of type standard needs a component\n"
            "3:1 /others 'others' is no part of a bundle\n");
}

}  // namespace
}  // namespace harmonia::workflow
