#include <gtest/gtest.h>

#include "api/test_world.h"

namespace harmonia::api {
namespace {

TEST(Workflows, a_created_workflow_has_a_location_an_etag_and_an_id) {
  TestWorld world;
  auto response = world.call("POST", "/api/workflows", std::string(echo_definition));
  ASSERT_EQ(response.status, 201) << response.body;
  std::string id = text_at(response, "/id");
  EXPECT_TRUE(parse_uuid(id).has_value());
  EXPECT_EQ(response.headers.get("Location"), "/api/workflows/" + id);
  EXPECT_EQ(response.headers.get("ETag"), "\"1\"");
  EXPECT_EQ(text_at(response, "/name"), "greeting");
  EXPECT_EQ(text_at(response, "/tasks/hello/component"), "echo");
}

TEST(Workflows, yaml_is_taken_by_its_content_type) {
  TestWorld world;
  std::string yaml = "name: from-yaml\ntasks:\n  a: {component: echo, action: say}\n";
  auto response =
      world.call("POST", "/api/workflows", yaml, {{"Content-Type", "application/yaml"}});
  EXPECT_EQ(response.status, 201) << response.body;
  EXPECT_EQ(text_at(response, "/name"), "from-yaml");
}

TEST(Workflows, another_media_type_is_refused) {
  TestWorld world;
  auto response = world.call("POST", "/api/workflows", "a,b", {{"Content-Type", "text/csv"}});
  EXPECT_EQ(response.status, 415);
  EXPECT_EQ(response.headers.get("Content-Type"), "application/problem+json");
}

TEST(Workflows, an_invalid_definition_is_422_with_every_error_at_its_place) {
  TestWorld world;
  std::string text = "{\n \"name\": 5,\n \"tasks\": {\"a\": {\"depends_on\": [\"b\"]}}\n}";
  auto response = world.call("POST", "/api/workflows", text);
  ASSERT_EQ(response.status, 422) << response.body;
  EXPECT_EQ(text_at(response, "/code"), "invalid_definition");
  EXPECT_EQ(text_at(response, "/type"), "/docs/errors#invalid_definition");
  ASSERT_TRUE(at(response, "/errors").is_array());
  EXPECT_GE(at(response, "/errors").get_array().size(), 2u);
  EXPECT_EQ(text_at(response, "/errors/0/severity"), "error");
  EXPECT_TRUE(at(response, "/errors/0/line").is_int64());
}

TEST(Workflows, malformed_json_is_400_with_line_and_column) {
  TestWorld world;
  auto response = world.call("POST", "/api/workflows", "{\n \"name\": }");
  EXPECT_EQ(response.status, 400);
  EXPECT_EQ(text_at(response, "/code"), "malformed_json");
  EXPECT_EQ(at(response, "/errors/0/line"), Json(2));
  EXPECT_EQ(at(response, "/errors/0/column"), Json(10));
}

TEST(Workflows, a_workflow_is_found_by_id_and_by_name_under_both_prefixes) {
  TestWorld world;
  std::string id = world.create_workflow(std::string(echo_definition));
  EXPECT_EQ(text_at(world.call("GET", "/api/workflows/" + id), "/id"), id);
  EXPECT_EQ(text_at(world.call("GET", "/api/workflows/greeting"), "/id"), id);
  EXPECT_EQ(text_at(world.call("GET", "/api/v1/workflows/greeting"), "/id"), id);
  EXPECT_EQ(world.call("GET", "/api/workflows/nobody").status, 404);
  EXPECT_EQ(world.call("GET", "/api/workflows/00000000-0000-7000-8000-000000000000").status, 404);
}

TEST(Workflows, an_unchanged_workflow_is_304) {
  TestWorld world;
  world.create_workflow(std::string(echo_definition));
  auto response = world.call("GET", "/api/workflows/greeting", "", {{"If-None-Match", "\"1\""}});
  EXPECT_EQ(response.status, 304);
  EXPECT_EQ(response.body, "");
  EXPECT_EQ(response.headers.get("ETag"), "\"1\"");
}

TEST(Workflows, what_was_read_can_be_written_back_as_a_new_revision) {
  TestWorld world;
  world.create_workflow(std::string(echo_definition));
  auto read = world.call("GET", "/api/workflows/greeting");
  auto written = world.call("PUT", "/api/workflows/greeting", read.body, {{"If-Match", "\"1\""}});
  ASSERT_EQ(written.status, 200) << written.body;
  EXPECT_EQ(at(written, "/revision"), Json(2));
  EXPECT_EQ(written.headers.get("ETag"), "\"2\"");
}

TEST(Workflows, a_stale_write_is_412) {
  TestWorld world;
  world.create_workflow(std::string(echo_definition));
  std::string body(echo_definition);
  EXPECT_EQ(world.call("PUT", "/api/workflows/greeting", body, {{"If-Match", "\"1\""}}).status,
            200);
  EXPECT_EQ(world.call("PUT", "/api/workflows/greeting", body, {{"If-Match", "\"1\""}}).status,
            412);
  EXPECT_EQ(world.call("DELETE", "/api/workflows/greeting", "", {{"If-Match", "\"1\""}}).status,
            412);
  EXPECT_EQ(world.call("PUT", "/api/workflows/greeting", body).status, 200);
}

TEST(Workflows, a_deleted_workflow_is_gone_but_its_versions_by_number_are_not_needed) {
  TestWorld world;
  std::string id = world.create_workflow(std::string(echo_definition));
  EXPECT_EQ(world.call("DELETE", "/api/workflows/" + id).status, 204);
  EXPECT_EQ(world.call("GET", "/api/workflows/" + id).status, 404);
  EXPECT_EQ(world.call("DELETE", "/api/workflows/" + id).status, 404);
  EXPECT_EQ(world.call("POST", "/api/workflows/" + id + "/execute", "{}").status, 404);
}

TEST(Workflows, a_given_id_is_kept_and_taken_ids_conflict) {
  TestWorld world;
  std::string id = "0190a7e4-0000-7000-8000-000000000001";
  std::string body = "{\"id\":\"" + id + "\"," + std::string(echo_definition).substr(1);
  EXPECT_EQ(world.create_workflow(body), id);
  EXPECT_EQ(world.call("POST", "/api/workflows", body).status, 409);
  std::string bad = "{\"id\":\"7\"," + std::string(echo_definition).substr(1);
  EXPECT_EQ(world.call("POST", "/api/workflows", bad).status, 400);
}

TEST(Workflows, a_list_is_paged_and_its_link_leads_on) {
  TestWorld world;
  for (std::string name : {"a", "b", "c"}) {
    world.create_workflow("{\"name\":\"" + name +
                          "\",\"tasks\":{\"t\":{\"component\":\"echo\",\"action\":\"x\"}}}");
  }
  auto first = world.call("GET", "/api/workflows?limit=2");
  EXPECT_EQ(at(first, "/items").get_array().size(), 2u);
  std::string link(first.headers.get("Link"));
  ASSERT_NE(link.find("rel=\"next\""), std::string::npos) << first.body;
  std::string target = link.substr(1, link.find('>') - 1);
  auto second = world.call("GET", target);
  EXPECT_EQ(at(second, "/items").get_array().size(), 1u) << target;
  EXPECT_EQ(at(second, "/next_cursor"), Json(nullptr));
  EXPECT_FALSE(second.headers.has("Link"));
}

TEST(Workflows, lists_are_filtered_by_tag_and_text) {
  TestWorld world;
  world.create_workflow(std::string(echo_definition));
  world.create_workflow(std::string(held_definition));
  EXPECT_EQ(at(world.call("GET", "/api/workflows?tag=demo"), "/items").get_array().size(), 1u);
  EXPECT_EQ(at(world.call("GET", "/api/workflows?text=pati"), "/items").get_array().size(), 1u);
  EXPECT_EQ(at(world.call("GET", "/api/workflows"), "/items").get_array().size(), 2u);
}

TEST(Workflows, bad_query_parameters_are_400_that_name_them) {
  TestWorld world;
  for (std::string query : {"limit=0", "limit=1001", "limit=99999999999999999999", "limit=x",
                            "offset=-1", "colour=red", "tag=%FF"}) {
    auto response = world.call("GET", "/api/workflows?" + query);
    EXPECT_EQ(response.status, 400) << query << response.body;
    EXPECT_TRUE(parse_json(response.body).ok());
  }
}

TEST(Workflows, validation_is_200_with_findings_and_the_canonical_form) {
  TestWorld world;
  auto good = world.call("POST", "/api/workflows/validate", std::string(echo_definition));
  EXPECT_EQ(good.status, 200);
  EXPECT_EQ(at(good, "/valid"), Json(true));
  EXPECT_EQ(text_at(good, "/canonical/name"), "greeting");
  auto bad = world.call("POST", "/api/workflows/validate", "{\"name\": 1}");
  EXPECT_EQ(bad.status, 200);
  EXPECT_EQ(at(bad, "/valid"), Json(false));
  EXPECT_GE(at(bad, "/problems").get_array().size(), 1u);
  auto malformed = world.call("POST", "/api/workflows/validate", "{");
  EXPECT_EQ(malformed.status, 200);
  EXPECT_EQ(at(malformed, "/valid"), Json(false));
  EXPECT_EQ(at(world.call("GET", "/api/workflows"), "/items").get_array().size(), 0u);
}

TEST(Workflows, findings_have_line_column_and_excerpt_in_the_text_that_was_sent) {
  TestWorld world;
  TestWorld::Headers yaml = {{"Content-Type", "application/yaml"}};
  auto in_yaml =
      world.call("POST", "/api/workflows/validate", "name: x\ntasks:\n  a: { type: sett }\n", yaml);
  EXPECT_EQ(at(in_yaml, "/problems/0/line"), Json(3));
  EXPECT_EQ(at(in_yaml, "/problems/0/column"), Json(14));
  EXPECT_EQ(text_at(in_yaml, "/problems/0/excerpt"), "  a: { type: sett }\n             ^");
  EXPECT_NE(text_at(in_yaml, "/problems/0/hint"), "");

  auto in_json = world.call("POST", "/api/workflows/validate",
                            "{\"name\": \"x\",\n \"tasks\": {\"a\": {\"type\": \"sett\"}}}");
  EXPECT_EQ(at(in_json, "/problems/0/line"), Json(2));
  EXPECT_EQ(text_at(in_json, "/problems/0/excerpt"),
            " \"tasks\": {\"a\": {\"type\": \"sett\"}}}\n                         ^");

  // What the server shows may come back and be checked; its own members hide no places.
  auto returned =
      world.call("POST", "/api/workflows/validate",
                 "{\"revision\": 3, \"name\": \"x\",\n\"tasks\": {\"a\": {\"type\": 5}}}");
  EXPECT_EQ(at(returned, "/problems/0/line"), Json(2)) << returned.body;

  auto malformed = world.call("POST", "/api/workflows/validate", "{\"name\" 1}");
  EXPECT_EQ(text_at(malformed, "/problems/0/excerpt"), "{\"name\" 1}\n        ^");
  auto refused =
      world.call("POST", "/api/workflows", "name: x\ntasks: { a: { type: sett } }", yaml);
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(at(refused, "/errors/0/line"), Json(2));
  EXPECT_NE(text_at(refused, "/errors/0/excerpt"), "");
}

TEST(Workflows, a_repeated_key_gets_the_first_answer_and_makes_nothing) {
  TestWorld world;
  TestWorld::Headers key = {{"Idempotency-Key", "k-1"}};
  auto first = world.call("POST", "/api/workflows", std::string(echo_definition), key);
  auto again = world.call("POST", "/api/workflows", std::string(echo_definition), key);
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.body, first.body);
  EXPECT_FALSE(first.headers.has("Idempotency-Replayed"));
  EXPECT_EQ(again.headers.get("Idempotency-Replayed"), "true");
  EXPECT_EQ(at(world.call("GET", "/api/workflows"), "/items").get_array().size(), 1u);
  auto other = world.call("POST", "/api/workflows", std::string(held_definition), key);
  EXPECT_EQ(other.status, 422);
  EXPECT_EQ(text_at(other, "/code"), "idempotency_mismatch");
}

TEST(Workflows, an_export_imports_as_the_same_workflow) {
  TestWorld world;
  world.create_workflow(std::string(echo_definition));
  for (auto [format, type] :
       {std::pair("yaml", "application/yaml"), {"json", "application/json"}}) {
    auto text = world.call("GET", std::string("/api/workflows/greeting/export?format=") + format);
    ASSERT_EQ(text.status, 200) << text.body;
    EXPECT_EQ(text.headers.get("Content-Type"), type);
    EXPECT_EQ(text.body.find("revision"), std::string::npos) << "nothing of the server is in it";
    auto again = world.call("PUT", "/api/workflows/greeting", text.body, {{"Content-Type", type}});
    ASSERT_EQ(again.status, 200) << again.body;
    EXPECT_EQ(
        world.call("GET", std::string("/api/workflows/greeting/export?format=") + format).body,
        text.body);
  }
  EXPECT_EQ(world.call("GET", "/api/workflows/greeting/export").headers.get("Content-Type"),
            "application/yaml");
}

TEST(Workflows, an_export_can_be_a_drawing) {
  TestWorld world;
  world.create_workflow(std::string(echo_definition));
  auto mermaid = world.call("GET", "/api/workflows/greeting/export?format=mermaid");
  EXPECT_NE(mermaid.body.find("flowchart TD\n"), std::string::npos) << mermaid.body;
  auto dot = world.call("GET", "/api/workflows/greeting/export?format=dot");
  EXPECT_TRUE(dot.body.starts_with("digraph \"greeting\" {\n")) << dot.body;
  EXPECT_EQ(world.call("GET", "/api/workflows/greeting/export?format=svg").status, 400);
  EXPECT_EQ(world.call("GET", "/api/workflows/nobody/export").status, 404);
}

TEST(Workflows, every_revision_can_be_read) {
  TestWorld world;
  world.create_workflow(std::string(echo_definition));
  world.call("PUT", "/api/workflows/greeting", std::string(echo_definition));
  auto versions = world.call("GET", "/api/workflows/greeting/versions");
  EXPECT_EQ(at(versions, "/items").get_array().size(), 2u);
  EXPECT_EQ(at(versions, "/items/0/revision"), Json(2));
  EXPECT_EQ(at(world.call("GET", "/api/workflows/greeting/versions/1"), "/revision"), Json(1));
  for (std::string revision : {"0", "3", "x", "99999999999"}) {
    EXPECT_EQ(world.call("GET", "/api/workflows/greeting/versions/" + revision).status, 404);
  }
}

}  // namespace
}  // namespace harmonia::api
