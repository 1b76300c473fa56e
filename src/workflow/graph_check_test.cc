#include <gtest/gtest.h>

#include "workflow/parse_examples_test.h"

namespace harmonia::workflow {
namespace {

using examples::show;

ParseOutcome parse_graph(std::initializer_list<std::pair<const char*, const char*>> tasks) {
  std::string text = "name: x\ntasks:\n";
  for (const auto& [id, depends_on] : tasks) {
    text += "  " + std::string(id) + ": {component: log, depends_on: [" + depends_on + "]}\n";
  }
  return parse_definition(text);
}

TEST(Graph, predecessors_may_stand_after_their_dependents) {
  auto outcome = parse_graph({{"b", "a"}, {"a", ""}});
  ASSERT_TRUE(outcome.ok()) << show(outcome);
  EXPECT_EQ(outcome.definition->tasks[0].depends_on, std::vector<TaskNumber>{1});
  EXPECT_EQ(outcome.definition->tasks[1].dependents, std::vector<TaskNumber>{0});
}

TEST(Graph, unknown_own_and_repeated_predecessors_are_errors) {
  auto outcome = parse_graph({{"fetch", ""}, {"b", "fecth, b, fetch, fetch"}});
  EXPECT_EQ(show(outcome),
            "4:36 /tasks/b/depends_on/0 there is no task 'fecth'\n"
            "4:43 /tasks/b/depends_on/1 the task 'b' depends on itself\n"
            "4:53 /tasks/b/depends_on/3 'fetch' stands twice in depends_on\n");
  EXPECT_EQ(outcome.problems[0].hint, "did you mean 'fetch'?");
}

TEST(Graph, a_cycle_is_named) {
  EXPECT_EQ(
      show(parse_graph({{"z", "c"}, {"a", "b"}, {"b", "c"}, {"c", "a"}, {"y", ""}})),
      "4:36 /tasks/a/depends_on/0 tasks depend on each other in a circle: a -> b -> c -> a\n");
}

TEST(Graph, each_of_several_cycles_is_named) {
  EXPECT_EQ(show(parse_graph({{"a", "b"}, {"b", "a"}, {"c", "d"}, {"d", "c"}})),
            "3:36 /tasks/a/depends_on/0 tasks depend on each other in a circle: a -> b -> a\n"
            "5:36 /tasks/c/depends_on/0 tasks depend on each other in a circle: c -> d -> c\n");
}

TEST(Graph, a_dependency_list_in_brackets_is_what_is_wanted) {
  auto outcome = examples::parse_task("{component: log, depends_on: a}");
  ASSERT_EQ(outcome.problems.size(), 1u);
  EXPECT_EQ(outcome.problems[0].message, "depends_on must be a list of task ids, not text");
  EXPECT_EQ(outcome.problems[0].hint, "write it in brackets: [\"a\"]");
  EXPECT_EQ(show(examples::parse_task("{component: log, depends_on: [1]}")),
            "4:36 /tasks/t/depends_on/0 depends_on must be a list of task ids, this is a number\n");
}

TEST(Graph, long_chains_and_wide_joins_are_no_problem) {
  std::string text = "name: x\ntasks:\n  t0: {component: log}\n";
  for (int i = 1; i < 5000; ++i) {
    text += "  t" + std::to_string(i) + ": {component: log, depends_on: [t" +
            std::to_string(i - 1) + "], input: {v: \"${tasks.t0.output}\"}}\n";
  }
  text += "  end: {component: log, depends_on: [";
  for (int i = 0; i < 5000; ++i) text += (i > 0 ? ",t" : "t") + std::to_string(i);
  auto outcome = parse_definition(text + "]}\n");
  EXPECT_TRUE(outcome.ok()) << show(outcome).substr(0, 500);
  std::string closed = text + "]}\n";
  closed.replace(closed.find("t0: {component: log}"), 20,
                 "t0: {component: log, depends_on: [end]}");
  auto cyclic = parse_definition(closed);
  EXPECT_FALSE(cyclic.ok());
}

}  // namespace
}  // namespace harmonia::workflow
