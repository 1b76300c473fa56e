#include <gtest/gtest.h>

#include "api/approval_form.h"
#include "api/test_world.h"

namespace harmonia::api {
namespace {

constexpr std::string_view trip_definition = R"({
  "name": "trip",
  "tasks": {
    "check": {"type": "approval", "title": "Trip to ${input.city}",
              "assignees": ["ada", "bob"], "on_reject": "continue",
              "form": {"type": "object", "required": ["amount"],
                       "properties": {"amount": {"type": "number", "minimum": 1},
                                      "hotel": {"type": "boolean"},
                                      "class": {"enum": ["first", 2]},
                                      "days": {"type": "array"}}}}
  }
})";

std::string start_trip(TestWorld& world, const std::string& city = "Oslo") {
  return world.execute("trip", R"({"input":{"city":")" + city + "\"}}");
}

struct TripWorld : TestWorld {
  TripWorld() { create_workflow(std::string(trip_definition)); }
};

TEST(Approvals, what_waits_for_a_decision_is_listed_with_its_question) {
  TripWorld world;
  std::string id = start_trip(world);
  auto list = world.call("GET", "/api/approvals?status=pending");
  ASSERT_EQ(list.status, 200) << list.body;
  ASSERT_EQ(at(list, "/items").get_array().size(), 1u) << list.body;
  EXPECT_EQ(text_at(list, "/items/0/execution_id"), id);
  EXPECT_EQ(text_at(list, "/items/0/path"), "check");
  EXPECT_EQ(text_at(list, "/items/0/title"), "Trip to Oslo");
  EXPECT_EQ(text_at(list, "/items/0/assignees/1"), "bob");
  EXPECT_EQ(text_at(list, "/items/0/form/type"), "object");
  EXPECT_EQ(text_at(list, "/items/0/status"), "pending");
  EXPECT_EQ(at(list, "/next_cursor"), Json(nullptr));
}

TEST(Approvals, an_approval_that_was_decided_leaves_the_list) {
  TripWorld world;
  std::string id = start_trip(world);
  std::string self = text_at(world.call("GET", "/api/approvals"), "/items/0/links/self");
  auto answer = world.call("POST", self + "/approve",
                           R"({"data":{"amount":20},"comment":"enjoy","decided_by":"ada"})");
  ASSERT_EQ(answer.status, 200) << answer.body;
  EXPECT_EQ(text_at(answer, "/status"), "completed");
  auto run = world.call("GET", "/api/executions/" + id);
  EXPECT_EQ(text_at(run, "/output/check/decided_by"), "ada") << run.body;
  EXPECT_EQ(at(run, "/output/check/data/amount"), Json(20));
  EXPECT_TRUE(at(world.call("GET", "/api/approvals"), "/items").get_array().empty());
  auto approval = world.call("GET", self);
  EXPECT_EQ(text_at(approval, "/status"), "decided");
  EXPECT_EQ(at(approval, "/output/approved"), Json(true));
}

TEST(Approvals, a_second_decision_is_refused) {
  TripWorld world;
  start_trip(world);
  std::string self = text_at(world.call("GET", "/api/approvals"), "/items/0/links/self");
  EXPECT_EQ(world.call("POST", self + "/reject", R"({"comment":"no"})").status, 200);
  auto again = world.call("POST", self + "/approve", R"({"data":{"amount":20}})");
  EXPECT_EQ(again.status, 409) << again.body;
}

TEST(Approvals, data_that_does_not_match_the_form_decides_nothing) {
  TripWorld world;
  start_trip(world);
  std::string self = text_at(world.call("GET", "/api/approvals"), "/items/0/links/self");
  for (std::string body : {"{}", R"({"data":{"amount":0}})", R"({"data":7})"}) {
    auto answer = world.call("POST", self + "/approve", body);
    EXPECT_EQ(answer.status, 422) << body << answer.body;
    EXPECT_EQ(text_at(answer, "/code"), "schema");
  }
  EXPECT_EQ(text_at(world.call("GET", self), "/status"), "pending");
}

TEST(Approvals, they_are_filtered_by_assignee_and_by_workflow) {
  TripWorld world;
  world.create_workflow(R"({"name":"other","tasks":{"ok":{"type":"approval"}}})");
  start_trip(world);
  world.execute("other");
  auto count = [&](const std::string& query) {
    return at(world.call("GET", "/api/approvals" + query), "/items").get_array().size();
  };
  EXPECT_EQ(count(""), 2u);
  EXPECT_EQ(count("?assignee=ada"), 1u);
  EXPECT_EQ(count("?assignee=eve"), 0u);
  EXPECT_EQ(count("?workflow=other"), 1u);
  EXPECT_EQ(count("?workflow=other&assignee=ada"), 0u);
  EXPECT_EQ(world.call("GET", "/api/approvals?workflow=nobody").status, 404);
  EXPECT_EQ(world.call("GET", "/api/approvals?status=decided").status, 400);
  EXPECT_EQ(world.call("GET", "/api/approvals?cursor=x").status, 400);
}

