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

TEST(Waiting, a_subworkflow_names_another) {
  auto outcome = parse_task(
      "{type: subworkflow, workflow: other, version: 2, detached: true, max_depth: 3, input: {a: "
      "1}}");
  ASSERT_TRUE(outcome.ok()) << show(outcome);
  const auto& sub = task_of(outcome).as<Subworkflow>();
  EXPECT_EQ(sub.workflow->source(), Json("other"));
  EXPECT_EQ(sub.version->source(), Json(2));
  EXPECT_TRUE(sub.detached);
  EXPECT_EQ(sub.max_depth, 3u);
  EXPECT_TRUE(parse_task("{type: subworkflow, workflow: x, input: \"${input}\"}").ok());
}

TEST(Waiting, faults_of_subworkflows_stand_at_their_places) {
  EXPECT_EQ(faults("{type: subworkflow}"),
            "4:6 /tasks/t a task of type subworkflow needs workflow\n");
  EXPECT_EQ(faults("{type: subworkflow, workflow: 5, version: latest, input: [1]}"),
            "4:36 /tasks/t/workflow workflow must be text, not a number\n"
            "4:48 /tasks/t/version version must be the number of a revision or an expression, not "
            "text\n"
            "4:63 /tasks/t/input input must be an object or an expression that gives one, not a "
            "list\n");
  EXPECT_EQ(faults("{type: subworkflow, workflow: x, version: 0, detached: 1, max_depth: 101}"),
            "4:48 /tasks/t/version version must be a whole number from 1 to 1000000000\n"
            "4:61 /tasks/t/detached detached must be true or false, not a number\n"
            "4:75 /tasks/t/max_depth max_depth must be a whole number from 1 to 100\n");
}

TEST(Waiting, an_event_is_filtered_by_the_root_event) {
  auto outcome = parse_task(
      "{type: event, event: paid, correlation: \"${input.id}\", filter: event.amount > 5, count: "
      "3, "
      "timeout: 60, on_timeout: continue}");
  ASSERT_TRUE(outcome.ok()) << show(outcome);
  const auto& wait = task_of(outcome).as<EventWait>();
  EXPECT_EQ(wait.count, 3u);
  EXPECT_EQ(wait.on_timeout, OnTimeout::proceed);
  EXPECT_EQ(wait.filter->source(), "event.amount > 5");
  EXPECT_EQ(task_of(outcome).timeout, std::chrono::minutes(1));
  EXPECT_FALSE(parse_task("{type: event, event: paid, correlation: \"${event.id}\"}").ok());
  EXPECT_FALSE(parse_task("{type: event, event: paid, when: event.x}").ok());
}

TEST(Waiting, faults_of_events_stand_at_their_places) {
  EXPECT_EQ(faults("{type: event}"), "4:6 /tasks/t a task of type event needs event\n");
  EXPECT_EQ(faults("{type: event, event: e, count: 0, on_timeout: approve}"),
            "4:37 /tasks/t/count count must be a whole number from 1 to 100000\n"
            "4:52 /tasks/t/on_timeout on_timeout must be one of fail, continue, not 'approve'\n"
            "4:52 warning /tasks/t/on_timeout without timeout this never happens\n");
}

TEST(Waiting, an_approval_has_a_form_people_and_an_end) {
  auto outcome = parse_task(
      "{type: approval, title: \"ok ${input.x}\", assignees: [ada], form: {type: object}, "
      "timeout: 5, on_timeout: approve, on_reject: continue}");
  ASSERT_TRUE(outcome.ok()) << show(outcome);
  const auto& approval = task_of(outcome).as<Approval>();
  EXPECT_TRUE(approval.form.has_value());
  EXPECT_EQ(approval.on_timeout, OnTimeout::approve);
  EXPECT_FALSE(approval.fail_on_reject);
}

TEST(Waiting, faults_of_approvals_stand_at_their_places) {
  EXPECT_EQ(faults("{type: approval, form: {type: objct}, title: 5, assignees: ada}"),
            "4:36 /tasks/t/form/type in the schema: this is not a JSON type or a list of them\n"
            "4:51 /tasks/t/title title must be text, not a number\n"
            "4:65 /tasks/t/assignees assignees must be a list of names, not text\n");
  EXPECT_EQ(faults("{type: approval, assignees: [1], on_timeout: reject, on_reject: stop}"),
            "4:35 /tasks/t/assignees/0 each item of assignees must be a text that is not empty\n"
            "4:51 warning /tasks/t/on_timeout without timeout this never happens\n"
            "4:70 /tasks/t/on_reject on_reject must be one of fail, continue, not 'stop'\n");
}

TEST(Waiting, a_webhook_calls_out_with_the_root_callback) {
  auto outcome = parse_task(
      "{type: webhook, input: {url: \"https://x.example\", body: {to: \"${callback.url}\", "
      "k: \"${secret.KEY}\"}}, output: \"${result.body}\"}");
  ASSERT_TRUE(outcome.ok()) << show(outcome);
  EXPECT_EQ(task_of(outcome).component, "http");
  EXPECT_EQ(task_of(outcome).action, "request");
  EXPECT_EQ(faults("{type: webhook}"), "4:6 /tasks/t a task of type webhook needs input\n");
  EXPECT_EQ(faults("{type: webhook, input: 5}"),
            "4:29 /tasks/t/input input must be an object, not a number\n");
  EXPECT_FALSE(parse_task("{component: http, input: {a: \"${callback.url}\"}}").ok());
}

}  // namespace
}  // namespace harmonia::workflow
