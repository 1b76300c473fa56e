#include <gtest/gtest.h>

#include "workflow/parse_examples_test.h"

namespace harmonia::workflow {
namespace {

using examples::parse_task;
using examples::show;

ParseOutcome parse_with_input(std::string_view expression) {
  return parse_definition(
      "name: x\ntasks:\n  a: {component: log}\n  b-c: {component: log, depends_on: [a]}\n"
      "  t: {component: log, depends_on: [b-c], input: {v: \"${" +
      std::string(expression) + "}\"}}\n  z: {component: log, depends_on: [t]}\n");
}

TEST(References, direct_and_transitive_ancestors_may_be_named) {
  EXPECT_TRUE(parse_with_input("tasks['b-c'].output").ok());
  EXPECT_TRUE(parse_with_input("tasks.a.output.x.y + tasks.a.attempt").ok());
  EXPECT_TRUE(parse_with_input("tasks.a.some_field").ok()) << "falls through to the output";
}

TEST(References, unknown_tasks_are_errors_at_the_reference) {
  auto outcome = parse_with_input("1 + tasks.aa.output");
  EXPECT_EQ(show(outcome), "5:60 /tasks/t/input/v there is no task 'aa'\n");
  EXPECT_EQ(outcome.problems[0].hint, "did you mean 'a'?");
}

TEST(References, an_id_with_a_hyphen_needs_brackets) {
  auto outcome = parse_with_input("tasks.b-c.output");
  ASSERT_EQ(outcome.problems.size(), 1u);
  EXPECT_EQ(outcome.problems[0].hint, "an id with '-' is written in brackets: tasks['b-c']");
}

TEST(References, what_is_not_before_the_task_is_an_error) {
  EXPECT_EQ(show(parse_with_input("tasks.z.output")),
            "5:56 /tasks/t/input/v 'z' is not certain to be over when 't' starts\n");
  EXPECT_EQ(show(parse_with_input("tasks.t.output")),
            "5:56 /tasks/t/input/v the task 't' refers to itself\n");
}

TEST(References, the_output_of_the_workflow_may_name_any_task) {
  EXPECT_TRUE(
      parse_definition("name: x\noutput: {v: \"${tasks.a.output}\"}\ntasks: {a: {component: log}}")
          .ok());
  EXPECT_FALSE(
      parse_definition("name: x\noutput: {v: \"${tasks.b.output}\"}\ntasks: {a: {component: log}}")
          .ok());
}

TEST(References, result_exists_in_the_output_of_a_task_only) {
  EXPECT_TRUE(parse_task("{component: log, output: {v: \"${result.x}\"}}").ok());
  EXPECT_FALSE(parse_task("{component: log, input: {v: \"${result.x}\"}}").ok());
  EXPECT_FALSE(parse_task("{component: log, when: result.x}").ok());
}

TEST(References, secrets_may_stand_in_inputs_of_runners_only) {
  EXPECT_TRUE(parse_task("{component: log, input: {v: \"${secret.KEY}\"}}").ok());
  for (const char* fields :
       {"{component: log, when: \"${secret.X == 'a'}\"}",
        "{type: set, values: {v: \"${secret.X}\"}}",
        "{component: log, output: {v: \"${secret.X}\"}}", "{type: wait, duration: \"${secret.X}\"}",
        "{type: fail, error: {code: a, message: \"${secret.X}\"}}"}) {
    auto outcome = parse_task(fields);
    ASSERT_EQ(outcome.problems.size(), 1u) << fields;
    EXPECT_EQ(outcome.problems[0].message, "secrets may stand in a task's `input` only");
  }
  EXPECT_FALSE(
      parse_definition("name: x\noutput: \"${secret.X}\"\ntasks: {a: {component: log}}").ok());
}

TEST(References, a_constant_condition_is_warned_about) {
  auto outcome = parse_task("{component: log, when: 1 == 1}");
  EXPECT_TRUE(outcome.ok());
  EXPECT_EQ(
      show(outcome),
      "4:29 warning /tasks/t/when this condition is constant: it names nothing that could vary\n");
  EXPECT_EQ(parse_task("{component: log, when: true}").problems.size(), 1u);
  EXPECT_FALSE(parse_task("{component: log, when: 5}").ok());
}

TEST(References, the_column_is_that_of_the_fault_in_every_style_of_string) {
  auto column_of = [](const std::string& text) {
    auto outcome =
        parse_definition("name: x\ntasks:\n  t:\n    component: log\n    input:\n      " + text);
    EXPECT_EQ(outcome.problems.size(), 1u) << text << "\n" << show(outcome);
    if (outcome.problems.empty()) return std::pair(0, 0);
    return std::pair(outcome.problems[0].line, outcome.problems[0].column);
  };
  using Place = std::pair<int, int>;
  EXPECT_EQ(column_of("v: say ${tasks.no.output}\n"), (Place{6, 16}));
  EXPECT_EQ(column_of("v: \"say \\\"x\\\" ${tasks.no.output}\"\n"), (Place{6, 23}));
  EXPECT_EQ(column_of("v: 'it''s ${tasks.no.output}'\n"), (Place{6, 19}));
  EXPECT_EQ(column_of("v: |\n        one\n        two ${tasks.no.output}\n"), (Place{8, 15}));
  EXPECT_EQ(column_of("v: \"\\u00e9\\x41\\t${tasks.no.output}\"\n"), (Place{6, 25}));
}

}  // namespace
}  // namespace harmonia::workflow
