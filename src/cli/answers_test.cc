#include "cli/answers.h"

#include <gtest/gtest.h>

#include "cli/questions.h"

namespace harmonia::cli {
namespace {

using execution::DecideApproval;
using execution::ResolveIncident;
using execution::Signal;
using execution::WaitsFor;

server::TaskView waiting(std::string path, WaitsFor what, Json asked = nullptr) {
  server::TaskView task{.path = std::move(path), .status = server::TaskStatus::waiting};
  task.waits_for = what;
  task.asked = share(std::move(asked));
  return task;
}

TEST(Answers, a_task_is_meant_by_its_path_its_id_or_a_star) {
  for (const char* name : {"orders[3]/check", "check", "*"}) {
    RunCommand command;
    command.approve = {std::string(name) + R"(={"limit": 1})"};
    auto answers = Answers::read(command);
    ASSERT_TRUE(answers.ok());
    auto answer = answers->answer_to(waiting("orders[3]/check", WaitsFor::approval));
    ASSERT_TRUE(answer) << name;
    const auto& decision = std::get<DecideApproval>(*answer);
    EXPECT_TRUE(decision.approved);
    EXPECT_EQ(to_text(*decision.data), R"({"limit":1})");
    bool all = std::string_view(name) == "*";
    EXPECT_EQ(answers->answer_to(waiting("recheck", WaitsFor::approval)).has_value(), all);
    EXPECT_FALSE(answers->answer_to(waiting("check", WaitsFor::incident)));
  }
}

TEST(Answers, a_rejection_takes_a_comment_and_an_event_a_payload) {
  RunCommand command;
  command.reject = {"check=too=dear"};
  command.events = {"paid", R"(sent={"a": "="})"};
  auto answers = Answers::read(command);
  ASSERT_TRUE(answers.ok());
  auto answer = answers->answer_to(waiting("check", WaitsFor::approval));
  ASSERT_TRUE(answer);
  EXPECT_FALSE(std::get<DecideApproval>(*answer).approved);
  EXPECT_EQ(std::get<DecideApproval>(*answer).comment, "too=dear");
  ASSERT_EQ(answers->events().size(), 2u);
  EXPECT_EQ(to_text(*answers->events()[0].payload), "null");
  EXPECT_EQ(to_text(*answers->events()[1].payload), R"({"a":"="})");
}

TEST(Answers, an_incident_is_resolved_once_by_each_option) {
  RunCommand command;
  command.resolve = {"work=retry", "work=skip"};
  auto answers = Answers::read(command);
  ASSERT_TRUE(answers.ok());
  auto task = waiting("work", WaitsFor::incident);
  auto action = [&] { return std::get<ResolveIncident>(*answers->answer_to(task)).action; };
  EXPECT_EQ(action(), execution::IncidentAction::retry);
  EXPECT_EQ(action(), execution::IncidentAction::skip);
  EXPECT_FALSE(answers->answer_to(task));
}

TEST(Answers, what_is_no_answer_is_refused) {
  for (auto [member, text] :
       {std::pair{&RunCommand::approve, "a={"}, std::pair{&RunCommand::events, "a=b"},
        std::pair{&RunCommand::resolve, "a"}, std::pair{&RunCommand::resolve, "a=ignore"}}) {
    RunCommand command;
    command.*member = {text};
    EXPECT_FALSE(Answers::read(command).ok()) << text;
  }
}

Json form() {
  return *parse_json(R"({"title": "Trip?", "form": {"type": "object", "required": ["limit"],
      "properties": {"limit": {"type": "integer"}, "class": {"enum": ["first", 2]},
                      "note": {"type": "string"}}}})");
}

TEST(Question, an_approval_asks_for_each_field_of_its_form) {
  Question question(waiting("check", WaitsFor::approval, form()));
  EXPECT_EQ(question.introduction(), "check waits for approval: Trip?");
  EXPECT_EQ(question.prompt(), "approve? [y/n] ");
  question.answer("maybe");
  EXPECT_EQ(question.complaint(), "type y or n");
  question.answer("y");
  EXPECT_EQ(question.prompt(), "limit (integer): ");
  question.answer("");
  EXPECT_EQ(question.complaint(), "this is needed");
  question.answer("7");
  EXPECT_EQ(question.prompt(), "class (first, 2), Enter for none: ");
  question.answer("2");
  ASSERT_FALSE(question.command());
  question.answer("12");
  ASSERT_TRUE(question.command());
  const auto& decision = std::get<DecideApproval>(*question.command());
  EXPECT_EQ(to_text(*decision.data), R"({"limit":7,"class":2,"note":"12"})");
}

TEST(Question, a_rejection_asks_for_a_comment_only) {
  Question question(waiting("check", WaitsFor::approval, form()));
  question.answer("n");
  question.answer("too dear");
  ASSERT_TRUE(question.command());
  EXPECT_FALSE(std::get<DecideApproval>(*question.command()).approved);
  EXPECT_EQ(std::get<DecideApproval>(*question.command()).comment, "too dear");
}

TEST(Question, an_event_asks_for_its_payload) {
  Question question(waiting("paid", WaitsFor::event, JsonObject{{"event", "order.paid"}}));
  question.answer("{");
  EXPECT_NE(question.complaint(), "");
  question.answer("[1]");
  ASSERT_TRUE(question.command());
  EXPECT_EQ(std::get<Signal>(*question.command()).name, "order.paid");
  EXPECT_EQ(to_text(*std::get<Signal>(*question.command()).payload), "[1]");
}

TEST(Question, an_incident_asks_what_to_do) {
  Question retry(waiting("work", WaitsFor::incident));
  retry.answer("x");
  EXPECT_NE(retry.complaint(), "");
  retry.answer("r");
  EXPECT_EQ(std::get<ResolveIncident>(*retry.command()).action, execution::IncidentAction::retry);
  Question complete(waiting("work", WaitsFor::incident));
  complete.answer("complete");
  EXPECT_FALSE(complete.command());
  complete.answer("5");
  EXPECT_EQ(to_text(*std::get<ResolveIncident>(*complete.command()).output), "5");
}

}  // namespace
}  // namespace harmonia::cli
