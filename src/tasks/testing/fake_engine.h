#pragma once

// For the tests of tasks/: an engine that remembers what runners say, and assignments for it to
// hand out.

#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "engine/engine.h"

namespace harmonia::tasks::testing {

// One report, flattened.
struct Reported {
  bool ok = false;
  Json output = {};
  Error error = {};
  bool retryable = false;
};

class FakeEngine final : public engine::Engine {
 public:
  Result<void> start() override { return {}; }
  void stop() override {}
  void start_execution(engine::StartRequest, engine::Completion) override {}
  Result<void> check_room() override { return {}; }
  void submit(ExecutionId, execution::CommandBody, engine::Completion) override {}

  void send_event(store::KeptEvent, engine::EventSent) override { std::abort(); }

  void report(const engine::AttemptKey& key, execution::AttemptSucceeded outcome) override {
    remember(key, {.ok = true, .output = *outcome.output});
  }
  void report(const engine::AttemptKey& key, execution::AttemptErrored outcome) override {
    remember(key, {.error = std::move(outcome.error), .retryable = outcome.retryable});
  }
  void heartbeat(const engine::AttemptKey& key) override {
    const std::lock_guard lock(mutex_);
    ++heartbeats_[key];
  }

  engine::DefinitionCache& definitions() override { std::abort(); }
  engine::EngineStatus status() const override { return {}; }

  std::vector<Reported> reports(const engine::AttemptKey& key) {
    const std::lock_guard lock(mutex_);
    return reports_[key];
  }
  std::size_t report_count() {
    const std::lock_guard lock(mutex_);
    return count_;
  }
  int heartbeats(const engine::AttemptKey& key) {
    const std::lock_guard lock(mutex_);
    return heartbeats_[key];
  }

  // The first report of this attempt; code "none" when there is none in time.
  Reported wait_for(const engine::AttemptKey& key,
                    std::chrono::milliseconds within = std::chrono::seconds(20)) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, within, [&] { return !reports_[key].empty(); });
    if (reports_[key].empty()) return {.error = make_error("none", "nothing was reported")};
    return reports_[key].front();
  }
  bool wait_for_count(std::size_t count,
                      std::chrono::milliseconds within = std::chrono::seconds(30)) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, within, [&] { return count_ >= count; });
  }

 private:
  void remember(const engine::AttemptKey& key, Reported reported) {
    {
      const std::lock_guard lock(mutex_);
      reports_[key].push_back(std::move(reported));
      ++count_;
    }
    changed_.notify_all();
  }

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::map<engine::AttemptKey, std::vector<Reported>> reports_;
  std::map<engine::AttemptKey, int> heartbeats_;
  std::size_t count_ = 0;
};

// A new attempt each time.
inline engine::Assignment assignment(std::string component, std::string action, Json input) {
  static std::atomic<std::uint64_t> number{0};
  engine::Assignment made;
  made.secrets = {{.pointer = "", .name = "TOKEN"},
                  {.pointer = "", .name = "NOPE"},
                  {.pointer = "", .name = "KEY"}};
  made.key.execution.uuid = make_uuid_v7(1, 2, ++number << 8);
  made.task_path = "process[3]/charge";
  made.workflow_name = "shop";
  made.component = std::move(component);
  made.action = std::move(action);
  made.input = share(std::move(input));
  made.context = share(JsonObject{});
  return made;
}

inline Json json(std::string_view text) {
  auto parsed = parse_json(text);
  ASSERT(parsed.ok());
  return std::move(parsed).value();
}

// True when the condition holds within the time.
template <class Condition>
bool eventually(Condition condition, std::chrono::milliseconds within = std::chrono::seconds(10)) {
  auto end = std::chrono::steady_clock::now() + within;
  while (std::chrono::steady_clock::now() < end) {
    if (condition()) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return condition();
}

}  // namespace harmonia::tasks::testing
