#include <thread>

#include <gtest/gtest.h>

#include "api/test_world.h"

namespace harmonia::api {
namespace {

constexpr std::string_view paid_definition = R"({
  "name": "order",
  "tasks": {"paid": {"type": "event", "event": "order.paid", "correlation": "${input.order}"}}
})";

TEST(Signals, a_signal_completes_the_task_that_waits_for_its_name) {
  TestWorld world;
  world.create_workflow(std::string(paid_definition));
  std::string id = world.execute("order", R"({"input":{"order":"4711"}})");
  std::string path = "/api/executions/" + id;
  EXPECT_EQ(text_at(world.call("GET", path), "/tasks/0/waits_for"), "event");
  auto other = world.call("POST", path + "/signal", R"({"name":"order.sent"})");
  EXPECT_EQ(text_at(other, "/status"), "running");
  auto answer = world.call("POST", path + "/signal",
                           R"({"name":"order.paid","payload":{"amount":12},"id":"p-1"})");
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(text_at(answer, "/status"), "completed");
  EXPECT_EQ(at(world.call("GET", path), "/output/paid/amount"), Json(12));
  EXPECT_EQ(world.call("POST", path + "/signal", R"({"name":"order.paid"})").status, 409);
}

TEST(Signals, a_signal_that_is_not_one_is_400_and_one_to_nobody_404) {
  TestWorld world;
  world.create_workflow(std::string(paid_definition));
  std::string path = "/api/executions/" + world.execute("order", R"({"input":{"order":"1"}})");
  for (std::string body : {"{}", R"({"name":""})", R"({"name":7})", R"({"name":"a","more":1})",
                           R"({"name":"a","id":[]})"}) {
    EXPECT_EQ(world.call("POST", path + "/signal", body).status, 400) << body;
  }
  EXPECT_EQ(world
                .call("POST", "/api/executions/00000000-0000-7000-8000-000000000000/signal",
                      R"({"name":"a"})")
                .status,
            404);
}

TEST(Events, an_event_reaches_the_runs_that_correlate_with_it_now_and_later) {
  TestWorld world;
  world.create_workflow(std::string(paid_definition));
  std::string early = world.execute("order", R"({"input":{"order":"4711"}})");
  std::string other = world.execute("order", R"({"input":{"order":"4712"}})");
  std::string body = R"({"name":"order.paid","correlation":"4711","payload":7,"id":"e-1"})";
  auto sent = world.call("POST", "/api/events", body);
  ASSERT_EQ(sent.status, 200) << sent.body;
  EXPECT_EQ(at(sent, "/repeated"), Json(false));
  EXPECT_TRUE(world.wait_for_status(early, "completed"));
  EXPECT_EQ(at(world.call("POST", "/api/events", body), "/repeated"), Json(true));
  std::string late = world.execute("order", R"({"input":{"order":"4711"}})");
  EXPECT_TRUE(world.wait_for_status(late, "completed"));
  EXPECT_EQ(text_at(world.call("GET", "/api/executions/" + other), "/status"), "running");
}

TEST(Events, an_event_that_is_not_one_is_400) {
  TestWorld world;
  for (std::string body :
       {"{}", R"({"name":"a"})", R"({"correlation":"a"})",
        R"({"name":"a","correlation":"b","retention":-1})",
        R"({"name":"a","correlation":"b","retention":1e12})", R"({"name":"a","correlation":7})"}) {
    EXPECT_EQ(world.call("POST", "/api/events", body).status, 400) << body;
  }
}

constexpr std::string_view webhook_definition = R"({
  "name": "print",
  "tasks": {"print": {"type": "webhook", "input": {"reply_to": "${callback.url}"}}}
})";

struct Hook {
  TestWorld world;
  std::string id;
  std::string target;  // of the callback

  Hook() {
    world.create_workflow(std::string(webhook_definition));
    id = world.execute("print");
    // Whoever is called learns the address from the task's input.
    auto run = world.call("GET", "/api/executions/" + id);
    std::string url = text_at(run, "/tasks/0/input/reply_to");
    target = url.substr(std::min(url.size(), url.find("/api/")));
  }
};

TEST(Callbacks, a_callback_becomes_part_of_the_output) {
  Hook hook;
  ASSERT_NE(hook.target, "");
  auto answer = hook.world.call("POST", hook.target, R"({"pages":3})");
  EXPECT_EQ(answer.status, 202) << answer.body;
  EXPECT_TRUE(hook.world.wait_for_status(hook.id, "completed"));
  auto run = hook.world.call("GET", "/api/executions/" + hook.id);
  EXPECT_EQ(at(run, "/output/print/callback/pages"), Json(3)) << run.body;
  EXPECT_EQ(hook.world.call("POST", hook.target, "{}").status, 409);
}