TEST(Approvals, pages_lead_through_all_of_them_in_order) {
  TripWorld world;
  std::vector<std::string> started;
  for (int i = 0; i < 5; ++i) started.push_back(start_trip(world, std::to_string(i)));
  std::vector<std::string> listed;
  std::string target = "/api/approvals?limit=2";
  while (!target.empty()) {
    auto page = world.call("GET", target);
    Json items = at(page, "/items");
    for (const Json& item : items.get_array())
      listed.push_back(get_string(item.get_object(), "execution_id"));
    std::string link(page.headers.get("Link"));
    target = link.empty() ? "" : link.substr(1, link.find('>') - 1);
  }
  EXPECT_EQ(listed, started);
}

TEST(Approvals, a_path_with_brackets_and_slashes_works_escaped_and_plain) {
  TestWorld world;
  world.create_workflow(R"({"name":"all","tasks":{"orders":{"type":"map","items":[1,2,3],
      "do":{"approve":{"type":"approval","title":"Order ${item}"}}}}})");
  std::string id = world.execute("all");
  auto list = world.call("GET", "/api/approvals");
  ASSERT_EQ(at(list, "/items").get_array().size(), 3u) << list.body;
  EXPECT_EQ(text_at(list, "/items/2/links/self"),
            "/api/approvals/" + id + "/orders%5B2%5D%2Fapprove");
  std::string escaped = text_at(list, "/items/2/links/approve");
  EXPECT_EQ(world.call("POST", escaped).status, 200);
  std::string base = "/api/approvals/" + id;
  EXPECT_EQ(text_at(world.call("GET", base + "/orders[1]%2Fapprove"), "/title"), "Order 2");
  EXPECT_EQ(world.call("POST", base + "/orders[1]/approve/approve").status, 200);
  EXPECT_EQ(world.call("POST", "/api/v1/approvals/" + id + "/orders%5B0%5D/approve/approve").status,
            200);
  EXPECT_TRUE(world.wait_for_status(id, "completed"));
}

TEST(Approvals, only_approvals_can_be_approved) {
  TestWorld world;
  world.create_workflow(std::string(held_definition));
  std::string id = world.execute("patience");
  std::string base = "/api/approvals/" + id;
  EXPECT_EQ(world.call("GET", base + "/sleep").status, 404);
  EXPECT_EQ(world.call("POST", base + "/sleep/approve").status, 404);
  EXPECT_EQ(world.call("GET", base + "/nothing").status, 404);
  EXPECT_EQ(world.call("GET", "/api/approvals/7/sleep").status, 404);
  world.runners().release();
}

TEST(Approvals, the_user_of_the_request_decided_unless_the_body_names_somebody) {
  TestWorld world;
  world.create_workflow(R"({"name":"w","tasks":{"ok":{"type":"approval"}}})");
  std::string id = world.execute("w");
  world.call("POST", "/api/approvals/" + id + "/ok/approve", "", {{"X-User-ID", "eve"}});
  auto run = world.call("GET", "/api/executions/" + id);
  EXPECT_EQ(text_at(run, "/output/ok/decided_by"), "eve") << run.body;
}

const TestWorld::Headers form_headers = {{"Content-Type", "application/x-www-form-urlencoded"}};

// The link of the first approval, without the server's address.
std::string page_of(const net::Response& list) {
  std::string page = text_at(list, "/items/0/links/page");
  EXPECT_TRUE(page.starts_with("http://127.0.0.1:8007/approvals/")) << list.body;
  return page.substr(std::min(page.size(), page.find("/approvals/")));
}

