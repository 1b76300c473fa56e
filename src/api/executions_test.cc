#include <gtest/gtest.h>

#include "api/test_world.h"

namespace harmonia::api {
namespace {

TEST(Executions, an_execution_is_accepted_with_its_location) {
  TestWorld world;
  world.create_workflow(std::string(echo_definition));
  auto response =
      world.call("POST", "/api/workflows/greeting/execute", R"({"input":{"name":"Ada"}})");
  ASSERT_EQ(response.status, 202) << response.body;
  std::string id = text_at(response, "/id");
  EXPECT_EQ(response.headers.get("Location"), "/api/executions/" + id);
  EXPECT_TRUE(world.wait_for_status(id, "completed"));
}

TEST(Executions, waiting_gives_the_finished_execution) {
  TestWorld world;
  world.create_workflow(std::string(echo_definition));
  auto response =
      world.call("POST", "/api/workflows/greeting/execute", R"({"input":{"name":"Ada"},"wait":5})");
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(text_at(response, "/status"), "completed");
  EXPECT_EQ(text_at(response, "/output/hello/name"), "Ada");
  EXPECT_EQ(text_at(response, "/tasks/0/status"), "completed");
  EXPECT_EQ(at(response, "/task_counts/completed"), Json(1));
}

TEST(Executions, waiting_in_vain_is_202) {
  TestWorld world;
  world.create_workflow(std::string(held_definition));
  auto response = world.call("POST", "/api/workflows/patience/execute?wait=0.05", "{}");
  EXPECT_EQ(response.status, 202) << response.body;
  EXPECT_EQ(text_at(response, "/status"), "running");
  world.runners().release();
}

TEST(Executions, a_failed_execution_says_which_task_failed_and_why) {
  TestWorld world;
  world.create_workflow(R"({"name":"f","tasks":{"call":{"component":"broken","action":"x"}}})");
  auto response = world.call("POST", "/api/executions", R"({"workflowId":"f","wait":5})");
  ASSERT_EQ(response.status, 200) << response.body;
  EXPECT_EQ(text_at(response, "/status"), "failed");
  EXPECT_EQ(text_at(response, "/error/code"), "connection");
  EXPECT_EQ(text_at(response, "/tasks/0/error/detail"), "nobody answers");
}

TEST(Executions, a_start_without_room_is_429_before_it_is_read) {
  engine::EngineOptions full;
  full.mailbox_max = 0;
  TestWorld world({}, full);
  world.create_workflow(std::string(echo_definition));
  auto response = world.call("POST", "/api/workflows/greeting/execute", "no JSON");
  EXPECT_EQ(response.status, 429) << response.body;
  EXPECT_EQ(text_at(response, "/code"), "overloaded");
  EXPECT_EQ(response.headers.get("Retry-After"), "1");
  EXPECT_EQ(at(world.call("GET", "/status"), "/engine/overloads_total"), Json(1));
  auto metrics = world.call("GET", "/metrics");
  EXPECT_NE(metrics.body.find("harmonia_engine_overloads_total 1\n"), std::string::npos);
}

TEST(Executions, a_bad_start_is_400_that_names_every_member) {
  TestWorld world;
  world.create_workflow(std::string(echo_definition));
  auto response = world.call("POST", "/api/workflows/greeting/execute",
                             R"({"input":[],"tags":[1],"wait":"x","colour":1})");
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(at(response, "/errors").get_array().size(), 4u) << response.body;
  for (std::string body : {"[]", "5", "\"x\"", R"({"wait":-1})", R"({"wait":1e9})", "{\"a\"",
                           R"({"workflow_id":5})"}) {
    EXPECT_EQ(world.call("POST", "/api/executions", body).status, 400) << body;
  }
}

TEST(Executions, a_deep_body_is_refused) {
  TestWorld world;
  world.create_workflow(std::string(echo_definition));
  std::string body = "{\"input\":{\"a\":" + std::string(5000, '[') + std::string(5000, ']') + "}}";
  auto response = world.call("POST", "/api/workflows/greeting/execute", body);
  EXPECT_EQ(response.status, 400);
}

TEST(Executions, a_repeated_key_starts_one_run) {
  TestWorld world;
  world.create_workflow(std::string(echo_definition));
  TestWorld::Headers key = {{"Idempotency-Key", "order-7"}};
  std::string body = R"({"input":{"name":"Ada"}})";
  auto first = world.call("POST", "/api/workflows/greeting/execute", body, key);
  ASSERT_TRUE(world.wait_for_status(text_at(first, "/id"), "completed"));
  auto again = world.call("POST", "/api/v1/workflows/greeting/execute", body, key);
  EXPECT_EQ(again.status, 202);
  EXPECT_EQ(again.body, first.body);
  EXPECT_EQ(again.headers.get("Idempotency-Replayed"), "true");
  EXPECT_EQ(at(world.call("GET", "/api/executions"), "/items").get_array().size(), 1u);
  auto other = world.call("POST", "/api/workflows/greeting/execute", "{}", key);
  EXPECT_EQ(other.status, 422) << other.body;
  auto waited = world.call("POST", "/api/workflows/greeting/execute?wait=5", body, key);
  EXPECT_EQ(waited.status, 200) << waited.body;
  EXPECT_EQ(text_at(waited, "/id"), text_at(first, "/id"));
}

TEST(Executions, pause_resume_and_cancel_answer_with_the_summary) {
  TestWorld world;
  world.create_workflow(std::string(held_definition));
  std::string path = "/api/executions/" + world.execute("patience");
  EXPECT_EQ(text_at(world.call("POST", path + "/pause"), "/status"), "paused");
  EXPECT_EQ(text_at(world.call("POST", path + "/resume", "{}"), "/status"), "running");
  auto canceled = world.call("POST", path + "/cancel", R"({"reason":"no longer wanted"})");
  EXPECT_EQ(canceled.status, 200);
  EXPECT_EQ(text_at(canceled, "/status"), "canceled");
  EXPECT_EQ(text_at(world.call("GET", path), "/cancel_reason"), "no longer wanted");
  EXPECT_EQ(world.call("POST", path + "/resume").status, 409);
}

TEST(Executions, an_unknown_execution_is_404_everywhere) {
  TestWorld world;
  for (std::string id : {"00000000-0000-7000-8000-000000000000", "7", "%ff"}) {
    std::string path = "/api/executions/" + id;
    for (std::string rest : {"", "/history", "/tasks"}) {
      auto response = world.call("GET", path + rest);
      EXPECT_EQ(response.status, 404) << path << rest;
      EXPECT_TRUE(parse_json(response.body).ok()) << response.body;
    }
    for (std::string rest : {"/cancel", "/pause", "/resume"}) {
      EXPECT_EQ(world.call("POST", path + rest).status, 404) << path << rest;
    }
  }
}

TEST(Executions, the_etag_of_an_execution_is_its_version) {
  TestWorld world;
  world.create_workflow(std::string(echo_definition));
  std::string id = world.execute("greeting", R"({"input":{"name":"Ada"}})");
  ASSERT_TRUE(world.wait_for_status(id, "completed"));
  auto response = world.call("GET", "/api/executions/" + id);
  std::string etag(response.headers.get("ETag"));
  EXPECT_EQ(etag, "\"" + to_text(at(response, "/version")) + "\"");
  auto again = world.call("GET", "/api/executions/" + id, "", {{"If-None-Match", "W/" + etag}});
  EXPECT_EQ(again.status, 304);
}

TEST(Executions, lists_are_filtered_by_status_workflow_tag_text_and_time) {
  TestWorld world;
  world.create_workflow(std::string(echo_definition));
  std::string held = world.create_workflow(std::string(held_definition));
  std::string done = world.execute("greeting", R"({"input":{"name":"Ada"},"tags":["vip"]})");
  world.execute("patience");
  ASSERT_TRUE(world.wait_for_status(done, "completed"));
  auto count = [&world](const std::string& query) {
    auto response = world.call("GET", "/api/executions?" + query);
    EXPECT_EQ(response.status, 200) << query << response.body;
    return at(response, "/items").get_array().size();
  };
  EXPECT_EQ(count("status=running"), 1u);
  EXPECT_EQ(count("status=running,completed"), 2u);
  EXPECT_EQ(count("status=running&status=completed"), 2u);
  EXPECT_EQ(count("status=cancelled"), 0u);
  EXPECT_EQ(count("workflow_id=" + held), 1u);
  EXPECT_EQ(count("workflow_id=greeting"), 1u);
  EXPECT_EQ(count("tag=vip"), 1u);
  EXPECT_EQ(count("tag=demo"), 1u);
  EXPECT_EQ(count("text=greet"), 1u);
  EXPECT_EQ(count("created_from=2020-01-01T00:00:00Z"), 2u);
  EXPECT_EQ(count("created_before=2020-01-01T00:00:00Z"), 0u);
  for (std::string query : {"status=happy", "created_from=yesterday", "workflow=x"}) {
    EXPECT_EQ(world.call("GET", "/api/executions?" + query).status, 400) << query;
  }
  EXPECT_EQ(world.call("GET", "/api/executions?workflow_id=nobody").status, 404);
}

TEST(Executions, the_history_is_paged_and_complete) {
  TestWorld world;
  world.create_workflow(
      R"({"name":"f","tasks":{"call":{"component":"flaky","action":"x","input":{"a":1},
          "retry_policy":{"max_retries":2,"initial_delay":0.01}}}})");
  auto run = world.call("POST", "/api/workflows/f/execute?wait=5", "{}");
  ASSERT_EQ(text_at(run, "/status"), "completed") << run.body;
  std::string target = "/api/executions/" + text_at(run, "/id") + "/history?limit=2";
  std::vector<std::string> names;
  std::int64_t seq = 0;
  for (int pages = 0; pages < 10 && !target.empty(); ++pages) {
    auto page = world.call("GET", target);
    Json items = at(page, "/items");
    for (const Json& event : items.get_array()) {
      EXPECT_EQ(get_int(event.get_object(), "seq"), ++seq);
      names.push_back(get_string(event.get_object(), "event_type"));
    }
    std::string link(page.headers.get("Link"));
    target = link.empty() ? "" : link.substr(1, link.find('>') - 1);
  }
  std::vector<std::string> expected = {"workflow_started", "task_started",   "retry_attempted",
                                       "task_started",     "task_completed", "workflow_completed"};
  EXPECT_EQ(names, expected);
}

