#include "api/live_hub.h"

#include <algorithm>
#include <utility>

#include "api/execution_json.h"

namespace harmonia::api {
namespace {

LiveEvents render(const engine::Announcement& announcement) {
  auto events = std::make_shared<std::vector<LiveEvent>>();
  events->reserve(announcement.events.size());
  for (const execution::Event& event : announcement.events) {
    Json json =
        event_to_json(event, announcement.state, announcement.definition, Payloads::bounded);
    events->push_back({.seq = event.seq,
                       .name = wire_name(event.body),
                       .json = to_text(json),
                       .ends_execution = execution::ends_execution(event.body)});
  }
  return events;
}

}  // namespace

LiveHub::Stripe& LiveHub::stripe_of(ExecutionId execution) {
  return stripes_[hash_value(execution.uuid) % stripes_.size()];
}

LiveHub::WatchHandle LiveHub::watch_events(ExecutionId execution, OnEvents on_events) {
  std::uint64_t ticket = next_ticket_++;
  // Counted first: a commit announced to nobody was on disk before the watcher reads the store.
  ++watchers_;
  Stripe& stripe = stripe_of(execution);
  {
    std::lock_guard lock(stripe.mutex);
    auto shared = std::make_shared<const OnEvents>(std::move(on_events));
    stripe.watchers[execution].events.push_back({.ticket = ticket, .on_events = std::move(shared)});
  }
  return std::make_unique<Watch>([this, execution, ticket] { drop_events(execution, ticket); });
}

void LiveHub::drop_events(ExecutionId execution, std::uint64_t ticket) {
  Stripe& stripe = stripe_of(execution);
  std::lock_guard lock(stripe.mutex);
  auto found = stripe.watchers.find(execution);
  if (found == stripe.watchers.end()) return;
  Watchers& watchers = found->second;
  watchers_ -= std::erase_if(watchers.events,
                             [ticket](const EventWatcher& w) { return w.ticket == ticket; });
  if (watchers.events.empty() && watchers.ends.empty()) stripe.watchers.erase(found);
}

std::uint64_t LiveHub::watch_end(ExecutionId execution, OnEnd on_end) {
  std::uint64_t ticket = next_ticket_++;
  ++watchers_;
  Stripe& stripe = stripe_of(execution);
  std::lock_guard lock(stripe.mutex);
  stripe.watchers[execution].ends.push_back({.ticket = ticket, .on_end = std::move(on_end)});
  return ticket;
}

bool LiveHub::forget_end(ExecutionId execution, std::uint64_t ticket) {
  Stripe& stripe = stripe_of(execution);
  std::lock_guard lock(stripe.mutex);
  auto found = stripe.watchers.find(execution);
  if (found == stripe.watchers.end()) return false;
  Watchers& watchers = found->second;
  auto erased =
      std::erase_if(watchers.ends, [ticket](const EndWatcher& w) { return w.ticket == ticket; });
  watchers_ -= erased;
  if (watchers.events.empty() && watchers.ends.empty()) stripe.watchers.erase(found);
  return erased > 0;
}

void LiveHub::announce(const engine::Announcement& announcement) {
  if (watchers_ == 0) return;
  std::vector<EventWatcher> events;
  std::vector<EndWatcher> ends;
  bool ended = execution::ends_execution(announcement.events.back().body);
  Stripe& stripe = stripe_of(announcement.execution);
  {
    std::lock_guard lock(stripe.mutex);
    auto found = stripe.watchers.find(announcement.execution);
    if (found == stripe.watchers.end()) return;
    events = found->second.events;
    if (ended) ends = std::exchange(found->second.ends, {});
    watchers_ -= ends.size();
    if (events.empty() && found->second.ends.empty()) stripe.watchers.erase(found);
  }
  if (!events.empty()) {
    LiveEvents rendered = render(announcement);
    for (const EventWatcher& watcher : events) (*watcher.on_events)(rendered);
  }
  for (EndWatcher& watcher : ends) watcher.on_end(announcement.state, announcement.definition);
}

LiveHub::WatchHandle LiveHub::watch_workflows(OnChange on_change) {
  std::uint64_t ticket = next_ticket_++;
  std::lock_guard lock(workflows_mutex_);
  workflow_watchers_[ticket] = std::make_shared<const OnChange>(std::move(on_change));
  workflow_watchers_count_ = workflow_watchers_.size();
  return std::make_unique<Watch>([this, ticket] { drop_workflows(ticket); });
}

void LiveHub::drop_workflows(std::uint64_t ticket) {
  std::lock_guard lock(workflows_mutex_);
  workflow_watchers_.erase(ticket);
  workflow_watchers_count_ = workflow_watchers_.size();
}

void LiveHub::announce_workflow(const WorkflowChange& change) {
  std::vector<std::shared_ptr<const OnChange>> watchers;
  {
    std::lock_guard lock(workflows_mutex_);
    for (const auto& [_, watcher] : workflow_watchers_) watchers.push_back(watcher);
  }
  for (const auto& watcher : watchers) (*watcher)(change);
}

}  // namespace harmonia::api
