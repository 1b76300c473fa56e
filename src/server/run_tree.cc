#include "server/run_tree.h"

namespace harmonia::server {

using execution::ScopeId;
using execution::State;
using execution::TaskRef;
using workflow::Definition;

namespace {

// Nothing comes of the task itself: what it holds is looked at by itself, and a slot is free when
// other work ends.
bool is_idle(const TaskView& task) {
  if (task.deadline) return false;
  if (task.status == TaskStatus::waiting)
    return waits_for_somebody(task) || task.waits_for == execution::WaitsFor::slot;
  if (task.status != TaskStatus::running) return true;
  if (task.phase != execution::Phase::work) return true;
  return task.scopes && task.scopes->open > 0;
}

}  // namespace

void RunTree::reset(const Definition& definition, const State& state) {
  nodes_.clear();
  owned_.clear();
  following_.clear();
  asked_.clear();
  head_ = head_of_run(definition, state);
  for (const auto& [id, _] : state.scopes) add(definition, state, id);
}

void RunTree::apply(const Definition& definition, const State& state,
                    std::span<const execution::Event> events) {
  bool has_ended = false;
  for (const execution::Event& event : events) has_ended = has_ended || ends_execution(event.body);
  // The end of a run changes every task that is still open.
  if (has_ended || nodes_.empty()) return reset(definition, state);
  head_ = head_of_run(definition, state);
  Touched touched;
  for (const execution::Event& event : events) {
    if (const auto* opened = std::get_if<execution::ScopeOpened>(&event.body))
      add(definition, state, opened->scope);
    note(event, touched);
  }
  for (TaskRef ref : touched.tasks) refresh_task(definition, state, ref);
  for (ScopeId id : touched.scopes) refresh_scope(definition, state, id);
}

// What an event changes besides the task it names: the counts of a scope's owner, and what lies
// below a task that went on without it.
void RunTree::note(const execution::Event& event, Touched& touched) const {
  if (auto ref = execution::event_task(event.body)) {
    touched.tasks.insert(*ref);
    if (auto owned = owned_.find(*ref); owned != owned_.end())
      touched.scopes.insert(owned->second.begin(), owned->second.end());
  }
  if (const auto* opened = std::get_if<execution::ScopeOpened>(&event.body);
      opened != nullptr && opened->owner)
    touched.tasks.insert(*opened->owner);
  const auto* closed = std::get_if<execution::ScopeClosed>(&event.body);
  if (closed == nullptr) return;
  touched.scopes.insert(closed->scope);
  auto node = nodes_.find(closed->scope);
  if (node != nodes_.end() && node->second.owner) touched.tasks.insert(*node->second.owner);
}

void RunTree::add(const Definition& definition, const State& state, ScopeId id) {
  const execution::Scope* scope = state.find_scope(id);
  if (scope == nullptr || nodes_.contains(id)) return;
  Node& node = nodes_[id];
  node.owner = scope->owner;
  node.parent = scope->parent;
  if (node.owner) {
    owned_[*node.owner].insert(id);
  } else if (node.parent) {
    following_[*node.parent].insert(id);
  }
  for (workflow::TaskNumber number : definition.bodies[scope->body].tasks) {
    TaskRef ref{.scope = id, .task = number};
    set_view(node.tasks.emplace_back(), view_of_task(definition, state, ref));
  }
}

RunTree::ScopeIds RunTree::below(ScopeId id) const {
  ScopeIds scopes;
  auto owned = owned_.lower_bound(TaskRef{.scope = id, .task = 0});
  for (; owned != owned_.end() && owned->first.scope == id; ++owned)
    scopes.insert(owned->second.begin(), owned->second.end());
  if (auto following = following_.find(id); following != following_.end())
    scopes.insert(following->second.begin(), following->second.end());
  return scopes;
}

void RunTree::remove(ScopeId id) {
  auto found = nodes_.find(id);
  if (found == nodes_.end()) return;
  for (ScopeId inner : below(id)) remove(inner);
  for (const TaskView& task : found->second.tasks) {
    owned_.erase(task.ref);
    asked_.erase(task.ref);
  }
  following_.erase(id);
  if (found->second.owner) {
    owned_[*found->second.owner].erase(id);
  } else if (found->second.parent) {
    following_[*found->second.parent].erase(id);
  }
  nodes_.erase(found);
}

void RunTree::refresh_scope(const Definition& definition, const State& state, ScopeId id) {
  auto found = nodes_.find(id);
  if (found == nodes_.end()) return;
  if (state.find_scope(id) == nullptr) return remove(id);
  for (TaskView& task : found->second.tasks)
    set_view(task, view_of_task(definition, state, task.ref));
  for (ScopeId inner : below(id)) refresh_scope(definition, state, inner);
}

void RunTree::refresh_task(const Definition& definition, const State& state, TaskRef ref) {
  auto node = nodes_.find(ref.scope);
  if (node == nodes_.end() || state.find_scope(ref.scope) == nullptr) return;
  std::vector<TaskView>& tasks = node->second.tasks;
  std::size_t position = ref.task - tasks.front().ref.task;
  set_view(tasks[position], view_of_task(definition, state, ref));
}

void RunTree::set_view(TaskView& place, TaskView view) {
  if (waits_for_somebody(view)) {
    asked_.insert(view.ref);
  } else {
    asked_.erase(view.ref);
  }
  place = std::move(view);
}

RunView RunTree::view() const {
  RunView view = head_;
  collect(execution::root_scope, view);
  return view;
}

void RunTree::collect(ScopeId id, RunView& view) const {
  auto node = nodes_.find(id);
  if (node == nodes_.end()) return;
  for (const TaskView& task : node->second.tasks) {
    view.tasks.push_back(task);
    if (auto owned = owned_.find(task.ref); owned != owned_.end())
      collect_owned(owned->second, view);
  }
  // Compensations and on_failure come behind the tasks of the scope that failed.
  auto following = following_.find(id);
  if (following == following_.end()) return;
  for (ScopeId inner : following->second) collect(inner, view);
}

// The owner is the last task of the view.
void RunTree::collect_owned(const ScopeIds& owned, RunView& view) const {
  TaskView& owner = view.tasks.back();
  bool is_repeated = owner.work == "map" || owner.work == "loop";
  std::size_t shown = is_repeated ? std::min(owned.size(), items_shown_max) : owned.size();
  owner.not_shown = owned.size() - shown;
  for (ScopeId id : owned) {
    if (shown-- == 0) return;
    collect(id, view);
  }
}

std::vector<TaskView> RunTree::asked() const {
  std::vector<TaskView> views;
  for (TaskRef ref : asked_) {
    const std::vector<TaskView>& tasks = nodes_.at(ref.scope).tasks;
    views.push_back(tasks[ref.task - tasks.front().ref.task]);
    if (views.size() == asked_max) break;
  }
  return views;
}

bool RunTree::only_waits_for_somebody() const {
  if (asked_.empty() || head_.deadline || is_terminal(head_.status)) return false;
  for (const auto& [_, node] : nodes_) {
    for (const TaskView& task : node.tasks) {
      if (!is_idle(task)) return false;
    }
  }
  return true;
}

}  // namespace harmonia::server
