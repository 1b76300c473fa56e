// The means of the tests; what they check stands in the other files.
#include "api/test_world.h"

#include <future>
#include <thread>

#include <gtest/gtest.h>

#include "store/memory/memory_store.h"

namespace harmonia::api {
namespace {

constexpr std::chrono::seconds patience{10};

}  // namespace

void TestRunners::dispatch(engine::Assignment assignment) {
  const engine::AttemptKey& key = assignment.key;
  if (assignment.component == "broken" || (assignment.component == "flaky" && key.attempt == 1)) {
    Error error = make_error(error_code::connection, "nobody answers");
    return engine->report(key, execution::AttemptErrored{.error = error, .retryable = true});
  }
  if (assignment.component == "held") {
    std::lock_guard lock(mutex_);
    if (!released_) return held_.push_back(key);
  }
  engine->report(key, execution::AttemptSucceeded{.output = assignment.input});
}

void TestRunners::release() {
  std::vector<engine::AttemptKey> keys;
  {
    std::lock_guard lock(mutex_);
    keys.swap(held_);
    released_ = true;
  }
  for (const auto& key : keys) {
    engine->report(key, execution::AttemptSucceeded{.output = share(JsonObject())});
  }
}

bool TestOutlet::send(std::string message) {
  std::lock_guard lock(mutex_);
  if (closed_) return false;
  messages_.push_back(std::move(message));
  changed_.notify_all();
  return true;
}

void TestOutlet::close(std::uint16_t code, std::string) {
  std::lock_guard lock(mutex_);
  if (!closed_) closed_ = code;
  changed_.notify_all();
}

bool TestOutlet::is_open() const {
  std::lock_guard lock(mutex_);
  return !closed_.has_value();
}

std::vector<std::string> TestOutlet::wait_for(std::size_t count) const {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, patience, [&] { return messages_.size() >= count; });
  return messages_;
}

bool TestOutlet::wait_for_text(std::string_view text) const {
  std::unique_lock lock(mutex_);
  return changed_.wait_for(lock, patience, [&] {
    return std::any_of(messages_.begin(), messages_.end(),
                       [text](const std::string& m) { return m.find(text) != m.npos; });
  });
}

std::optional<std::uint16_t> TestOutlet::wait_for_close() const {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, patience, [&] { return closed_.has_value(); });
  return closed_;
}

Timestamp TestWorld::SystemClock::now() const {
  return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
}

Uuid TestWorld::CountingIds::next(Timestamp now) {
  return make_uuid_v7(to_micros(now) / 1000, ++count, 42);
}

TestWorld::TestWorld(ApiOptions options, const engine::EngineOptions& engine_options)
    : store_(std::make_unique<engine::testing::FaultyStore>(store::make_memory_store())),
      engine_(engine::Engine::create(engine_options, {.store = *store_,
                                                      .clock = clock_,
                                                      .ids = ids_,
                                                      .dispatcher = runners_,
                                                      .announcer = hub_})) {
  runners_.engine = engine_.get();
  EXPECT_TRUE(engine_->start().ok());
  ApiPorts ports{.store = *store_, .engine = *engine_, .clock = clock_, .ids = ids_, .hub = hub_};
  ports.components = [] {
    ActionDescription say{.name = "say",
                          .description = "Returns its input.",
                          .input_schema = JsonObject{{"type", "object"}}};
    return std::vector{ComponentDescription{.name = "echo", .actions = {say}}};
  };
  handler_ = make_api(options, ports);
}

TestWorld::~TestWorld() { engine_->stop(); }

net::Request TestWorld::request(const std::string& method, const std::string& target,
                                const std::string& body, const Headers& headers) {
  net::Request request;
  request.method = method;
  request.target = target;
  request.body = body;
  std::size_t question = target.find('?');
  request.path = net::percent_decode(target.substr(0, question), false).value_or("/");
  if (question != std::string::npos) {
    request.query = net::parse_query(target.substr(question + 1)).value_or(net::Query());
  }
  if (!body.empty()) request.headers.set("Content-Type", "application/json");
  for (const auto& [name, value] : headers) request.headers.set(name, value);
  return request;
}

net::Response TestWorld::call(const std::string& method, const std::string& target,
                              const std::string& body, const Headers& headers) {
  auto answer = std::make_shared<std::promise<net::Response>>();
  auto future = answer->get_future();
  handler_->handle(request(method, target, body, headers),
                   [answer](net::Response response) { answer->set_value(std::move(response)); });
  if (future.wait_for(patience) == std::future_status::ready) return future.get();
  ADD_FAILURE() << method << " " << target << " is not answered";
  return {.status = 0};
}

std::string TestWorld::create_workflow(const std::string& definition) {
  auto response = call("POST", "/api/workflows", definition);
  EXPECT_EQ(response.status, 201) << response.body;
  return text_at(response, "/id");
}

std::string TestWorld::execute(const std::string& workflow, const std::string& body) {
  auto response = call("POST", "/api/workflows/" + workflow + "/execute", body);
  EXPECT_EQ(response.status, 202) << response.body;
  return text_at(response, "/id");
}

bool TestWorld::wait_for_status(const std::string& execution, std::string_view status) {
  auto deadline = std::chrono::steady_clock::now() + patience;
  while (std::chrono::steady_clock::now() < deadline) {
    if (text_at(call("GET", "/api/executions/" + execution), "/status") == status) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
  }
  return false;
}

Json at(const net::Response& response, std::string_view pointer) {
  auto body = parse_json(response.body);
  if (!body.ok()) return nullptr;
  const Json* found = find_pointer(*body, pointer);
  return found == nullptr ? Json(nullptr) : *found;
}

std::string text_at(const net::Response& response, std::string_view pointer) {
  Json value = at(response, pointer);
  return value.is_string() ? std::string(text_view(value.get_string())) : std::string();
}

}  // namespace harmonia::api
