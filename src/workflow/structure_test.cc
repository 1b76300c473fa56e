#include <gtest/gtest.h>

#include "workflow/parse_examples_test.h"

namespace harmonia::workflow {
namespace {

using examples::parse_task;
using examples::show;

// Everything wrong with one task.
std::string faults(std::string_view fields) { return show(parse_task(fields)); }

const Task& task_of(const ParseOutcome& outcome, std::string_view id = "t") {
  return outcome.definition->tasks[*outcome.definition->find_task(0, id)];
}

TEST(Structure, a_decision_holds_its_cases_and_targets_depend_on_it) {
  auto outcome = parse_definition(R"(
name: x
tasks:
  d:
    type: decision
    mode: all
    cases:
      - {name: big, when: input.n > 5, next: [a, b]}
      - {when: "${input.n > 3}", next: a}
    default: {next: [c]}
  a: {component: log}
  b: {component: log, depends_on: [d]}
  c: {component: log, depends_on: [a]}
)");
  ASSERT_TRUE(outcome.ok()) << show(outcome);
  const auto& decision = task_of(outcome, "d").as<Decision>();
  EXPECT_TRUE(decision.all_matching);
  ASSERT_EQ(decision.cases.size(), 2u);
  EXPECT_EQ(decision.cases[0].name, "big");
  EXPECT_EQ(decision.cases[0].when->source(), "input.n > 5");
  EXPECT_EQ(decision.cases[0].next, (std::vector<TaskNumber>{1, 2}));
  EXPECT_EQ(decision.cases[1].name, "case_2");
  EXPECT_EQ(decision.otherwise->name, "default");
  EXPECT_EQ(task_of(outcome, "a").depends_on, std::vector<TaskNumber>{0});
  EXPECT_EQ(task_of(outcome, "b").depends_on, std::vector<TaskNumber>{0});
  EXPECT_EQ(task_of(outcome, "c").depends_on, (std::vector<TaskNumber>{1, 0}));
  EXPECT_EQ(task_of(outcome, "d").dependents, (std::vector<TaskNumber>{1, 2, 3}));
}

TEST(Structure, the_canonical_form_leaves_implied_dependencies_out) {
  EXPECT_EQ(examples::canonical(R"(
name: x
tasks:
  d:
    type: decision
    cases: [{name: case_1, when: input.a, next: t}]
    default: {name: default, next: u}
  t: {component: log, depends_on: [d]}
  u: {component: log, depends_on: [t, d]}
)"),
            R"({"name":"x","tasks":{"d":{"type":"decision",)"
            R"("cases":[{"when":"${input.a}","next":["t"]}],"default":{"next":["u"]}},)"
            R"("t":{"component":"log"},"u":{"depends_on":["t"],"component":"log"}}})");
}

TEST(Structure, implied_dependencies_count_for_joins_references_and_cycles) {
  EXPECT_EQ(
      show(parse_definition(R"(
name: x
tasks:
  d: {type: decision, depends_on: [u], cases: [{when: input.a, next: [t]}]}
  t: {component: log, join: {at_least: 1}, input: {v: "${tasks.d.output}"}}
  u: {component: log, depends_on: [t]}
)")),
      "4:36 /tasks/d/depends_on/0 tasks depend on each other in a circle: d -> u -> t -> d\n");
}

TEST(Structure, faults_of_decisions_stand_at_their_places) {
  EXPECT_EQ(faults("{type: decision}"), "4:6 /tasks/t a decision needs cases\n");
  EXPECT_EQ(faults("{type: decision, cases: {}}"),
            "4:30 /tasks/t/cases cases must be a list, not an object\n");
  EXPECT_EQ(faults("{type: decision, cases: [5], default: []}"),
            "4:31 /tasks/t/cases/0 a case is an object\n"
            "4:44 /tasks/t/default default must be an object such as {next: [task]}, not a list\n");
  EXPECT_EQ(faults("{type: decision, cases: [{next: [a]}]}"),
            "4:31 /tasks/t/cases/0 a case needs `when`\n");
  EXPECT_EQ(faults("{type: decision, cases: [{when: input.x, next: [b, 1, t]}]}"),
            "4:54 /tasks/t/cases/0/next/0 there is no task 'b'\n"
            "4:57 /tasks/t/cases/0/next/1 next must name tasks by their ids\n"
            "4:60 /tasks/t/cases/0/next/2 the decision 't' can't choose itself\n");
  EXPECT_EQ(faults("{type: decision, mode: any, cases: [{when: input.x, nxt: a}]}"),
            "4:29 /tasks/t/mode mode must be one of first, all, not 'any'\n"
            "4:58 /tasks/t/cases/0/nxt 'nxt' is no field of the language here\n");
  EXPECT_EQ(faults("{type: decision, cases: [{name: x, when: input.a}, {name: x, when: input.b}], "
                   "default: {name: x, when: 1}}"),
            "4:57 /tasks/t/cases/1 two cases are called 'x'\n"
            "4:93 /tasks/t/default a case and the default are both called 'x'\n"
            "4:103 /tasks/t/default/when 'when' is no field of the language here\n");
}

TEST(Structure, a_case_sees_what_is_before_its_decision) {
  EXPECT_EQ(faults("{type: decision, depends_on: [a], cases: [{when: tasks.a.output.x}]}"), "");
  EXPECT_EQ(faults("{type: decision, cases: [{when: tasks.a.output.x}]}"),
            "4:38 /tasks/t/cases/0/when 'a' is not certain to be over when 't' starts\n");
}

TEST(Structure, branches_are_bodies_of_their_own) {
  auto outcome = parse_task(
      "{type: parallel, join: any, on_child_failure: cancel, "
      "branches: {one: {s: {component: log}}, two: {s: {component: log}}}}");
  ASSERT_TRUE(outcome.ok()) << show(outcome);
  const Definition& definition = *outcome.definition;
  const auto& parallel = task_of(outcome).as<Parallel>();
  EXPECT_EQ(parallel.needed, 1u);
  ASSERT_EQ(parallel.branches.size(), 2u);
  const Body& two = definition.bodies[parallel.branches[1].body];
  EXPECT_EQ(two.label, ".two");
  EXPECT_EQ(two.role, BodyRole::work);
  EXPECT_EQ(two.owner, definition.find_task(0, "t"));
  EXPECT_EQ(two.on_child_failure, OnChildFailure::cancel);
  EXPECT_EQ(definition.tasks[two.tasks.front()].id, "s");
  EXPECT_EQ(task_of(outcome).join.kind, JoinKind::all_success);
}

TEST(Structure, the_join_of_a_parallel_is_about_branches_or_about_predecessors) {
  auto needed = [](std::string_view join) {
    auto outcome =
        parse_task("{type: parallel, depends_on: [a], join: " + std::string(join) +
                   ", branches: {one: {s: {component: log}}, two: {s: {component: log}}}}");
    EXPECT_TRUE(outcome.ok()) << show(outcome);
    return std::pair(task_of(outcome).as<Parallel>().needed, task_of(outcome).join.kind);
  };
  EXPECT_EQ(needed("all"), std::pair(2u, JoinKind::all_success));
  EXPECT_EQ(needed("any"), std::pair(1u, JoinKind::all_success));
  EXPECT_EQ(needed("{at_least: 2}"), std::pair(2u, JoinKind::all_success));
  EXPECT_EQ(needed("all_done"), std::pair(2u, JoinKind::all_done));
}

TEST(Structure, faults_of_parallels_stand_at_their_places) {
  EXPECT_EQ(faults("{type: parallel}"), "4:6 /tasks/t a task of type parallel needs branches\n");
  EXPECT_EQ(faults("{type: parallel, branches: [1]}"),
            "4:33 /tasks/t/branches branches must be an object, not a list\n");
  EXPECT_EQ(faults("{type: parallel, join: {at_least: 3}, branches: {1x: {}, b: 5}}"),
            "4:29 /tasks/t/join at_least is 3, but there are 2 branches\n"
            "4:55 /tasks/t/branches/1x '1x' is no branch id\n"
            "4:59 warning /tasks/t/branches/1x there are no tasks in it\n"
            "4:66 /tasks/t/branches/b b must be an object, not a number\n");
}

TEST(Structure, a_branch_that_is_null_is_a_fault_and_no_body) {
  EXPECT_EQ(faults("{type: parallel, branches: {one: , two: {s: {component: log}}}}"),
            "4:39 /tasks/t/branches/one the branch has no tasks\n");
}

TEST(Structure, a_loop_goes_round_in_one_of_four_ways) {
  auto kind = [](std::string_view how) {
    auto outcome = parse_task("{type: loop, " + std::string(how) + ", do: {s: {component: log}}}");
    EXPECT_TRUE(outcome.ok()) << show(outcome);
    return task_of(outcome).as<Loop>().kind;
  };
  EXPECT_EQ(kind("while: loop.index < 3"), LoopKind::while_true);
  EXPECT_EQ(kind("until: tasks.s.output.done"), LoopKind::until);
  EXPECT_EQ(kind("times: 3"), LoopKind::times);
  EXPECT_EQ(kind("for_each: \"${input.list}\", as: row"), LoopKind::for_each);
  EXPECT_EQ(faults("{type: loop, do: {s: {component: log}}}"),
            "4:6 /tasks/t a loop needs exactly one of while, until, times and for_each\n");
  EXPECT_EQ(faults("{type: loop, times: 2, until: input.x, do: {s: {component: log}}}"),
            "4:6 /tasks/t a loop needs exactly one of while, until, times and for_each\n");
}

TEST(Structure, faults_of_loops_stand_at_their_places) {
  EXPECT_EQ(faults("{type: loop, times: 2}"), "4:6 /tasks/t a task of type loop needs `do`\n");
  EXPECT_EQ(faults("{type: loop, until: loop.index > 2}"),
            "4:6 /tasks/t a task of type loop needs `do`\n")
      << "what has no body has no fault in its expressions";
  EXPECT_EQ(faults("{type: loop, times: -1, do: {}}"),
            "4:26 /tasks/t/times times must be a whole number from 0\n"
            "4:34 warning /tasks/t/do there are no tasks in it\n");
  EXPECT_EQ(faults("{type: loop, times: 20, max_iterations: 10, do: {s: {component: log}}}"),
            "4:26 /tasks/t/times times is more than max_iterations, which is 10\n");
  EXPECT_EQ(faults("{type: loop, times: many, do: {s: {component: log}}}"),
            "4:26 /tasks/t/times times must be a whole number or an expression that gives one, not "
            "text\n");
  EXPECT_EQ(faults("{type: loop, times: 1, as: x, do: {s: {component: log}}}"),
            "4:29 /tasks/t/as 'as' names the item of for_each; this loop has none\n");
  EXPECT_EQ(faults("{type: loop, for_each: 5, delay: -1, do: {s: {component: log}}}"),
            "4:29 /tasks/t/for_each for_each must be a list or an expression that gives one, not a "
            "number\n"
            "4:39 /tasks/t/delay delay must be more than 0\n");
  EXPECT_EQ(
      faults("{type: loop, times: 1, max_iterations: 0, do: {s: {component: log}}}"),
      "4:45 /tasks/t/max_iterations max_iterations must be a whole number from 1 to 1000000\n");
  EXPECT_EQ(faults("{type: loop, times: 1, do: 5}"),
            "4:33 /tasks/t/do do must be an object, not a number\n");
}

TEST(Structure, a_map_has_bounds_and_names_its_items) {
  auto outcome = parse_task(
      "{type: map, items: [1], as: row, max_concurrency: 5, max_failures: 2, batch_size: 3, "
      "collect: \"${row}\", do: {s: {component: log, input: {r: \"${row}\", i: \"${index}\"}}}}");
  ASSERT_TRUE(outcome.ok()) << show(outcome);
  const auto& map = task_of(outcome).as<Map>();
  EXPECT_EQ(map.as, "row");
  EXPECT_EQ(map.max_concurrency, 5u);
  EXPECT_EQ(map.max_failures, 2u);
  EXPECT_EQ(map.batch_size, 3u);
  EXPECT_EQ(faults("{type: map, do: {s: {component: log}}}"),
            "4:6 /tasks/t a task of type map needs items\n");
  EXPECT_EQ(faults("{type: map, items: all, max_concurrency: 0, do: {s: {component: log}}}"),
            "4:25 /tasks/t/items items must be a list, an object or an expression that gives one, "
            "not text\n"
            "4:47 /tasks/t/max_concurrency max_concurrency must be a whole number from 1 to "
            "100000\n");
}

TEST(Structure, names_of_items_and_errors_are_no_other_roots) {
  for (const char* name :
       {"input", "tasks", "error", "1x", "a-b", "in", "true", "item", "result"}) {
    std::string map =
        "{type: map, items: [1], as: \"" + std::string(name) + "\", do: {s: {component: log}}}";
    EXPECT_EQ(faults(map),
              "4:34 /tasks/t/as '" + std::string(name) + "' can't be the name of an item\n");
    std::string caught = "{component: log, catch: [{as: \"" + std::string(name) + "\"}]}";
    EXPECT_EQ(faults(caught), "4:36 /tasks/t/catch/0/as '" + std::string(name) +
                                  "' can't be the name of an error\n");
  }
}

TEST(Structure, try_and_critical_hold_bodies) {
  EXPECT_EQ(faults("{type: try, do: {s: {component: log}}}"),
            "4:6 warning /tasks/t this try has neither catch nor finally\n");
  EXPECT_EQ(faults("{type: critical, do: {s: {component: log}}}"),
            "4:6 /tasks/t a task of type critical needs a key\n");
  EXPECT_EQ(faults("{type: critical, key: k}"),
            "4:6 /tasks/t a task of type critical needs `do`\n");
}

TEST(Structure, faults_within_bodies_have_their_own_places) {
  EXPECT_EQ(show(parse_definition(R"(name: x
tasks:
  m:
    type: map
    items: [1]
    do:
      inner:
        type: parallel
        branches:
          b:
            s: {compnent: log}
            u: {type: set, values: {}, depends_on: [m]}
)")),
            "11:16 /tasks/m/do/inner/branches/b/s a task of type standard needs a component\n"
            "11:17 /tasks/m/do/inner/branches/b/s/compnent 'compnent' is no field of the language "
            "here\n"
            "12:53 /tasks/m/do/inner/branches/b/u/depends_on/0 there is no task 'm'\n");
}

TEST(Structure, a_join_is_a_point_without_work_and_terminate_may_give_an_output) {
  EXPECT_EQ(faults("{type: join, depends_on: [a], join: all_done}"), "");
  EXPECT_EQ(faults("{type: join, output: {}}").substr(0, 58),
            "4:19 /tasks/t/output 'output' belongs to types standard, t");
  EXPECT_EQ(faults("{type: terminate, depends_on: [a], output: {x: \"${tasks.a.output}\"}}"), "");
  EXPECT_EQ(faults("{type: terminate, compensate: {component: log}}").substr(0, 37),
            "4:24 /tasks/t/compensate 'compensate'");
}

TEST(Structure, fields_of_other_types_are_named_with_the_types_that_have_them) {
  EXPECT_EQ(faults("{type: set, values: {}, while: input.x}"),
            "4:30 /tasks/t/while 'while' belongs to type loop, this task is of type set\n");
  EXPECT_EQ(faults("{type: event, event: e, as: x}"),
            "4:30 /tasks/t/as 'as' belongs to types loop and map, this task is of type event\n");
}

}  // namespace
}  // namespace harmonia::workflow
