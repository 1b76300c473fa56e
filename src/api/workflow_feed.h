#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "api/context.h"
#include "api/live_hub.h"

namespace harmonia::api {

// Brings changes of workflow definitions to one client: first those of the store's feed behind
// `after`, then those that come. `seq` is the place in the feed. Thread-safe.
class WorkflowFeed : public std::enable_shared_from_this<WorkflowFeed> {
 public:
  // Without `after` only what comes from now on.
  WorkflowFeed(Context& context, std::optional<store::Position> after)
      : context_(context), after_(after) {}

  // Callbacks of the connection, which keep this object alive.
  net::OutletEvents events(const std::shared_ptr<WorkflowFeed>& self);

 private:
  void open(std::shared_ptr<net::Outlet> outlet);
  void close();
  void on_message(std::string_view text);
  void on_change(const WorkflowChange& change);

  void continue_replay();
  void replay();
  // The changes among the next entries of the feed; nothing when the feed is read to its end.
  std::optional<std::vector<WorkflowChange>> read_portion();
  bool send_portion(const std::optional<std::vector<WorkflowChange>>& portion);
  void send_with_lock(const WorkflowChange& change);

  Context& context_;
  const std::optional<store::Position> after_;

  std::mutex mutex_;  // guards what follows
  std::shared_ptr<net::Outlet> outlet_;
  LiveHub::WatchHandle watch_;
  std::vector<WorkflowChange> pending_;  // announced during the replay
  store::Position read_ = 0;             // how far the feed is read
  store::Position sent_ = 0;
  bool is_live_ = false;
  bool is_replaying_ = false;  // some thread reads from the store, or is about to
};

}  // namespace harmonia::api
