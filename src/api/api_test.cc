#include "api/api.h"

#include <gtest/gtest.h>

#include "api/test_world.h"
#include "workflow/definition_schema.h"

namespace harmonia::api {
namespace {

TEST(Api, an_unknown_path_is_a_problem_404) {
  TestWorld world;
  for (std::string path : {"/nothing", "/api", "/api/v1", "/api/workflows/", "//", "/%zz",
                           "/api/v1/v1/workflows", "/a/b/c/d/e/f/g/h/i/j/k/l/m/n/o/p/q/r"}) {
    auto response = world.call("GET", path);
    EXPECT_EQ(response.status, 404) << path;
    EXPECT_EQ(response.headers.get("Content-Type"), "application/problem+json");
    EXPECT_EQ(at(response, "/status"), Json(404));
  }
}

TEST(Api, a_malformed_escape_in_a_parameter_is_400) {
  TestWorld world;
  EXPECT_EQ(world.call("GET", "/api/workflows/%zz").status, 400);
}

TEST(Api, another_method_is_405_with_those_allowed) {
  TestWorld world;
  auto response = world.call("PATCH", "/api/workflows");
  EXPECT_EQ(response.status, 405);
  EXPECT_EQ(response.headers.get("Allow"), "OPTIONS, POST, GET, HEAD");
}

TEST(Api, who_does_not_take_json_gets_406) {
  TestWorld world;
  auto refused = world.call("GET", "/api/workflows", "", {{"Accept", "text/html"}});
  EXPECT_EQ(refused.status, 406);
  auto browser = world.call("GET", "/api/workflows", "", {{"Accept", "text/html,*/*;q=0.8"}});
  EXPECT_EQ(browser.status, 200);
}

TEST(Api, hostile_requests_are_refused_with_a_readable_problem) {
  TestWorld world;
  world.create_workflow(std::string(echo_definition));
  std::string long_text(20'000, 'a');
  std::vector<std::string> targets = {"/api/executions?cursor=%00garbage",
                                      "/api/workflows?cursor=garbage",
                                      "/api/executions?cursor=" + long_text,
                                      "/api/executions?limit=-1",
                                      "/api/executions?limit=1e3",
                                      "/api/executions?offset=99999999999999999999999",
                                      "/api/executions?created_from=%F0%28%8C%28",
                                      "/api/executions?status=%27%3B%20DROP%20TABLE",
                                      "/api/workflows/" + long_text,
                                      "/api/workflows/%C3%28",
                                      "/api/workflows/a%2Fb%00c",
                                      "/api/workflows/greeting/versions/-1"};
  for (const std::string& target : targets) {
    auto response = world.call("GET", target);
    EXPECT_GE(response.status, 400) << target.substr(0, 80);
    EXPECT_LT(response.status, 500) << target.substr(0, 80) << response.body;
    EXPECT_TRUE(parse_json(response.body).ok()) << response.body;
    EXPECT_LT(response.body.size(), 2000u);
  }
  std::vector<std::string> bodies = {
      "\xff\xfe",          "{\"input\":{\"a\":\"\xc3\x28\"}}", "{\"a\":1,\"a\":2}", "nul", "{} {}",
      "{\"input\":1e999}", std::string(200'000, '['),          std::string(1, '\0')};
  for (const std::string& body : bodies) {
    auto response = world.call("POST", "/api/workflows/greeting/execute", body);
    EXPECT_EQ(response.status, 400) << body.substr(0, 40);
    EXPECT_TRUE(parse_json(response.body).ok()) << response.body;
    response = world.call("POST", "/api/workflows", body);
    EXPECT_TRUE(response.status == 400 || response.status == 422) << body.substr(0, 40);
    EXPECT_TRUE(parse_json(response.body).ok()) << response.body;
  }
}

TEST(Api, head_is_like_get) {
  TestWorld world;
  EXPECT_EQ(world.call("HEAD", "/api/workflows").status, 200);
  EXPECT_EQ(world.call("HEAD", "/nothing").status, 404);
}

TEST(Api, every_answer_has_a_request_id) {
  TestWorld world;
  EXPECT_EQ(
      world.call("GET", "/health", "", {{"X-Request-ID", "abc-1"}}).headers.get("X-Request-ID"),
      "abc-1");
  auto made = world.call("GET", "/nothing", "", {{"X-Request-ID", "a b\x01"}});
  EXPECT_TRUE(parse_uuid(made.headers.get("X-Request-ID")).has_value());
}

TEST(Api, an_allowed_origin_gets_cors_headers_and_another_does_not) {
  TestWorld world;
  auto allowed =
      world.call("OPTIONS", "/api/workflows", "",
                 {{"Origin", "http://localhost:8080"}, {"Access-Control-Request-Method", "POST"}});
  EXPECT_EQ(allowed.status, 204);
  EXPECT_EQ(allowed.headers.get("Access-Control-Allow-Origin"), "http://localhost:8080");
  EXPECT_NE(allowed.headers.get("Access-Control-Allow-Methods").find("POST"), std::string::npos);
  auto refused = world.call("GET", "/api/workflows", "", {{"Origin", "http://evil.example"}});
  EXPECT_FALSE(refused.headers.has("Access-Control-Allow-Origin"));
}

TEST(Api, health_is_always_200_and_readiness_follows_its_port) {
  TestWorld world;
  auto health = world.call("GET", "/health");
  EXPECT_EQ(health.status, 200);
  EXPECT_EQ(text_at(health, "/status"), "healthy");
  EXPECT_EQ(text_at(health, "/component"), "harmonia");
  EXPECT_EQ(world.call("GET", "/ready").status, 200);
}

TEST(Api, a_disk_that_takes_no_writes_is_told_with_reason_and_time_and_refuses_new_work) {
  TestWorld world;
  std::string workflow = world.create_workflow(std::string(echo_definition));
  world.disk().state = {.writable = false,
                        .fault = "the disk is full",
                        .since = from_micros(1'767'225'600'000'000),
                        .faults_total = 1};
  auto health = world.call("GET", "/health");
  EXPECT_EQ(health.status, 200);
  EXPECT_EQ(text_at(health, "/status"), "degraded");
  EXPECT_EQ(text_at(health, "/reason"), "the disk is full");
  EXPECT_EQ(text_at(health, "/since"), "2026-01-01T00:00:00.000000Z");
  EXPECT_EQ(text_at(health, "/checks/0/status"), "failing");
  EXPECT_EQ(text_at(health, "/checks/1/status"), "ok");
  std::string metrics = world.call("GET", "/metrics").body;
  EXPECT_NE(metrics.find("\nharmonia_store_writable 0\n"), std::string::npos) << metrics;
  EXPECT_NE(metrics.find("\nharmonia_store_degraded 1\n"), std::string::npos);
  EXPECT_NE(metrics.find("\nharmonia_store_faults_total 1\n"), std::string::npos);
  auto refused = world.call("POST", "/api/workflows/" + workflow + "/execute", "{}");
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(text_at(refused, "/code"), "storage");
  EXPECT_EQ(refused.headers.get("Retry-After"), "1");
  EXPECT_EQ(world.call("GET", "/api/workflows/" + workflow).status, 200);
  world.disk().state = {};
  EXPECT_EQ(text_at(world.call("GET", "/health"), "/status"), "healthy");
}

TEST(Api, the_root_is_json_for_programs_and_a_page_for_browsers) {
  TestWorld world;
  EXPECT_EQ(text_at(world.call("GET", "/"), "/name"), "Harmonia Workflow System");
  auto page = world.call("GET", "/", "", {{"Accept", "text/html,*/*;q=0.8"}});
  EXPECT_EQ(page.headers.get("Content-Type"), "text/html; charset=utf-8");
  EXPECT_EQ(world.call("GET", "/docs").status, 200);
  EXPECT_EQ(world.call("GET", "/docs/errors").status, 200);
}

TEST(Api, the_schema_of_definitions_is_there_for_editors) {
  TestWorld world;
  auto response = world.call("GET", "/api/schemas/workflow.json");
  EXPECT_EQ(response.headers.get("Content-Type"), "application/schema+json");
  EXPECT_EQ(response.body, workflow::definition_schema());
  TestWorld::Headers known = {{"If-None-Match", std::string(response.headers.get("ETag"))}};
  EXPECT_EQ(world.call("GET", "/api/v1/schemas/workflow.json", "", known).status, 304);
}

TEST(Api, metrics_count_requests_by_route_and_status) {
  TestWorld world;
  world.call("GET", "/api/workflows");
  world.call("GET", "/nothing");
  auto text = world.call("GET", "/metrics");
  EXPECT_EQ(text.headers.get("Content-Type"), "text/plain; version=0.0.4; charset=utf-8");
  EXPECT_NE(text.body.find("harmonia_http_requests_total{method=\"GET\",route=\"/api/workflows\","
                           "status=\"200\"} 1\n"),
            std::string::npos)
      << text.body;
  EXPECT_NE(text.body.find("route=\"none\",status=\"404\"} 1\n"), std::string::npos);
  auto open = world.call("GET", "/metrics", "", {{"Accept", "application/openmetrics-text"}});
  EXPECT_TRUE(open.body.ends_with("# EOF\n"));
  EXPECT_NE(open.body.find("# TYPE harmonia_http_requests counter\n"), std::string::npos);
}

TEST(Api, components_are_those_of_the_port) {
  TestWorld world;
  auto response = world.call("GET", "/api/components");
  EXPECT_EQ(text_at(response, "/items/0/name"), "echo");
  EXPECT_EQ(text_at(response, "/items/0/actions/0/name"), "say");
}

TEST(Api, a_web_socket_by_plain_http_is_426) {
  TestWorld world;
  EXPECT_EQ(world.call("GET", "/ws/workflows").status, 426);
}

}  // namespace
}  // namespace harmonia::api
