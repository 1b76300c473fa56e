#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <vector>

#include "server/run_view.h"

namespace harmonia::server {

// The tasks of one run as views, kept up to date by its events: a commit costs what its events
// touch, however many scopes are open.
class RunTree {
 public:
  // All of a state, anew.
  void reset(const workflow::Definition& definition, const execution::State& state);
  // The state may be ahead of the events: those of one batch come commit by commit.
  void apply(const workflow::Definition& definition, const execution::State& state,
             std::span<const execution::Event> events);

  // The run as it is now. Of a map's or a loop's open items the first `items_shown_max` are shown.
  static constexpr std::size_t items_shown_max = 6;
  RunView view() const;

  // The tasks that wait for somebody, outer scopes first; at most asked_max.
  static constexpr std::size_t asked_max = 100;
  std::vector<TaskView> asked() const;
  // Nothing will happen until somebody answers: no work, no timer.
  bool only_waits_for_somebody() const;

 private:
  struct Node {
    std::optional<execution::TaskRef> owner = {};
    std::optional<execution::ScopeId> parent = {};
    std::vector<TaskView> tasks = {};
  };
  using ScopeIds = std::set<execution::ScopeId>;
  // What is to be looked at again after some events.
  struct Touched {
    std::set<execution::TaskRef> tasks;
    ScopeIds scopes;
  };

  void add(const workflow::Definition& definition, const execution::State& state,
           execution::ScopeId id);
  void remove(execution::ScopeId id);
  // The scope and those below it: gone, or changed without events of their own.
  void refresh_scope(const workflow::Definition& definition, const execution::State& state,
                     execution::ScopeId id);
  void refresh_task(const workflow::Definition& definition, const execution::State& state,
                    execution::TaskRef ref);
  void note(const execution::Event& event, Touched& touched) const;
  void set_view(TaskView& place, TaskView view);
  ScopeIds below(execution::ScopeId id) const;
  void collect(execution::ScopeId id, RunView& view) const;
  void collect_owned(const ScopeIds& owned, RunView& view) const;

  RunView head_;
  std::map<execution::ScopeId, Node> nodes_;
  std::map<execution::TaskRef, ScopeIds> owned_;
  std::map<execution::ScopeId, ScopeIds> following_;  // compensations and on_failure
  std::set<execution::TaskRef> asked_;
};

}  // namespace harmonia::server
