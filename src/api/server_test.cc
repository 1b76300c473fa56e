// The handler behind the real server: what only shows on the wire.
#include <gtest/gtest.h>

#include "api/test_world.h"
#include "net/http_client.h"
#include "net/http_server.h"

namespace harmonia::api {
namespace {

class ServedWorld {
 public:
  ServedWorld() {
    net::ServerOptions options;
    options.port = 0;
    auto server = net::HttpServer::listen(options, world.handler());
    EXPECT_TRUE(server.ok());
    server_ = std::move(*server);
    server_->start();
  }
  ~ServedWorld() { server_->stop(std::chrono::milliseconds(500)); }

  net::ClientResponse send(const std::string& method, const std::string& target,
                           const std::string& body = {}, const TestWorld::Headers& headers = {}) {
    net::ClientRequest request{.method = method, .url = {}, .headers = {}, .body = body};
    request.url = "http://127.0.0.1:" + std::to_string(server_->port()) + target;
    request.allow_private_addresses = true;
    if (!body.empty()) request.headers.set("Content-Type", "application/json");
    for (const auto& [name, value] : headers) request.headers.set(name, value);
    auto response = client_->send_and_wait(std::move(request));
    EXPECT_TRUE(response.ok()) << response.error().detail;
    return response.ok() ? *response : net::ClientResponse();
  }

  TestWorld world;

 private:
  std::unique_ptr<net::HttpClient> client_ = net::HttpClient::create({});
  std::unique_ptr<net::HttpServer> server_;
};

TEST(Server, a_run_is_started_and_waited_for_over_http) {
  ServedWorld served;
  served.world.create_workflow(std::string(echo_definition));
  auto response =
      served.send("POST", "/api/workflows/greeting/execute?wait=5", R"({"input":{"name":"Ada"}})");
  EXPECT_EQ(response.status, 200);
  EXPECT_NE(response.body.find("\"completed\""), std::string::npos);
}

TEST(Server, an_event_stream_tells_all_and_ends) {
  ServedWorld served;
  served.world.create_workflow(std::string(held_definition));
  std::string id = served.world.execute("patience");
  served.world.runners().release();
  auto response =
      served.send("GET", "/events/executions/" + id + "?after=0", "",
                  {{"Accept", "text/event-stream"}, {"Origin", "http://localhost:8080"}});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.headers.get("Access-Control-Allow-Origin"), "http://localhost:8080");
  std::size_t from = 0;
  for (std::string name : {"connected", "state", "workflow_started", "task_started",
                           "task_completed", "workflow_completed"}) {
    from = response.body.find("event: " + name + "\n", from);
    ASSERT_NE(from, std::string::npos) << name << "\n" << response.body;
  }
}

TEST(Server, a_history_longer_than_the_queue_of_a_stream_arrives_whole) {
  ServedWorld served;
  std::string tasks;
  for (int i = 0; i < 1000; ++i) {
    tasks += (i > 0 ? "," : "");
    tasks += "\"t" + std::to_string(i) + R"(":{"component":"echo","action":"x"})";
  }
  served.world.create_workflow("{\"name\":\"many\",\"tasks\":{" + tasks + "}}");
  auto run = served.world.call("POST", "/api/workflows/many/execute?wait=9", "{}");
  ASSERT_EQ(run.status, 200);
  auto response = served.send("GET", "/events/executions/" + text_at(run, "/id") + "?after=0", "",
                              {{"Accept", "text/event-stream"}});
  std::string last = "id: " + to_text(at(run, "/version")) + "\nevent: workflow_completed";
  EXPECT_NE(response.body.find(last), std::string::npos);
  EXPECT_EQ(std::count(response.body.begin(), response.body.end(), '\n'),
            2 * 3 + 4 * at(run, "/version").as_int64());
}

TEST(Server, an_oversized_body_is_a_problem_413) {
  ServedWorld served;
  std::string body(17u << 20, ' ');
  auto response = served.send("POST", "/api/workflows", body);
  EXPECT_EQ(response.status, 413);
  EXPECT_EQ(response.headers.get("Content-Type"), "application/problem+json");
}

}  // namespace
}  // namespace harmonia::api
