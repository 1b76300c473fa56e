#include <algorithm>

#include <gtest/gtest.h>

#include "workflow/parse_examples_test.h"

namespace harmonia::workflow {
namespace {

using examples::parse_task;
using examples::show;

std::string faults(std::string_view fields) { return show(parse_task(fields)); }

const Task& task_of(const ParseOutcome& outcome) {
  return outcome.definition->tasks[*outcome.definition->find_task(0, "t")];
}

TEST(Handlers, clauses_of_catch_match_retry_and_handle) {
  auto outcome = parse_task(
      "{component: log, catch: [{errors: [http_5xx, 'x_*'], when: error.code != 'x_1', as: e, "
      "retry: {max_retries: 2}, do: {h: {component: log, input: {m: \"${e.message}\"}}}}, {}]}");
  ASSERT_TRUE(outcome.ok()) << show(outcome);
  const auto& clauses = task_of(outcome).catches;
  ASSERT_EQ(clauses.size(), 2u);
  EXPECT_EQ(clauses[0].errors, (std::vector<std::string>{"http_5xx", "x_*"}));
  EXPECT_EQ(clauses[0].as, "e");
  EXPECT_EQ(clauses[0].retry->max_retries, 2u);
  const Body& body = outcome.definition->bodies[*clauses[0].body];
  EXPECT_EQ(body.role, BodyRole::handler);
  EXPECT_EQ(body.label, ".catch");
  EXPECT_FALSE(clauses[1].body.has_value());
}

TEST(Handlers, a_single_clause_may_stand_without_a_list) {
  auto outcome = parse_task("{component: log, catch: {do: {h: {component: log}}}}");
  ASSERT_TRUE(outcome.ok()) << show(outcome);
  EXPECT_EQ(task_of(outcome).catches.size(), 1u);
}

TEST(Handlers, faults_of_clauses_stand_at_their_places) {
  EXPECT_EQ(faults("{component: log, catch: 5}"),
            "4:30 /tasks/t/catch catch must be a list of clauses, not a number\n");
  EXPECT_EQ(faults("{component: log, catch: [5, {errors: x, whn: 1, retry: {max: 1}, "
                   "do: {h: {component: log, input: {m: \"${e.x}\"}}}}]}"),
            "4:31 /tasks/t/catch/0 a catch clause is an object\n"
            "4:43 /tasks/t/catch/1/errors errors must be a list of texts, not text\n"
            "4:46 /tasks/t/catch/1/whn 'whn' is no field of the language here\n"
            "4:62 /tasks/t/catch/1/retry/max 'max' is no field of the language here\n"
            "4:110 /tasks/t/catch/1/do/h/input/m in the expression: unknown name 'e'\n");
}

TEST(Handlers, they_see_what_was_before_their_task_and_not_the_task_itself) {
  for (const char* place : {"catch: [{do: {h: HANDLER}}]", "finally: {h: HANDLER}"}) {
    auto with = [&](std::string_view depends_on, std::string_view named) {
      std::string fields(place);
      std::string handler =
          "{component: log, input: {v: \"${tasks." + std::string(named) + ".output}\"}}";
      fields.replace(fields.find("HANDLER"), 7, handler);
      auto outcome = parse_task("{component: log, depends_on: [" + std::string(depends_on) + "], " +
                                fields + "}");
      return outcome.ok() ? std::string() : outcome.problems.front().message;
    };
    EXPECT_EQ(with("a", "a"), "");
    EXPECT_EQ(with("", "a"), "'a' is not certain to be over when 't' starts");
    EXPECT_EQ(with("", "t"), "'t' is not over yet: this stands in it");
    EXPECT_EQ(with("", "zz"), "there is no task 'zz'");
  }
}

TEST(Handlers, a_compensation_is_one_task_that_sees_its_own) {
  auto outcome = parse_task(
      "{component: log, compensate: {component: bank, action: refund, input: {v: "
      "\"${tasks.t.output.id}\"}}}");
  ASSERT_TRUE(outcome.ok()) << show(outcome);
  const Body& body = outcome.definition->bodies[*task_of(outcome).compensate];
  EXPECT_EQ(body.role, BodyRole::undo);
  ASSERT_EQ(body.tasks.size(), 1u);
  EXPECT_EQ(outcome.definition->tasks[body.tasks[0]].component, "bank");
  EXPECT_EQ(faults("{component: log, compensate: {}}"),
            "4:35 /tasks/t/compensate a task of type standard needs a component\n");
  EXPECT_EQ(faults("{component: log, compensate: {component: x, depends_on: [a]}}"),
            "4:63 /tasks/t/compensate/depends_on/0 there is no task 'a'\n");
}

TEST(Handlers, a_compensation_keeps_what_it_names_of_what_is_around_its_task) {
  auto outcome = parse_definition(R"(name: x
tasks:
  m:
    type: map
    items: [1]
    as: room
    do:
      a: {component: log}
      t:
        component: log
        depends_on: [a]
        compensate:
          type: map
          when: tasks.a.status == 'completed'
          items: ["${room}", "${input.n}"]
          do:
            u: {component: log, input: {v: "${item}", w: "${tasks.t.output}"}}
            w: {component: log, depends_on: [u], input: {v: "${tasks.u.output}"}}
      s: {component: log, compensate: {component: log, input: {v: "${tasks[room].output}"}}}
)");
  ASSERT_TRUE(outcome.ok()) << show(outcome);
  const auto& tasks = outcome.definition->tasks;
  auto named = [&](std::string_view id) -> const Task& {
    return *std::find_if(tasks.begin(), tasks.end(),
                         [&](const Task& task) { return task.id == id && task.compensate; });
  };
  EXPECT_EQ(named("t").undo_view.tasks, (std::vector<std::string>{"a", "t"}));
  EXPECT_EQ(named("t").undo_view.roots, std::vector<std::string>{"room"});
  EXPECT_TRUE(named("s").undo_view.tasks.empty()) << "an input is evaluated before";
}

TEST(Handlers, a_compensation_names_the_tasks_it_looks_at) {
  EXPECT_EQ(
      faults("{component: log, compensate: {type: set, values: {v: \"${tasks[input.n]}\"}}}"),
      "4:59 /tasks/t/compensate/values/v a compensation names the tasks it looks at outright\n");
}

TEST(Handlers, on_failure_sees_every_task_of_the_workflow) {
  auto outcome = parse_definition(R"(name: x
tasks: {a: {component: log}, b: {component: log, depends_on: [a]}}
on_failure:
  tell: {component: log, input: {m: "${tasks.b.status} ${error.code}"}}
  more: {component: log, depends_on: [tell], input: {m: "${tasks.tell.status}"}}
)");
  ASSERT_TRUE(outcome.ok()) << show(outcome);
  const Body& body = outcome.definition->bodies[*outcome.definition->on_failure];
  EXPECT_EQ(body.role, BodyRole::on_failure);
  EXPECT_EQ(body.tasks.size(), 2u);
  EXPECT_EQ(show(parse_definition("name: x\ntasks: {a: {component: log}}\non_failure:\n"
                                  "  t: {component: log, input: {m: \"${tasks.u.output}\"}}\n"
                                  "  u: {component: log}\n")),
            "4:37 /on_failure/t/input/m 'u' is not certain to be over when 't' starts\n");
  EXPECT_EQ(show(parse_definition("name: x\ntasks: {a: {component: log}}\non_failure: 5\n")),
            "3:13 /on_failure on_failure must be an object, not a number\n");
}

TEST(Handlers, inner_tasks_see_what_was_before_the_tasks_around_them) {
  auto with = [](std::string_view named, std::string_view depends_on) {
    return show(
        parse_definition("name: x\ntasks:\n  a: {component: log}\n  t:\n    type: map\n"
                         "    items: [1]\n    depends_on: [" +
                         std::string(depends_on) +
                         "]\n    do:\n      s: {component: log}\n"
                         "      u: {component: log, input: {v: \"${tasks." +
                         std::string(named) + ".output}\"}}\n"));
  };
  EXPECT_EQ(with("a", "a"), "");
  EXPECT_EQ(with("a", ""),
            "10:41 /tasks/t/do/u/input/v 'a' is not certain to be over when 't' starts\n");
  EXPECT_EQ(with("s", ""),
            "10:41 /tasks/t/do/u/input/v 's' is not certain to be over when 'u' starts\n");
  EXPECT_EQ(with("t", ""), "10:41 /tasks/t/do/u/input/v 't' is not over yet: this stands in it\n");
}

TEST(Handlers, nobody_outside_sees_into_a_body) {
  EXPECT_EQ(show(parse_definition(R"(name: x
tasks:
  t: {type: map, items: [1], do: {s: {component: log}}}
  u: {component: log, depends_on: [t], input: {v: "${tasks.s.output}"}}
)")),
            "4:54 /tasks/u/input/v there is no task 's'\n");
}

TEST(Handlers, roots_exist_where_they_have_a_value_only) {
  struct Case {
    const char* fields;
    bool ok;
  };
  constexpr Case cases[] = {
      {"{type: map, items: [1], do: {s: {component: log, input: {v: \"${ROOT}\"}}}}", true},
      {"{type: map, items: [1], collect: \"${ROOT}\", do: {s: {component: log}}}", true},
      {"{type: map, items: \"${ROOT}\", do: {s: {component: log}}}", false},
      {"{component: log, input: {v: \"${ROOT}\"}}", false},
      {"{component: log, finally: {s: {component: log, input: {v: \"${ROOT}\"}}}}", false},
  };
  for (const Case& one : cases) {
    for (const char* root : {"item", "index"}) {
      std::string fields = one.fields;
      fields.replace(fields.find("ROOT"), 4, root);
      EXPECT_EQ(parse_task(fields).ok(), one.ok) << fields;
    }
  }
  auto loop = [](std::string_view how, std::string_view root) {
    return parse_task("{type: loop, " + std::string(how) + ", do: {s: {component: log, when: \"${" +
                      std::string(root) + " == 1}\"}}}")
        .ok();
  };
  EXPECT_TRUE(loop("times: 2", "loop.index"));
  EXPECT_FALSE(loop("times: 2", "item"));
  EXPECT_TRUE(loop("for_each: [1]", "item"));
  EXPECT_TRUE(loop("for_each: [1], as: row", "row"));
  EXPECT_FALSE(loop("for_each: [1]", "row"));
  EXPECT_TRUE(loop("while: loop.index < 2", "loop.index"));
  EXPECT_FALSE(loop("times: 2", "event"));
}

TEST(Handlers, runs_share_by_keys) {
  auto outcome = parse_task(
      "{component: log, priority: -7, cache: {key: \"${input.k}\", ttl: 60}, "
      "rate_limit: {limit: 5, per: PT1M, key: k}, concurrency: {key: k, limit: 2}}");
  ASSERT_TRUE(outcome.ok()) << show(outcome);
  const Task& task = task_of(outcome);
  EXPECT_EQ(task.priority, -7);
  EXPECT_EQ(task.cache->ttl, std::chrono::minutes(1));
  EXPECT_EQ(task.rate_limit->limit, 5u);
  EXPECT_EQ(task.rate_limit->per, std::chrono::minutes(1));
  EXPECT_EQ(task.concurrency->limit, 2u);
}

TEST(Handlers, faults_of_sharing_stand_at_their_places) {
  EXPECT_EQ(faults("{component: log, priority: 1001, cache: {key: k}, rate_limit: {per: 1}, "
                   "concurrency: {limit: 0, policy: queue}}"),
            "4:33 /tasks/t/priority priority must be a whole number from -1000 to 1000\n"
            "4:46 /tasks/t/cache cache needs key and ttl\n"
            "4:68 /tasks/t/rate_limit rate_limit needs limit\n"
            "4:91 /tasks/t/concurrency concurrency needs a key\n"
            "4:99 /tasks/t/concurrency/limit limit must be a whole number from 1 to 1000000\n"
            "4:102 /tasks/t/concurrency/policy 'policy' is no field of the language here\n");
  EXPECT_EQ(show(parse_definition("name: x\nmax_parallel: 0\nconcurrency: {key: \"${tasks.b}\", "
                                  "policy: wait}\ntasks: {a: {component: log}}")),
            "2:15 /max_parallel max_parallel must be a whole number from 1 to 1000000\n"
            "3:23 /concurrency/key there is no task 'b'\n"
            "3:42 /concurrency/policy policy must be one of queue, reject, replace, not 'wait'\n");
}

}  // namespace
}  // namespace harmonia::workflow
