#include "server/run_watch.h"

namespace harmonia::server {

void RunWatch::announce(const engine::Announcement& announcement) {
  std::lock_guard lock(mutex_);
  follow(announcement);
  for (const execution::Event& event : announcement.events) {
    std::string text = describe_event(announcement.definition, announcement.state, event);
    if (text.empty()) continue;
    if (lines_.size() >= lines_max) lines_.pop_front();
    lines_.push_back({.execution = announcement.execution,
                      .at = event.at,
                      .text = std::move(text),
                      .is_message = is_log_message(announcement.definition, event)});
  }
}

void RunWatch::adopt(const workflow::Definition& definition, const execution::State& state) {
  std::lock_guard lock(mutex_);
  Followed& run = runs_[state.id];
  run.tree.reset(definition, state);
  run.has_ended = is_terminal(state.status);
}

void RunWatch::follow(const engine::Announcement& announcement) {
  Followed& run = runs_[announcement.execution];
  for (const execution::Event& event : announcement.events)
    run.has_ended = run.has_ended || ends_execution(event.body);
  run.tree.apply(announcement.definition, announcement.state, announcement.events);
}

std::optional<RunView> RunWatch::find(ExecutionId id) const {
  std::lock_guard lock(mutex_);
  auto found = runs_.find(id);
  if (found == runs_.end()) return std::nullopt;
  return found->second.tree.view();
}

std::vector<TaskView> RunWatch::asked(ExecutionId id) const {
  std::lock_guard lock(mutex_);
  auto found = runs_.find(id);
  return found == runs_.end() ? std::vector<TaskView>() : found->second.tree.asked();
}

bool RunWatch::only_waits_for_somebody(ExecutionId id) const {
  std::lock_guard lock(mutex_);
  auto found = runs_.find(id);
  return found != runs_.end() && found->second.tree.only_waits_for_somebody();
}

bool RunWatch::has_ended(ExecutionId id) const {
  std::lock_guard lock(mutex_);
  auto found = runs_.find(id);
  return found != runs_.end() && found->second.has_ended;
}

std::vector<RunLine> RunWatch::take_lines() {
  std::lock_guard lock(mutex_);
  std::vector<RunLine> taken(std::make_move_iterator(lines_.begin()),
                             std::make_move_iterator(lines_.end()));
  lines_.clear();
  return taken;
}

}  // namespace harmonia::server
