// Holds the route table, the answers and the OpenAPI document against each other.
#include <set>
#include <thread>

#include <gtest/gtest.h>

#include "api/pages.h"
#include "api/route.h"
#include "api/test_world.h"
#include "workflow/json_schema.h"

namespace harmonia::api {
namespace {

const Json& document() {
  static const Json parsed = [] {
    auto read = read_openapi();
    EXPECT_TRUE(read.ok()) << read.error().detail;
    return read.ok() ? *read : Json(JsonObject());
  }();
  return parsed;
}

const Json& follow(const Json& value) {
  if (!value.is_object()) return value;
  const Json* reference = value.get_object().if_contains("$ref");
  if (reference == nullptr) return value;
  const Json* found = find_pointer(document(), text_view(reference->get_string()).substr(1));
  EXPECT_NE(found, nullptr) << reference->get_string();
  return found == nullptr ? value : *found;
}

const Json* find_operation(const Route& route) {
  std::string method;
  for (char c : route.method) method += static_cast<char>(c - 'A' + 'a');
  return find_pointer(document(), "/paths/" + escape_pointer_token(route.pattern) + "/" + method);
}

// Members that the schemas do not name are mistakes, unless a schema says that it is open.
void close_schemas(Json& value) {
  if (value.is_array()) {
    for (Json& item : value.get_array()) close_schemas(item);
  }
  if (!value.is_object()) return;
  JsonObject& object = value.get_object();
  for (auto& member : object) close_schemas(member.value());
  if (object.contains("properties") && object["properties"].is_object() &&
      object.contains("type") && !object.contains("additionalProperties")) {
    object["additionalProperties"] = false;
  }
}

// The schema, able to refer to the document's components.
workflow::JsonSchema compile(const Json& schema) {
  JsonObject root{{"components", document().at("components")}, {"allOf", JsonArray{schema}}};
  Json closed = root;
  close_schemas(closed);
  auto compiled = workflow::JsonSchema::compile(closed);
  EXPECT_TRUE(compiled.ok()) << compiled.error().detail;
  return *compiled;
}

void expect_valid(const Json& schema, const Json& instance, const std::string& what) {
  for (const Problem& problem : compile(schema).validate(instance)) {
    ADD_FAILURE() << what << ": " << problem.pointer << ": " << problem.message << " ("
                  << problem.hint << ")\n"
                  << to_text(instance);
  }
}

// The answer is one that the operation documents, with a body of its schema.
void expect_documented(const Route& route, const net::Response& response) {
  std::string what(route.operation_id);
  what += " " + std::to_string(response.status);
  const Json* operation = find_operation(route);
  ASSERT_NE(operation, nullptr) << what;
  const Json* entry = find_pointer(*operation, "/responses/" + std::to_string(response.status));
  ASSERT_NE(entry, nullptr) << what << " is not documented: " << response.body;
  const Json* content = find_pointer(follow(*entry), "/content");
  if (content == nullptr) {
    EXPECT_EQ(response.body, "") << what;
    return;
  }
  std::string_view type = response.headers.get("Content-Type");
  type = type.substr(0, type.find(';'));
  const Json* media = content->get_object().if_contains(json_view(type));
  ASSERT_NE(media, nullptr) << what << " has type " << type;
  if (!type.ends_with("json")) return;
  auto body = parse_json(response.body);
  ASSERT_TRUE(body.ok()) << what;
  expect_valid(media->at("schema"), *body, what);
}

const Route& route_of(std::string_view operation_id) {
  for (const Route& route : all_routes()) {
    if (route.operation_id == operation_id) return route;
  }
  ADD_FAILURE() << "no operation " << operation_id;
  return all_routes()[0];
}

std::string replace_parameter(std::string_view pattern, std::string_view name,
                              std::string_view value) {
  std::string path(pattern);
  std::string parameter = "{" + std::string(name) + "}";
  std::size_t begin = path.find(parameter);
  if (begin != std::string::npos) path.replace(begin, parameter.size(), value);
  return path;
}

// A run that asks for an approval, waits for an event and has an incident.
constexpr std::string_view asking_definition = R"({
  "name": "asking",
  "tasks": {
    "check": {"type": "approval", "title": "Spend it?", "timeout": 3600, "assignees": ["ada"],
              "form": {"type": "object", "properties": {"amount": {"type": "integer"}}}},
    "paid": {"type": "event", "event": "order.paid"},
    "charge": {"component": "broken", "action": "x", "on_error": "incident"}
  }
})";

