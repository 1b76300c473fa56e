#include "workflow/normalise.h"

#include <gtest/gtest.h>

#include "workflow/parse_examples_test.h"

namespace harmonia::workflow {
namespace {

using examples::canonical;

bool told(const ParseOutcome& outcome, std::string_view part) {
  return std::any_of(
      outcome.translations.begin(), outcome.translations.end(),
      [&](const std::string& sentence) { return sentence.find(part) != std::string::npos; });
}

TEST(Dialects, camel_case_is_translated_in_known_fields_only) {
  auto outcome = parse_definition(examples::text_of("python map in camelCase"));
  ASSERT_TRUE(outcome.ok()) << examples::show(outcome);
  const Task& extract = outcome.definition->tasks[0];
  EXPECT_EQ(to_text(extract.input->source()), R"({"dependsOn":"stays","n":"${param.n}"})");
  EXPECT_EQ(outcome.definition->metadata.at("camelCase"), Json(1));
  ASSERT_TRUE(extract.retry.has_value());
  EXPECT_EQ(extract.retry->retry_on, std::vector<std::string>{"timeout"});
  EXPECT_TRUE(told(outcome, "dependsOn"));
  EXPECT_TRUE(told(outcome, "the server gives them"));
}

TEST(Dialects, the_condition_in_metadata_is_the_when) {
  auto outcome = parse_definition(examples::text_of("python map in camelCase"));
  ASSERT_TRUE(outcome.ok());
  const Task& load = outcome.definition->tasks[1];
  ASSERT_TRUE(load.when.has_value());
  EXPECT_EQ(load.when->source(), "((tasks.extract.count) > 0) && (input.store)");
  EXPECT_EQ(to_text(load.metadata), R"({"x":1})");
}

TEST(Dialects, the_template_form_becomes_the_canonical_form) {
  EXPECT_EQ(
      canonical(examples::text_of("template form")),
      R"({"name":"Bug Fix Workflow","version":"1.0","description":"Fixes",)"
      R"("input_schema":{"type":"object","properties":{)"
      R"("bug_report":{"type":"string","description":"what"},)"
      R"("priority":{"type":"string","enum":["low","medium"],"default":"medium"},)"
      R"("coverage":{"type":"integer"}},"required":["bug_report"]},)"
      R"("output_schema":{"type":"object","properties":{)"
      R"("bug_fixed":{"type":"boolean","description":"done"}}},)"
      R"("metadata":{"category":"maintenance"},"tasks":{)"
      R"("investigate":{"name":"Investigate Bug","component":"numa","action":"investigate",)"
      R"("input":{"bug_report":"${input.bug_report}",)"
      R"("level":"${default(input.priority, \"medium\")}"},"timeout":1800},)"
      R"("fix":{"depends_on":["investigate"],"component":"numa","action":"fix",)"
      R"("input":{"root_cause":"${tasks.investigate.output.root_cause}",)"
      R"("n":"${default(input.coverage, 80)}"},"timeout":3600},)"
      R"("verify":{"depends_on":["fix","investigate"],"component":"athena","action":"verify",)"
      R"("input":{"deep":[{"x":"${tasks.fix.output}"}],"flag":true}}}})");
}

TEST(Dialects, double_braces_stay_in_the_canonical_form) {
  auto outcome = examples::parse_task("{component: log, input: {text: \"{{ x }}\"}}");
  ASSERT_TRUE(outcome.ok()) << examples::show(outcome);
  EXPECT_EQ(to_text(outcome.definition->tasks[1].input->source()), R"({"text":"{{ x }}"})");
}

TEST(Dialects, every_translation_is_told_once) {
  auto outcome = parse_definition(examples::text_of("template form"));
  for (const char* part : {"`dependencies`", "`parameters`", "`hours`", "`status`", "`action`",
                           "`{{ ... }}`", "`input_schema`", "`output_schema`"}) {
    EXPECT_TRUE(told(outcome, part)) << part;
  }
  auto sentences = outcome.translations;
  std::sort(sentences.begin(), sentences.end());
  EXPECT_EQ(std::unique(sentences.begin(), sentences.end()), sentences.end());
}

TEST(Dialects, a_list_of_tasks_becomes_a_map_and_names_become_ids) {
  EXPECT_EQ(canonical(examples::text_of("list of tasks")),
            R"({"name":"listed","tasks":{"one":{"component":"log"},)"
            R"("fetch_data":{"name":"Fetch Data","depends_on":["one"],"component":"http"},)"
            R"("last":{"depends_on":["fetch_data","one"],"component":"log"}}})");
}

TEST(Dialects, positions_are_those_of_the_original_form) {
  auto outcome =
      parse_definition("name: x\ntasks:\n  - {id: a, component: log, dependsOn: [zz]}\n  - {}\n");
  EXPECT_EQ(examples::show(outcome),
            "3:41 /tasks/0/dependsOn/0 there is no task 'zz'\n"
            "4:5 /tasks/1 a task in a list needs an `id` or a `name`\n");
}

TEST(Dialects, two_spellings_of_one_field_are_an_error) {
  EXPECT_EQ(
      examples::show(examples::parse_task("{component: log, depends_on: [a], dependsOn: [a]}")),
      "4:40 /tasks/t/dependsOn the field 'depends_on' is given twice\n");
  EXPECT_EQ(
      examples::show(examples::parse_task("{component: log, depends_on: [a], dependencies: [a]}")),
      "4:40 /tasks/t/dependencies 'dependencies' and 'depends_on' mean the same and are both "
      "given\n");
  EXPECT_EQ(examples::show(examples::parse_task(
                "{component: log, when: input.a, metadata: {condition: true}}")),
            "4:49 /tasks/t/metadata/condition 'metadata.condition' and 'when' mean the same and "
            "are both given\n");
}

TEST(Dialects, equal_ids_in_a_list_are_an_error) {
  auto outcome =
      parse_definition("name: x\ntasks: [{id: a, component: log}, {name: a, component: log}]");
  EXPECT_EQ(examples::show(outcome), "2:34 /tasks/1 two tasks have the id 'a'\n");
}

TEST(Dialects, an_untranslatable_placeholder_or_condition_is_an_error_at_its_place) {
  auto outcome = examples::parse_task("{component: log, parameters: {q: [\"{{ x + 1 }}\"]}}");
  EXPECT_EQ(examples::show(outcome),
            "4:40 /tasks/t/parameters/q/0 the placeholder {{ x + 1 }} can't be translated\n");
  outcome = examples::parse_task("{component: log, metadata: {condition: {xor: []}}}");
  ASSERT_EQ(outcome.problems.size(), 1u);
  EXPECT_EQ(outcome.problems[0].pointer, "/tasks/t/metadata/condition");
}

}  // namespace
}  // namespace harmonia::workflow