TEST(Executions, events_have_the_details_tekton_knows) {
  TestWorld world;
  world.create_workflow(
      R"({"name":"f","tasks":{"call":{"component":"broken","action":"x",
          "retry_policy":{"max_retries":1,"initial_delay":0.01}}}})");
  auto run = world.call("POST", "/api/workflows/f/execute?wait=5", "{}");
  auto page = world.call("GET", "/api/executions/" + text_at(run, "/id") + "/history");
  EXPECT_EQ(text_at(page, "/items/0/details/workflow_name"), "f");
  EXPECT_EQ(text_at(page, "/items/1/details/task_name"), "call");
  EXPECT_EQ(at(page, "/items/2/details/retry_count"), Json(1));
  EXPECT_EQ(at(page, "/items/2/details/max_retries"), Json(1));
  EXPECT_EQ(text_at(page, "/items/2/details/error"), "nobody answers");
  EXPECT_EQ(at(page, "/items/4/details/retries"), Json(1));
  EXPECT_EQ(text_at(page, "/items/4/task_id"), "call");
  EXPECT_EQ(text_at(page, "/items/5/details/failed_tasks/0"), "call") << page.body;
}

TEST(Executions, tasks_are_paged) {
  TestWorld world;
  world.create_workflow(
      R"({"name":"two","tasks":{"a":{"component":"echo","action":"x"},
          "b":{"component":"echo","action":"x","depends_on":["a"]}}})");
  auto run = world.call("POST", "/api/workflows/two/execute?wait=5", "{}");
  std::string path = "/api/executions/" + text_at(run, "/id") + "/tasks";
  auto first = world.call("GET", path + "?limit=1");
  EXPECT_EQ(text_at(first, "/items/0/path"), "a");
  EXPECT_EQ(at(first, "/next_offset"), Json(1));
  EXPECT_EQ(at(first, "/total"), Json(2));
  auto second = world.call("GET", path + "?limit=1&offset=1");
  EXPECT_EQ(text_at(second, "/items/0/path"), "b");
  EXPECT_EQ(at(second, "/next_offset"), Json(nullptr));
}

TEST(Executions, the_request_id_is_in_the_context_of_the_run) {
  TestWorld world;
  world.create_workflow(std::string(held_definition));
  auto response = world.call("POST", "/api/workflows/patience/execute", "{}",
                             {{"X-Request-ID", "r-1"}, {"X-User-ID", "ada"}});
  EXPECT_EQ(response.headers.get("X-Request-ID"), "r-1");
  auto run = world.call("GET", "/api/executions/" + text_at(response, "/id"));
  EXPECT_EQ(text_at(run, "/context/request_id"), "r-1");
  EXPECT_EQ(text_at(run, "/context/user_id"), "ada");
}

}  // namespace
}  // namespace harmonia::api