TEST(Callbacks, text_and_forms_are_taken_too) {
  for (auto [type, body, expected] :
       {std::tuple{"text/plain", "done", "\"done\""},
        std::tuple{"application/x-www-form-urlencoded", "a=1&b=x+y", R"({"a":"1","b":"x y"})"},
        std::tuple{"application/json", "[1]", "[1]"}}) {
    Hook hook;
    auto answer = hook.world.call("POST", hook.target, body, {{"Content-Type", type}});
    EXPECT_EQ(answer.status, 202) << answer.body;
    auto run = hook.world.call("GET", "/api/executions/" + hook.id);
    EXPECT_EQ(to_text(at(run, "/output/print/callback")), expected) << run.body;
  }
}

TEST(Callbacks, a_wrong_token_is_404_before_the_body_is_looked_at) {
  Hook hook;
  std::string wrong = hook.target;
  char& digit = wrong[wrong.rfind('/') - 1];
  digit = digit == '0' ? '1' : '0';
  EXPECT_EQ(hook.world.call("POST", wrong, "{").status, 404);
  EXPECT_EQ(hook.world.call("POST", hook.target, "{").status, 400);
  EXPECT_EQ(hook.world.call("POST", hook.target, "a", {{"Content-Type", "image/png"}}).status, 415);
  hook.world.runners().release();
}

constexpr std::string_view incident_definition = R"({
  "name": "fragile",
  "tasks": {
    "call": {"component": "broken", "action": "x", "on_error": "incident", "input": {"n": 1}},
    "next": {"component": "echo", "action": "say", "depends_on": ["call"],
             "join": "none_failed", "input": {"a": "${default(tasks.call.output.by, 'nobody')}"}}
  }
})";

TEST(Incidents, a_task_that_failed_for_good_is_listed_until_it_is_resolved) {
  TestWorld world;
  world.create_workflow(std::string(incident_definition));
  std::string id = world.execute("fragile");
  auto list = world.call("GET", "/api/incidents?workflow=fragile");
  for (int i = 0; i < 5000 && at(list, "/items/0/path").is_null(); ++i) {
    std::this_thread::yield();
    list = world.call("GET", "/api/incidents?workflow=fragile");
  }
  ASSERT_EQ(text_at(list, "/items/0/path"), "call") << list.body;
  EXPECT_EQ(text_at(list, "/items/0/error/code"), "connection");
  EXPECT_EQ(at(list, "/items/0/input/n"), Json(1));
  std::string resolve = text_at(list, "/items/0/links/resolve");
  EXPECT_EQ(world.call("POST", resolve, R"({"action":"ignore"})").status, 400);
  EXPECT_EQ(world.call("POST", resolve, R"({"action":"skip","output":1})").status, 400);
  EXPECT_EQ(world.call("POST", resolve, "{}").status, 400);
  EXPECT_EQ(world.call("POST", resolve, R"({"action":"skip","seq":0})").status, 400);
  auto answer = world.call("POST", resolve, R"({"action":"complete","output":{"by":"ada"}})");
  ASSERT_EQ(answer.status, 200) << answer.body;
  ASSERT_TRUE(world.wait_for_status(id, "completed"));
  auto run = world.call("GET", "/api/executions/" + id);
  EXPECT_EQ(text_at(run, "/output/next/a"), "ada") << run.body;
  EXPECT_TRUE(at(world.call("GET", "/api/incidents"), "/items").get_array().empty());
  EXPECT_EQ(world.call("POST", resolve, R"({"action":"retry"})").status, 409);
}

// A retry fails and raises the next incident: the same request again was an answer to the first.
TEST(Incidents, an_answer_that_names_what_it_answers_can_be_repeated) {
  TestWorld world;
  world.create_workflow(R"({"name":"stubborn","tasks":{"t":{"type":"fail","on_error":"incident",
    "error":{"code":"refused","message":"no"}}}})");
  std::string id = world.execute("stubborn");
  auto list = world.call("GET", "/api/incidents");
  Json seq = at(list, "/items/0/seq");
  EXPECT_EQ(seq, Json(2)) << list.body;
  std::string resolve = text_at(list, "/items/0/links/resolve");
  std::string retry = R"({"action":"retry","seq":)" + to_text(seq) + "}";
  EXPECT_EQ(world.call("POST", resolve, retry).status, 200);
  auto again = world.call("POST", resolve, retry);
  EXPECT_EQ(again.status, 409);
  EXPECT_EQ(text_at(again, "/code"), "stale") << again.body;
  EXPECT_EQ(at(world.call("GET", "/api/incidents"), "/items/0/seq"), Json(3));
  EXPECT_EQ(world.call("POST", resolve, R"({"action":"skip"})").status, 200);
}

}  // namespace
}  // namespace harmonia::api
