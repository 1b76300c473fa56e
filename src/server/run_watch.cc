#include "server/run_watch.h"

namespace harmonia::server {
namespace {

// Changes with every scope that opens or leaves the state.
std::pair<execution::ScopeId, std::size_t> scopes_of(const execution::State& state) {
  return {state.last_scope, state.scopes.size()};
}

}  // namespace

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
  run.view = view_of_run(definition, state, &run.places);
  run.scopes = scopes_of(state);
  run.has_ended = is_terminal(state.status);
}

void RunWatch::follow(const engine::Announcement& announcement) {
  const execution::State& state = announcement.state;
  auto [it, is_new] = runs_.try_emplace(announcement.execution);
  Followed& run = it->second;
  // The state may be ahead of these events: those of one batch are announced commit by commit.
  for (const execution::Event& event : announcement.events) {
    run.has_ended = run.has_ended || ends_execution(event.body);
  }
  // The end of a run changes every task that is still open.
  if (is_new || run.has_ended || run.scopes != scopes_of(state)) {
    run.view = view_of_run(announcement.definition, state, &run.places);
    run.scopes = scopes_of(state);
    return;
  }
  run.view.status = state.status;
  for (const execution::Event& event : announcement.events) {
    auto ref = execution::event_task(event.body);
    if (!ref) continue;
    auto place = run.places.find(*ref);
    if (place == run.places.end() || state.find_scope(ref->scope) == nullptr) continue;
    run.view.tasks[place->second] = view_of_task(announcement.definition, state, *ref);
  }
}

std::optional<RunView> RunWatch::find(ExecutionId id) const {
  std::lock_guard lock(mutex_);
  auto found = runs_.find(id);
  if (found == runs_.end()) return std::nullopt;
  return found->second.view;
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
