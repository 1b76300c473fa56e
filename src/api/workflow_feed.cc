#include "api/workflow_feed.h"

#include "api/client_message.h"

namespace harmonia::api {
namespace {

constexpr std::size_t feed_entries_max = 500;  // read at once
constexpr std::size_t pending_max = 10'000;    // beyond: the client is told to come again
constexpr std::uint16_t close_try_again_later = 1013;

std::string_view name_of(store::DefinitionChange change) {
  switch (change) {
    case store::DefinitionChange::created: return "workflow_created";
    case store::DefinitionChange::updated: return "workflow_updated";
    case store::DefinitionChange::deleted: return "workflow_deleted";
  }
  return "workflow_updated";
}

Json change_to_json(const WorkflowChange& change) {
  return JsonObject{
      {"event_type", json_view(name_of(change.change))},
      {"workflow_id", json_view(to_string(change.workflow))},
      {"seq", change.seq},
      {"timestamp", json_view(to_rfc3339(change.at))},
      {"message", nullptr},
      {"details", JsonObject{{"name", json_view(change.name)}, {"revision", change.revision}}}};
}

}  // namespace

net::OutletEvents WorkflowFeed::events(const std::shared_ptr<WorkflowFeed>& self) {
  net::OutletEvents events;
  events.on_open = [self](std::shared_ptr<net::Outlet> outlet) { self->open(std::move(outlet)); };
  events.on_message = [self](std::string_view text) { self->on_message(text); };
  events.on_close = [self] { self->close(); };
  events.on_drained = [self] { self->continue_replay(); };
  events.on_overflow = [] {
    return std::string("too slow; reconnect with ?after= and the last seq you received");
  };
  return events;
}

void WorkflowFeed::open(std::shared_ptr<net::Outlet> outlet) {
  std::weak_ptr<WorkflowFeed> weak = weak_from_this();
  auto watch = context_.ports.hub.watch_workflows([weak](const WorkflowChange& change) {
    if (auto feed = weak.lock()) feed->on_change(change);
  });
  Timestamp now = context_.ports.clock.now();
  std::string client_id = to_string(context_.ports.ids.next(now));
  auto last = context_.ports.store.last_position();
  JsonObject connected{{"type", "connected"},
                       {"message", "Connected to workflow changes"},
                       {"client_id", json_view(client_id)},
                       {"seq", last.ok() ? *last : 0},
                       {"timestamp", json_view(to_rfc3339(now))}};
  {
    std::lock_guard lock(mutex_);
    outlet_ = std::move(outlet);
    watch_ = std::move(watch);
    read_ = sent_ = after_.value_or(0);
    is_live_ = !after_.has_value();
    outlet_->send(to_text(connected));
    if (is_live_) {
      for (const WorkflowChange& change : pending_) send_with_lock(change);
      pending_.clear();
    }
  }
  continue_replay();
}

void WorkflowFeed::close() {
  LiveHub::WatchHandle watch;  // dropped outside the lock
  std::lock_guard lock(mutex_);
  watch = std::move(watch_);
  outlet_.reset();
  pending_.clear();
}

void WorkflowFeed::on_message(std::string_view text) {
  std::shared_ptr<net::Outlet> outlet;
  {
    std::lock_guard lock(mutex_);
    outlet = outlet_;
  }
  if (outlet) {
    answer_client_message(*outlet, text, "workflow changes", context_.ports.clock.now());
  }
}

void WorkflowFeed::on_change(const WorkflowChange& change) {
  std::lock_guard lock(mutex_);
  if (is_live_ && outlet_) return send_with_lock(change);
  if (pending_.size() < pending_max) return pending_.push_back(change);
  if (outlet_) {
    outlet_->close(close_try_again_later,
                   "too slow; reconnect with ?after= and the last seq you received");
  }
}

void WorkflowFeed::send_with_lock(const WorkflowChange& change) {
  if (change.seq <= sent_) return;
  outlet_->send(to_text(change_to_json(change)));
  sent_ = change.seq;
}

// The feed may be long, so it is not read on an io thread.
void WorkflowFeed::continue_replay() {
  std::lock_guard lock(mutex_);
  if (is_live_ || is_replaying_ || !outlet_) return;
  is_replaying_ = true;
  context_.background.post([self = shared_from_this()] { self->replay(); });
}

// One portion; the next follows when the client has taken it, or at once when it was empty. Other
// jobs of the thread get their turn in between.
void WorkflowFeed::replay() {
  auto portion = read_portion();
  bool wait_for_client = send_portion(portion);
  if (!wait_for_client) continue_replay();
}

std::optional<std::vector<WorkflowChange>> WorkflowFeed::read_portion() {
  store::Position after = 0;
  {
    std::lock_guard lock(mutex_);
    after = read_;
  }
  auto entries = context_.ports.store.read_feed(after, feed_entries_max);
  if (!entries.ok() || entries->empty()) return std::nullopt;
  std::vector<WorkflowChange> portion;
  for (const store::FeedEntry& entry : *entries) {
    if (!entry.workflow) continue;
    auto stored = context_.ports.store.find_definition(*entry.workflow, entry.revision);
    std::string name = stored.ok() && stored->has_value() ? (*stored)->name : std::string();
    portion.push_back({.seq = entry.position,
                       .at = entry.at,
                       .workflow = *entry.workflow,
                       .change = entry.change,
                       .revision = entry.revision,
                       .name = std::move(name)});
  }
  std::lock_guard lock(mutex_);
  read_ = entries->back().position;
  return portion;
}

// True when nothing more is to be done now.
bool WorkflowFeed::send_portion(const std::optional<std::vector<WorkflowChange>>& portion) {
  std::lock_guard lock(mutex_);
  is_replaying_ = false;
  if (!outlet_) return true;
  if (portion) {
    for (const WorkflowChange& change : *portion) send_with_lock(change);
    return !portion->empty();
  }
  is_live_ = true;
  for (const WorkflowChange& change : pending_) send_with_lock(change);
  pending_.clear();
  return true;
}

}  // namespace harmonia::api