// A world in which the document's examples make sense: the first workflow of its examples is there.
struct ExampleWorld {
  TestWorld world;
  std::string execution;
  std::string asking;
  std::string token;  // of `check`

  ExampleWorld() {
    const Json* greeting = find_pointer(document(),
                                        "/paths/~1api~1workflows/post/requestBody/content/"
                                        "application~1json/examples/greeting/value");
    EXPECT_NE(greeting, nullptr);
    world.create_workflow(to_text(*greeting));
    world.create_workflow(std::string(held_definition));
    execution = world.execute("patience");
    world.create_workflow(std::string(asking_definition));
    asking = world.execute("asking");
    for (int i = 0; i < 5000 && is_empty("/api/incidents"); ++i) std::this_thread::yield();
    EXPECT_FALSE(is_empty("/api/incidents"));
    auto approvals = world.call("GET", "/api/approvals");
    std::string page = text_at(approvals, "/items/0/links/page");
    token = page.substr(page.rfind('/') - 32, 32);
  }

  bool is_empty(const std::string& list) {
    return at(world.call("GET", list), "/items").get_array().empty();
  }

  std::string target_of(const Route& route) {
    bool of_execution = route.pattern.find("/executions/") != std::string_view::npos;
    bool waits = route.operation_id == "signalExecution" || route.operation_id == "resolveIncident";
    std::string id = waits ? asking : of_execution ? execution : "greeting";
    std::string target = replace_parameter(route.pattern, "id", id);
    target = replace_parameter(target, "revision", "1");
    target = replace_parameter(target, "execution", asking);
    target = replace_parameter(target, "token", token);
    return replace_parameter(target, "path", waits ? "charge" : "check");
  }
};

TEST(Contract, every_route_is_documented_and_every_operation_has_a_route) {
  std::set<std::string> routes;
  for (const Route& route : all_routes()) {
    std::string key = std::string(route.method) + " " + std::string(route.pattern);
    EXPECT_TRUE(routes.insert(key).second) << key;
    const Json* operation = find_operation(route);
    ASSERT_NE(operation, nullptr) << key;
    EXPECT_EQ(get_string(operation->get_object(), "operationId"), route.operation_id);
  }
  std::size_t operations = 0;
  for (const auto& path : document().at("paths").get_object()) {
    for (const auto& member : path.value().get_object()) {
      if (member.key() == "parameters") continue;
      ++operations;
      std::string method(text_view(member.key()));
      for (char& c : method) c = static_cast<char>(c - 'a' + 'A');
      EXPECT_TRUE(routes.contains(method + " " + std::string(text_view(path.key()))))
          << method << " " << path.key();
    }
  }
  EXPECT_EQ(operations, routes.size());
}

TEST(Contract, every_path_parameter_is_documented) {
  for (const auto& path : document().at("paths").get_object()) {
    std::string pattern(text_view(path.key()));
    std::size_t count = static_cast<std::size_t>(std::count(pattern.begin(), pattern.end(), '{'));
    const Json* parameters = path.value().get_object().if_contains("parameters");
    std::size_t documented = parameters == nullptr ? 0 : parameters->get_array().size();
    EXPECT_EQ(count, documented) << pattern;
  }
}

TEST(Contract, every_schema_compiles) {
  for (const auto& member : document().at("components").at("schemas").get_object()) {
    auto compiled = workflow::JsonSchema::compile(
        JsonObject{{"components", document().at("components")},
                   {"$ref", "#/components/schemas/" + std::string(text_view(member.key()))}});
    EXPECT_TRUE(compiled.ok()) << member.key();
  }
}

TEST(Contract, every_plain_get_answers_as_documented) {
  ExampleWorld examples;
  for (const Route& route : all_routes()) {
    if (route.method != "GET" || !std::holds_alternative<Answer>(route.handler)) continue;
    expect_documented(route, examples.world.call("GET", examples.target_of(route)));
  }
}

