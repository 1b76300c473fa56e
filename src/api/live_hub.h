#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/id.h"
#include "engine/ports.h"
#include "store/store.h"

namespace harmonia::api {

// The events of one commit in wire form, shared by all who watch.
struct LiveEvent {
  std::uint64_t seq = 0;
  std::string_view name;  // Tekton's event type
  std::string json;       // schema Event
  bool ends_execution = false;
};
using LiveEvents =
    std::shared_ptr<const std::vector<LiveEvent>>;  // shared: one rendering, many readers

// A workflow definition was created, updated or deleted.
struct WorkflowChange {
  store::Position seq = 0;
  Timestamp at;
  WorkflowId workflow;
  store::DefinitionChange change = store::DefinitionChange::created;
  std::uint32_t revision = 0;
  std::string name;
};

// Tells who is connected what happens, as it happens. Created before the engine, whose announcer it
// is, and destroyed after it. Thread-safe. Callbacks run on the announcing thread (a shard's): they
// must not block, and may come once more after their watch was dropped.
class LiveHub final : public engine::Announcer {
 public:
  using OnEvents = std::function<void(const LiveEvents&)>;
  // The run as it ended.
  using OnEnd = std::function<void(const execution::State&, const workflow::Definition&)>;
  using OnChange = std::function<void(const WorkflowChange&)>;

  // Ends the watch when destroyed.
  class Watch {
   public:
    explicit Watch(std::function<void()> drop) : drop_(std::move(drop)) {}
    ~Watch() { drop_(); }
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

   private:
    std::function<void()> drop_;
  };
  using WatchHandle = std::unique_ptr<Watch>;

  // Every commit of the execution after this call; some before it may come too.
  WatchHandle watch_events(ExecutionId execution, OnEvents on_events);
  // Called at most once. The ticket is for `forget_end`.
  std::uint64_t watch_end(ExecutionId execution, OnEnd on_end);
  // False: it has been called, or is being called.
  bool forget_end(ExecutionId execution, std::uint64_t ticket);

  WatchHandle watch_workflows(OnChange on_change);
  bool has_workflow_watchers() const { return workflow_watchers_count_ > 0; }
  void announce_workflow(const WorkflowChange& change);

  void announce(const engine::Announcement& announcement) override;

  std::uint64_t watchers() const { return watchers_ + workflow_watchers_count_; }

 private:
  struct EventWatcher {
    std::uint64_t ticket = 0;
    std::shared_ptr<const OnEvents> on_events;  // shared: called outside the lock
  };
  struct EndWatcher {
    std::uint64_t ticket = 0;
    OnEnd on_end;
  };
  struct Watchers {
    std::vector<EventWatcher> events;
    std::vector<EndWatcher> ends;
  };
  // Executions are spread over stripes, so that shards seldom wait for each other.
  struct Stripe {
    std::mutex mutex;  // guards watchers
    std::unordered_map<ExecutionId, Watchers> watchers;
  };

  Stripe& stripe_of(ExecutionId execution);
  void drop_events(ExecutionId execution, std::uint64_t ticket);
  void drop_workflows(std::uint64_t ticket);

  std::array<Stripe, 16> stripes_;
  std::atomic<std::uint64_t> watchers_{0};  // zero: announcing costs one load
  std::atomic<std::uint64_t> next_ticket_{1};

  std::mutex workflows_mutex_;  // guards the next
  std::unordered_map<std::uint64_t, std::shared_ptr<const OnChange>> workflow_watchers_;
  std::atomic<std::uint64_t> workflow_watchers_count_{0};
};

}  // namespace harmonia::api