TEST(ApprovalPage, opening_the_page_decides_nothing_and_sending_its_form_does) {
  TripWorld world;
  std::string id = start_trip(world, "<Oslo>");
  auto list = world.call("GET", "/api/approvals");
  std::string page = page_of(list);
  auto shown = world.call("GET", page);
  ASSERT_EQ(shown.status, 200) << shown.body;
  EXPECT_NE(shown.body.find("Trip to &lt;Oslo&gt;"), std::string::npos);
  EXPECT_NE(shown.body.find("name=\"data.amount\""), std::string::npos);
  EXPECT_EQ(shown.body.find("<Oslo>"), std::string::npos);
  EXPECT_EQ(shown.headers.get("Referrer-Policy"), "no-referrer");
  EXPECT_TRUE(world.wait_for_status(id, "running"));
  auto sent = world.call("POST", page,
                         "decision=approve&decided_by=Ada+L&comment=&data.amount=20.5"
                         "&data.hotel=true&data.class=2&data.days=%5B1%5D",
                         form_headers);
  ASSERT_EQ(sent.status, 200) << sent.body;
  auto run = world.call("GET", "/api/executions/" + id);
  EXPECT_EQ(at(run, "/output/check/data"),
            *parse_json(R"({"amount":20.5,"hotel":true,"class":2,"days":[1]})"));
  EXPECT_EQ(text_at(run, "/output/check/decided_by"), "Ada L");
  auto later = world.call("GET", page);
  EXPECT_EQ(later.body.find("<form"), std::string::npos);
  EXPECT_EQ(world.call("POST", page, "decision=reject", form_headers).status, 409);
}

// The link of an attempt that timed out may not decide the next one.
TEST(ApprovalPage, each_attempt_has_a_link_of_its_own) {
  TestWorld world;
  world.create_workflow(
      R"({"name":"ask","tasks":{"ok":{"type":"approval","on_error":"incident"}}})");
  std::string id = world.execute("ask");
  auto first = world.call("GET", "/api/approvals");
  std::string self = text_at(first, "/items/0/links/self");
  std::string seq = to_text(at(first, "/items/0/seq"));
  EXPECT_EQ(world.call("POST", self + "/reject", "{}").status, 200);
  std::string run = "/api/executions/" + id;
  EXPECT_EQ(world.call("POST", run + "/tasks/ok/resolve", R"({"action":"retry"})").status, 200);
  auto second = world.call("GET", "/api/approvals");
  EXPECT_NE(page_of(second), page_of(first));
  EXPECT_EQ(world.call("GET", page_of(first)).status, 404);
  EXPECT_EQ(world.call("POST", self + "/approve", R"({"seq":)" + seq + "}").status, 409);
  EXPECT_EQ(world.call("GET", page_of(second)).status, 200);
}

TEST(ApprovalPage, a_wrong_token_tells_nothing) {
  TripWorld world;
  std::string id = start_trip(world);
  auto list = world.call("GET", "/api/approvals");
  std::string page = page_of(list);
  std::string wrong = page;
  char& digit = wrong[wrong.find("/check") - 1];
  digit = digit == '0' ? '1' : '0';
  auto refused = world.call("GET", wrong);
  EXPECT_EQ(refused.status, 404);
  std::string nowhere = wrong;
  nowhere.replace(nowhere.find("/check"), 6, "/other");
  EXPECT_EQ(world.call("GET", nowhere).body, refused.body);
  EXPECT_EQ(world.call("POST", wrong, "decision=approve", form_headers).status, 404);
  EXPECT_EQ(world.call("POST", page, "decision=perhaps", form_headers).status, 400);
  EXPECT_EQ(world.call("POST", page, R"({"decision":"approve"})").status, 415);
  EXPECT_EQ(world.call("POST", page, "decision=approve&data.amount=x", form_headers).status, 422);
  EXPECT_TRUE(world.wait_for_status(id, "running"));
}

TEST(ApprovalForm, fields_come_back_with_the_types_of_the_schema) {
  Json schema = *parse_json(R"({"type":"object","properties":{
      "n":{"type":"integer"},"s":{"type":"string"},"b":{"type":"boolean"},
      "c":{"enum":[1,"two",null]},"o":{"type":"object"},"left":{"type":"string"}}})");
  net::Query sent = {{"data.n", "7"},         {"data.s", "7"},   {"data.c", "1"},
                     {"data.o", "{\"a\":1}"}, {"data.left", ""}, {"other", "x"}};
  auto data = read_form_fields(schema, sent);
  ASSERT_TRUE(data.ok()) << data.error().detail;
  EXPECT_EQ(to_text(*data), R"({"n":7,"s":"7","b":false,"c":1,"o":{"a":1}})");
  EXPECT_FALSE(read_form_fields(schema, {{"data.o", "{"}}).ok());
  EXPECT_FALSE(read_form_fields(schema, {{"data.s", "\xff"}}).ok());
}

TEST(ApprovalForm, what_a_schema_says_can_not_break_out_of_the_page) {
  Json schema = *parse_json(R"({"properties":{"\"><script>":{"title":"<b>","description":"'&",
      "enum":["</option><script>"]}}})");
  std::string html = form_fields(schema);
  EXPECT_EQ(html.find("<script>"), std::string::npos) << html;
  EXPECT_EQ(html.find("<b>"), std::string::npos) << html;
}

}  // namespace
}  // namespace harmonia::api