TEST(Contract, every_example_of_a_request_yields_the_documented_status) {
  std::size_t executed = 0;
  for (const Route& route : all_routes()) {
    const Json* operation = find_operation(route);
    const Json* content = find_pointer(*operation, "/requestBody/content");
    if (content == nullptr) continue;
    for (const auto& media : content->get_object()) {
      const Json* list = media.value().get_object().if_contains("examples");
      if (list == nullptr) continue;
      for (const auto& example : list->get_object()) {
        std::string what =
            std::string(route.operation_id) + "/" + std::string(text_view(example.key()));
        const Json& value = example.value().at("value");
        bool is_json = media.key() == "application/json";
        ExampleWorld examples;
        // The examples that create must not find what the others need.
        if (route.operation_id == "createWorkflow") {
          EXPECT_EQ(examples.world.call("DELETE", "/api/workflows/greeting").status, 204);
        }
        std::string body = is_json ? to_text(value) : std::string(text_view(value.get_string()));
        auto response =
            examples.world.call(std::string(route.method), examples.target_of(route), body,
                                {{"Content-Type", std::string(text_view(media.key()))}});
        auto expected = get_int(example.value().get_object(), "x-expected-status");
        if (expected == 0) {
          const auto& responses = operation->at("responses").get_object();
          bool can_start = responses.contains("202");
          expected = can_start ? 202 : responses.contains("201") ? 201 : 200;
        }
        EXPECT_EQ(response.status, expected) << what << ": " << response.body;
        expect_documented(route, response);
        if (is_json && expected < 300) expect_valid(media.value().at("schema"), value, what);
        ++executed;
      }
    }
  }
  EXPECT_GE(executed, 12u);
}

TEST(Contract, the_life_of_an_execution_is_as_documented) {
  ExampleWorld examples;
  TestWorld& world = examples.world;
  std::string path = "/api/executions/" + examples.execution;
  expect_documented(route_of("pauseExecution"), world.call("POST", path + "/pause"));
  expect_documented(route_of("getExecution"), world.call("GET", path));
  expect_documented(route_of("resumeExecution"), world.call("POST", path + "/resume"));
  world.runners().release();
  ASSERT_TRUE(world.wait_for_status(examples.execution, "completed"));
  auto run = world.call("GET", path);
  expect_documented(route_of("getExecution"), run);
  expect_documented(
      route_of("getExecution"),
      world.call("GET", path, "", {{"If-None-Match", std::string(run.headers.get("ETag"))}}));
  expect_documented(route_of("getExecutionHistory"), world.call("GET", path + "/history"));
  expect_documented(route_of("cancelExecution"), world.call("POST", path + "/cancel"));
  expect_documented(route_of("resumeExecution"), world.call("POST", path + "/resume"));
  expect_documented(route_of("listExecutions"), world.call("GET", "/api/executions?limit=1"));
}

TEST(Contract, what_runs_wait_for_is_as_documented) {
  ExampleWorld examples;
  TestWorld& world = examples.world;
  const Route& list = route_of("listApprovals");
  expect_documented(list, world.call("GET", "/api/approvals?limit=1&assignee=ada"));
  expect_documented(list, world.call("GET", "/api/approvals?limit=0"));
  expect_documented(route_of("listIncidents"), world.call("GET", "/api/incidents?workflow=x"));
  expect_documented(route_of("listExecutionTasks"),
                    world.call("GET", "/api/executions/" + examples.asking + "/tasks"));
  const Route& approve = route_of("approveTask");
  std::string path = examples.target_of(approve);
  expect_documented(approve, world.call("POST", path, R"({"data":{"amount":"x"}})"));
  const Route& by_link = route_of("decideByLink");
  std::string page = examples.target_of(by_link);
  TestWorld::Headers form = {{"Content-Type", "application/x-www-form-urlencoded"}};
  expect_documented(by_link, world.call("POST", page, "decision=maybe", form));
  expect_documented(by_link, world.call("POST", page, "decision=approve&data.amount=7", form));
  expect_documented(by_link, world.call("POST", page, "decision=approve", form));
  expect_documented(route_of("getApprovalPage"), world.call("GET", page));
  expect_documented(route_of("getApprovalPage"), world.call("GET", page + "x"));
  expect_documented(approve, world.call("POST", path, "{}"));
  expect_documented(route_of("getApproval"), world.call("GET", "/api/approvals/1/a"));
  expect_documented(route_of("callBack"),
                    world.call("POST", examples.target_of(route_of("callBack")), "{}"));
  expect_documented(route_of("getExecutionHistory"),
                    world.call("GET", "/api/executions/" + examples.asking + "/history"));
}

