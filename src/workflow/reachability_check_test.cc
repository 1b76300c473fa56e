#include <gtest/gtest.h>

#include "workflow/parse_examples_test.h"

namespace harmonia::workflow {
namespace {

// The warnings about these tasks, a line each, without their places.
std::string warnings_of(std::string_view tasks) {
  auto outcome = parse_definition("name: x\ntasks:\n" + std::string(tasks));
  EXPECT_TRUE(outcome.ok()) << examples::show(outcome);
  std::string text;
  for (const Problem& problem : outcome.problems) {
    // A constant condition is a finding of its own.
    if (problem.message.find("never runs") != std::string::npos) text += problem.message + "\n";
  }
  return text;
}

TEST(Reachability, ordinary_graphs_have_no_findings) {
  for (const char* tasks : {
           "  a: {component: w}\n  b: {component: w, depends_on: [a]}\n"
           "  c: {component: w, depends_on: [a, b], join: one_failed}\n",
           "  a: {type: fail, when: input.bad, error: {code: a, message: b}}\n"
           "  b: {component: w, depends_on: [a], join: none_failed}\n",
           "  a: {type: fail, error: {code: a, message: b}}\n"
           "  b: {component: w, depends_on: [a], join: one_failed}\n"
           "  c: {component: w, depends_on: [a], join: all_done}\n",
           "  a: {type: fail, on_error: continue, error: {code: a, message: b}}\n"
           "  b: {component: w, depends_on: [a]}\n",
           "  a: {type: fail, catch: {do: {h: {component: w}}}, error: {code: a, message: b}}\n"
           "  b: {component: w, depends_on: [a]}\n",
           "  a: {type: terminate, when: input.done}\n"
           "  b: {component: w, depends_on: [a], join: all_done}\n",
       }) {
    EXPECT_EQ(warnings_of(tasks), "") << tasks;
  }
}

TEST(Reachability, what_needs_a_failure_to_succeed_never_runs) {
  auto outcome = parse_definition(
      "name: x\ntasks:\n  stop: {type: fail, error: {code: a, message: b}}\n"
      "  a: {component: w}\n  b: {component: w, depends_on: [a, stop]}\n"
      "  c: {component: w, depends_on: [b]}\n  d: {component: w, depends_on: [c, a]}\n");
  EXPECT_EQ(examples::show(outcome),
            "5:37 warning /tasks/b/depends_on/1 'b' never runs: it needs 'stop', which always "
            "fails; so neither do 'c' and 1 more behind it\n");
  EXPECT_EQ(outcome.problems[0].hint, "join: one_failed or all_done runs it after a failure");
}

TEST(Reachability, what_comes_after_the_end_of_the_run_never_runs) {
  EXPECT_EQ(warnings_of("  done: {type: terminate}\n"
                        "  b: {component: w, depends_on: [done], join: all_done}\n"),
            "'b' never runs: it needs 'done', which ends the run\n");
}

TEST(Reachability, what_needs_a_task_that_is_always_skipped_never_runs) {
  EXPECT_EQ(warnings_of("  a: {component: w, when: 'false'}\n"
                        "  b: {component: w, depends_on: [a]}\n"),
            "'a' never runs: its condition is always false; so neither does 'b'\n");
  EXPECT_EQ(warnings_of("  a: {component: w, when: '1 == 2'}\n"
                        "  b: {component: w, depends_on: [a], join: none_failed}\n"),
            "");
}

TEST(Reachability, a_handler_of_what_can_t_fail_never_runs) {
  EXPECT_EQ(warnings_of("  a: {type: set, values: {n: 1}}\n  m: {type: join, depends_on: [a]}\n"
                        "  b: {component: w, depends_on: [a, m], join: one_failed}\n"),
            "'b' never runs: join is one_failed, but nothing it depends on can fail\n");
  EXPECT_EQ(warnings_of("  a: {type: set, values: {n: '${input.n}'}}\n"
                        "  b: {component: w, depends_on: [a], join: one_failed}\n"),
            "");
}

const std::string exclusive =
    "  d: {type: decision, cases: [{when: input.a, next: [x]}, {when: input.b, next: [y]}], "
    "default: {next: [z]}}\n"
    "  x: {component: w}\n  y: {component: w}\n  z: {component: w}\n";

TEST(Reachability, tasks_of_different_cases_never_run_together) {
  auto outcome = parse_definition("name: x\ntasks:\n" + exclusive +
                                  "  m: {component: w, depends_on: [x, y]}\n");
  EXPECT_EQ(examples::show(outcome),
            "7:37 warning /tasks/m/depends_on/1 'm' never runs: it needs tasks of different cases "
            "of the decision 'd' ('x' and 'y'), which chooses one case only\n");
  EXPECT_NE(outcome.problems[0].hint.find("join: none_failed"), std::string::npos);
  // Also behind the targets, and with the default.
  EXPECT_NE(warnings_of(exclusive + "  x2: {component: w, depends_on: [x]}\n"
                                    "  m: {component: w, depends_on: [z, x2]}\n"),
            "");
  EXPECT_NE(
      warnings_of(exclusive + "  m: {component: w, depends_on: [x, y, z], join: {at_least: 2}}\n"),
      "");
}

TEST(Reachability, tasks_of_different_cases_meet_under_other_joins) {
  for (const char* meeting :
       {"  m: {component: w, depends_on: [x, y], join: none_failed}\n",
        "  m: {component: w, depends_on: [x, y, z], join: any_success}\n",
        "  m: {component: w, depends_on: [x, y], join: all_done}\n",
        "  n: {component: w, depends_on: [x, y], join: any_success}\n"
        "  m: {component: w, depends_on: [n, y]}\n",
        "  a: {component: w}\n  m: {component: w, depends_on: [x, a], join: {at_least: 2}}\n"}) {
    EXPECT_EQ(warnings_of(exclusive + meeting), "") << meeting;
  }
}

TEST(Reachability, decisions_of_mode_all_and_shared_targets_are_fine) {
  EXPECT_EQ(warnings_of("  d: {type: decision, mode: all, cases: [{when: input.a, next: [x]}, "
                        "{when: input.b, next: [y]}]}\n"
                        "  x: {component: w}\n  y: {component: w}\n"
                        "  m: {component: w, depends_on: [x, y]}\n"),
            "");
  EXPECT_EQ(warnings_of("  d: {type: decision, cases: [{when: input.a, next: [x, y]}, "
                        "{when: input.b, next: [y]}]}\n"
                        "  x: {component: w}\n  y: {component: w}\n"
                        "  m: {component: w, depends_on: [x, y]}\n"),
            "");
  // A decision whose failure is continued lets all its targets go on.
  EXPECT_EQ(warnings_of("  d: {type: decision, on_error: continue, cases: [{when: input.a, next: "
                        "[x]}, {when: input.b, next: [y]}]}\n"
                        "  x: {component: w}\n  y: {component: w}\n"
                        "  m: {component: w, depends_on: [x, y]}\n"),
            "");
}

TEST(Reachability, a_target_behind_another_target_is_kept) {
  EXPECT_EQ(warnings_of("  d: {type: decision, cases: [{when: input.a, next: [x]}, {when: "
                        "input.b, next: [y]}]}\n"
                        "  x: {component: w}\n  y: {component: w, depends_on: [x], join: "
                        "none_failed}\n  m: {component: w, depends_on: [x, y]}\n"),
            "");
}

TEST(Reachability, a_case_that_can_t_hold_leads_nowhere) {
  EXPECT_EQ(warnings_of("  d: {type: decision, cases: [{when: 'true', next: [x]}, {when: input.b, "
                        "next: [y]}]}\n  x: {component: w}\n  y: {component: w}\n"
                        "  n: {component: w, depends_on: [y]}\n"),
            "'y' never runs: no case of the decision 'd' that leads to it can hold; so neither "
            "does 'n'\n");
  EXPECT_EQ(warnings_of("  d: {type: decision, mode: all, cases: [{when: 'true', next: [x]}, "
                        "{when: input.b, next: [y]}]}\n  x: {component: w}\n"
                        "  y: {component: w}\n"),
            "");
}

std::string loop_findings(std::string_view fields) {
  auto outcome = parse_definition("name: x\ntasks:\n  t: {type: loop, do: {a: {component: w}}, " +
                                  std::string(fields) + "}\n");
  std::string text;
  for (const Problem& problem : outcome.problems) text += problem.message + "\n";
  return text;
}

TEST(Loops, conditions_that_vary_are_fine) {
  for (const char* fields :
       {"until: tasks.a.output.done", "while: loop.index < 3", "until: loop.last == null",
        "while: 'true', break_when: tasks.a.output.done",
        "while: input.on, break_when: loop.index > 3", "until: 'size(tasks) > input.n'", "times: 3",
        "for_each: [1, 2], break_when: item > 1"}) {
    EXPECT_EQ(loop_findings(fields), "") << fields;
  }
}

TEST(Loops, conditions_that_can_t_end_the_loop_are_warned_about) {
  EXPECT_EQ(loop_findings("while: 'true'"),
            "this loop can't end: its condition is always true, so it fails after 1000 iterations "
            "(max_iterations)\n");
  EXPECT_EQ(loop_findings("until: 'false', max_iterations: 5"),
            "this loop can't end: its condition is always false, so it fails after 5 iterations "
            "(max_iterations)\n");
  EXPECT_EQ(loop_findings("while: 'false'"), "while is always false: the loop never runs\n");
  EXPECT_EQ(loop_findings("until: 'true'"), "until is always true: the loop runs once\n");
  EXPECT_EQ(loop_findings("while: input.more"),
            "nothing in this condition changes while the loop runs: it ends at once, or fails "
            "after 1000 iterations (max_iterations)\n");
  EXPECT_EQ(loop_findings("times: 3, break_when: input.stop"),
            "nothing in break_when changes while the loop runs\n");
}

}  // namespace
}  // namespace harmonia::workflow
