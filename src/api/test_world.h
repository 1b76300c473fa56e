#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "api/api.h"
#include "api/live_hub.h"
#include "engine/engine.h"
#include "engine/testing/faulty_store.h"

// What the tests of this room stand on: a memory store, the real engine and runners that answer at
// once.
namespace harmonia::api {

// Component `echo` returns its input, `broken` fails for good, `flaky` fails once and then returns
// its input, `held` waits until it is released.
class TestRunners final : public engine::Dispatcher {
 public:
  void dispatch(engine::Assignment assignment) override;
  void cancel(const engine::AttemptKey&) override {}
  // Lets every held attempt, also those to come, succeed with an empty object.
  void release();

  engine::Engine* engine = nullptr;

 private:
  std::mutex mutex_;  // guards what follows
  std::vector<engine::AttemptKey> held_;
  bool released_ = false;
};

// Collects what a stream sends.
class TestOutlet final : public net::Outlet {
 public:
  bool send(std::string message) override;
  void close(std::uint16_t code, std::string reason) override;
  bool is_open() const override;

  // Waits until there are `count` messages, or the time of a test is up; then all there are.
  std::vector<std::string> wait_for(std::size_t count) const;
  // Waits until a message contains `text`.
  bool wait_for_text(std::string_view text) const;
  std::optional<std::uint16_t> wait_for_close() const;

 private:
  mutable std::mutex mutex_;  // guards what follows
  mutable std::condition_variable changed_;
  std::vector<std::string> messages_;
  std::optional<std::uint16_t> closed_;
};

class TestWorld {
 public:
  explicit TestWorld(ApiOptions options = {}, const engine::EngineOptions& engine_options = {});
  ~TestWorld();

  using Headers = std::vector<std::pair<std::string, std::string>>;
  // Through Handler::handle, as the server would. The body is JSON unless the headers say
  // otherwise.
  net::Response call(const std::string& method, const std::string& target,
                     const std::string& body = {}, const Headers& headers = {});
  net::Request request(const std::string& method, const std::string& target,
                       const std::string& body, const Headers& headers);

  // The id of a new workflow made of this definition.
  std::string create_workflow(const std::string& definition);
  // The id of a new execution.
  std::string execute(const std::string& workflow, const std::string& body = "{}");
  // Waits until the execution has this status.
  bool wait_for_status(const std::string& execution, std::string_view status);

  net::Handler& handler() { return *handler_; }
  TestRunners& runners() { return runners_; }
  LiveHub& hub() { return hub_; }
  store::Store& store() { return *store_; }
  // To make it fail.
  engine::testing::FaultyStore& disk() { return *store_; }
  engine::Engine& engine() { return *engine_; }

 private:
  struct SystemClock final : engine::Clock {
    Timestamp now() const override;
  };
  struct CountingIds final : engine::IdSource {
    Uuid next(Timestamp now) override;
    std::atomic<std::uint64_t> count{0};
  };

  SystemClock clock_;
  CountingIds ids_;
  TestRunners runners_;
  std::unique_ptr<engine::testing::FaultyStore> store_;
  LiveHub hub_;
  std::unique_ptr<engine::Engine> engine_;
  std::unique_ptr<net::Handler> handler_;
};

// The value at a pointer of a response's body; null when there is none.
Json at(const net::Response& response, std::string_view pointer);
std::string text_at(const net::Response& response, std::string_view pointer);

inline constexpr std::string_view echo_definition = R"({
  "name": "greeting",
  "tags": ["demo"],
  "tasks": {"hello": {"component": "echo", "action": "say", "input": {"name": "${input.name}"}}}
})";
inline constexpr std::string_view held_definition = R"({
  "name": "patience",
  "tasks": {"sleep": {"component": "held", "action": "wait"}}
})";

}  // namespace harmonia::api
