#include <thread>

#include <gtest/gtest.h>

#include "api/test_world.h"

namespace harmonia::api {
namespace {

struct Connected {
  net::OutletEvents events;
  std::shared_ptr<TestOutlet> outlet = std::make_shared<TestOutlet>();

  ~Connected() {
    if (events.on_close) events.on_close();
  }
};

std::unique_ptr<Connected> connect(TestWorld& world, const std::string& target,
                                   const TestWorld::Headers& headers = {}) {
  auto request = world.request("GET", target, "", headers);
  net::StreamDecision decision = target.starts_with("/ws/")
                                     ? world.handler().upgrade(request)
                                     : world.handler().event_stream(request).value();
  EXPECT_FALSE(decision.refusal.has_value()) << decision.refusal->body;
  auto connected = std::make_unique<Connected>();
  connected->events = decision.events;
  connected->events.on_open(connected->outlet);
  return connected;
}

std::vector<std::int64_t> seqs_of(const std::vector<std::string>& messages) {
  std::vector<std::int64_t> seqs;
  for (const std::string& message : messages) {
    auto json = parse_json(message);
    if (json.ok() && json->get_object().contains("event_type")) {
      seqs.push_back(get_int(json->get_object(), "seq"));
    }
  }
  return seqs;
}

TEST(Streams, an_unknown_execution_is_404_before_the_upgrade) {
  TestWorld world;
  for (std::string id : {"7", "00000000-0000-7000-8000-000000000000"}) {
    auto decision = world.handler().upgrade(world.request("GET", "/ws/executions/" + id, "", {}));
    ASSERT_TRUE(decision.refusal.has_value());
    EXPECT_EQ(decision.refusal->status, 404);
  }
}

TEST(Streams, a_page_of_a_foreign_origin_may_not_connect) {
  TestWorld world;
  auto request = world.request("GET", "/ws/workflows", "",
                               {{"Origin", "http://evil.example"}, {"Host", "localhost:8007"}});
  EXPECT_EQ(world.handler().upgrade(request).refusal->status, 403);
  request.headers.set("Origin", "http://localhost:8007");
  EXPECT_FALSE(world.handler().upgrade(request).refusal.has_value());
}

TEST(Streams, a_late_client_gets_the_whole_history_and_then_what_comes) {
  TestWorld world;
  world.create_workflow(std::string(held_definition));
  std::string id = world.execute("patience");
  auto client = connect(world, "/ws/executions/" + id + "?after=0");
  auto messages = client->outlet->wait_for(3);
  EXPECT_NE(messages[0].find("\"type\":\"connected\""), std::string::npos);
  world.runners().release();
  ASSERT_TRUE(client->outlet->wait_for_text("workflow_completed"));
  EXPECT_EQ(seqs_of(client->outlet->wait_for(5)), (std::vector<std::int64_t>{1, 2, 3, 4}));
}

TEST(Streams, without_after_only_what_comes_is_sent) {
  TestWorld world;
  world.create_workflow(std::string(held_definition));
  std::string id = world.execute("patience");
  auto client = connect(world, "/ws/executions/" + id);
  world.runners().release();
  ASSERT_TRUE(client->outlet->wait_for_text("workflow_completed"));
  EXPECT_EQ(seqs_of(client->outlet->wait_for(3)), (std::vector<std::int64_t>{3, 4}));
}

TEST(Streams, a_client_says_ping_and_unsubscribe) {
  TestWorld world;
  world.create_workflow(std::string(held_definition));
  auto client = connect(world, "/ws/executions/" + world.execute("patience"));
  client->events.on_message(R"({"type":"ping"})");
  client->events.on_message(R"({"type":"whatever"})");
  client->events.on_message(R"({"type":"unsubscribe"})");
  auto messages = client->outlet->wait_for(3);
  EXPECT_NE(messages[1].find("pong"), std::string::npos);
  EXPECT_NE(messages[2].find("unsubscribed"), std::string::npos);
  EXPECT_EQ(client->outlet->wait_for_close(), 1000);
  auto other = connect(world, "/ws/workflows");
  other->events.on_message("no json");
  EXPECT_EQ(other->outlet->wait_for_close(), 1007);
}

TEST(Streams, a_long_history_waits_for_the_client_and_has_no_gap) {
  TestWorld world;
  std::string tasks;
  for (int i = 0; i < 300; ++i) {
    tasks += (i > 0 ? "," : "");
    tasks += "\"t" + std::to_string(i) + R"(":{"component":"echo","action":"x"})";
  }
  world.create_workflow("{\"name\":\"many\",\"tasks\":{" + tasks + "}}");
  auto run = world.call("POST", "/api/workflows/many/execute?wait=9", "{}");
  ASSERT_EQ(run.status, 200);
  auto client = connect(world, "/ws/executions/" + text_at(run, "/id") + "?after=0");
  std::size_t before = client->outlet->wait_for(1).size();
  EXPECT_LE(before, 129u);
  std::size_t total = static_cast<std::size_t>(at(run, "/version").as_int64());
  for (int i = 0; i < 10; ++i) client->events.on_drained();
  auto seqs = seqs_of(client->outlet->wait_for(total + 1));
  ASSERT_EQ(seqs.size(), total);
  for (std::size_t i = 0; i < total; ++i) EXPECT_EQ(seqs[i], static_cast<std::int64_t>(i + 1));
}

TEST(Streams, clients_that_come_while_events_fall_see_each_once_in_order) {
  TestWorld world;
  std::string tasks;
  for (int i = 0; i < 40; ++i) {
    tasks += (i > 0 ? "," : "");
    tasks += "\"t" + std::to_string(i) + R"(":{"component":"echo","action":"x")";
    if (i > 0) tasks += ",\"depends_on\":[\"t" + std::to_string(i - 1) + "\"]";
    tasks += "}";
  }
  world.create_workflow("{\"name\":\"chain\",\"tasks\":{" + tasks + "}}");
  for (int round = 0; round < 5; ++round) {
    std::string id = world.execute("chain");
    std::vector<std::unique_ptr<Connected>> clients;
    for (int i = 0; i < 8; ++i) {
      clients.push_back(connect(world, "/ws/executions/" + id + "?after=0"));
      std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
    for (const auto& client : clients) {
      ASSERT_TRUE(client->outlet->wait_for_text("workflow_completed"));
      auto seqs = seqs_of(client->outlet->wait_for(1));
      ASSERT_EQ(seqs.size(), 82u);
      for (std::size_t i = 0; i < seqs.size(); ++i) {
        ASSERT_EQ(seqs[i], static_cast<std::int64_t>(i + 1));
      }
    }
  }
  EXPECT_EQ(world.hub().watchers(), 0u);
}

TEST(Streams, an_event_stream_ends_after_the_last_event) {
  TestWorld world;
  world.create_workflow(std::string(held_definition));
  std::string id = world.execute("patience");
  auto client = connect(world, "/events/executions/" + id, {{"Last-Event-ID", "1"}});
  auto messages = client->outlet->wait_for(3);
  EXPECT_TRUE(messages[0].starts_with("event: connected\ndata: {"));
  EXPECT_TRUE(messages[1].starts_with("event: state\ndata: {"));
  EXPECT_TRUE(messages[2].starts_with("id: 2\nevent: task_started\ndata: {")) << messages[2];
  world.runners().release();
  EXPECT_EQ(client->outlet->wait_for_close(), 1000);
  EXPECT_TRUE(client->outlet->wait_for(5)[4].starts_with("id: 4\nevent: workflow_completed\n"));
}

TEST(Streams, a_reader_that_has_seen_the_end_is_told_not_to_come_again) {
  TestWorld world;
  world.create_workflow(std::string(echo_definition));
  std::string id = world.execute("greeting", R"({"input":{"name":"Ada"}})");
  ASSERT_TRUE(world.wait_for_status(id, "completed"));
  auto request = world.request("GET", "/events/executions/" + id, "", {{"Last-Event-ID", "4"}});
  EXPECT_EQ(world.handler().event_stream(request)->refusal->status, 204);
}

TEST(Streams, changes_of_workflows_are_told_live_and_replayed) {
  TestWorld world;
  auto live = connect(world, "/ws/workflows");
  std::string id = world.create_workflow(std::string(echo_definition));
  world.call("PUT", "/api/workflows/" + id, std::string(echo_definition));
  world.execute("greeting", R"({"input":{"name":"Ada"}})");
  world.call("DELETE", "/api/workflows/" + id);
  ASSERT_TRUE(live->outlet->wait_for_text("workflow_deleted"));
  auto late = connect(world, "/ws/workflows?after=0");
  ASSERT_TRUE(late->outlet->wait_for_text("workflow_created"));
  for (int i = 0; i < 5; ++i) late->events.on_drained();
  ASSERT_TRUE(late->outlet->wait_for_text("workflow_deleted"));
  auto heard = seqs_of(live->outlet->wait_for(4));
  EXPECT_EQ(heard.size(), 3u);
  EXPECT_EQ(heard, seqs_of(late->outlet->wait_for(4)));
}

}  // namespace
}  // namespace harmonia::api