TEST(Contract, tasks_within_tasks_are_as_documented) {
  TestWorld world;
  world.create_workflow(R"({"name":"deep","tasks":{
      "all":{"type":"map","items":[1,2,3],"max_concurrency":2,
             "do":{"work":{"component":"held","action":"x"}}},
      "poll":{"type":"loop","times":4,"do":{"ask":{"component":"held","action":"x"}}},
      "race":{"type":"parallel","branches":{"a":{"x":{"component":"held","action":"x"}}}}}})");
  std::string id = world.execute("deep");
  auto run = world.call("GET", "/api/executions/" + id);
  expect_documented(route_of("getExecution"), run);
  EXPECT_EQ(to_text(at(run, "/tasks/0/progress")),
            R"({"total":3,"opened":2,"open":2,"completed":0,"failed":0})");
  EXPECT_EQ(at(run, "/tasks/1/progress/total"), Json(4));
  EXPECT_EQ(text_at(run, "/tasks/4/path"), "all[1]/work") << run.body;
  EXPECT_EQ(text_at(run, "/tasks/4/parent"), "all");
  EXPECT_EQ(at(run, "/tasks/4/index"), Json(1));
  world.runners().release();
  ASSERT_TRUE(world.wait_for_status(id, "completed"));
  expect_documented(route_of("getExecutionHistory"),
                    world.call("GET", "/api/executions/" + id + "/history"));
}

TEST(Contract, failures_are_as_documented) {
  ExampleWorld examples;
  TestWorld& world = examples.world;
  world.create_workflow(
      R"({"name":"f","tasks":{"a":{"component":"broken","action":"x","on_error":"continue"},
          "b":{"component":"broken","action":"x","depends_on":["a"],
          "retry_policy":{"max_retries":1,"initial_delay":0.01}},
          "c":{"component":"echo","action":"x","depends_on":["b"]}}})");
  auto run = world.call("POST", "/api/workflows/f/execute?wait=5", "{}");
  ASSERT_EQ(text_at(run, "/status"), "failed") << run.body;
  expect_documented(route_of("executeWorkflow"), run);
  std::string path = "/api/executions/" + text_at(run, "/id");
  expect_documented(route_of("getExecutionHistory"), world.call("GET", path + "/history"));
  expect_documented(route_of("listExecutionTasks"), world.call("GET", path + "/tasks"));
  for (std::string_view operation : {"createWorkflow", "startExecution", "validateWorkflow",
                                     "evaluateExpression", "sendEvent"}) {
    const Route& route = route_of(operation);
    for (std::string body : {"", "[", "[]", "{}", "7", "{\"name\":{}}"}) {
      expect_documented(route, world.call("POST", std::string(route.pattern), body));
    }
    TestWorld::Headers csv = {{"Content-Type", "text/csv"}};
    expect_documented(route, world.call("POST", std::string(route.pattern), "a", csv));
  }
  const Route& replace = route_of("replaceWorkflow");
  TestWorld::Headers stale = {{"If-Match", "\"9\""}};
  expect_documented(replace, world.call("PUT", "/api/workflows/greeting", "{}", stale));
  expect_documented(replace, world.call("PUT", "/api/workflows/greeting", "{}"));
  expect_documented(replace, world.call("PUT", "/api/workflows/nobody", "{}"));
  expect_documented(route_of("watchWorkflows"), world.call("GET", "/ws/workflows"));
  expect_documented(route_of("streamExecution"),
                    world.call("GET", "/events/executions/" + examples.execution));
}

}  // namespace
}  // namespace harmonia::api
