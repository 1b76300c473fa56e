#pragma once

#include <map>
#include <optional>
#include <vector>

#include "execution/decide.h"
#include "execution/owed.h"

namespace harmonia::execution {

// A decision in the making. Every event is applied as it is emitted, so that the rest of the
// decision sees it; the state is the one evolve gives, there is no second truth.
class Draft {
 public:
  Draft(const workflow::Definition& definition, State state, Timestamp now)
      : definition_(definition),
        state_(std::move(state)),
        now_(now),
        run_owed_before_(owed_by_run(state_)) {}

  const workflow::Definition& definition() const { return definition_; }
  const State& state() const { return state_; }
  Timestamp now() const { return now_; }
  const workflow::Task& task(TaskRef ref) const { return definition_.tasks[ref.task]; }
  const TaskState& task_state(TaskRef ref) const { return state_.task(definition_, ref); }

  // As events show it, e.g. `process[3]`; empty for the workflow itself.
  std::string scope_path(ScopeId id) const;

  void emit(EventBody body);

  // The events so far, and those whose consequences nobody has drawn yet (settle.h).
  std::size_t event_count() const { return events_.size(); }
  const Event* next_unsettled();

  Decision accept() &&;
  // Only before anything was emitted.
  Decision refuse(Error error) &&;

 private:
  std::string inner_path(const EventBody& body) const;
  std::optional<TaskRef> owner_of(const EventBody& body) const;
  bool may_end_others(const EventBody& body) const;
  void remember(TaskRef ref);
  void remember_scope(const Scope& scope);
  void remember_all();

  const workflow::Definition& definition_;
  State state_;
  Timestamp now_;
  std::vector<Event> events_;
  std::size_t settled_ = 0;
  RunOwed run_owed_before_;
  std::map<TaskRef, TaskOwed> task_owed_before_;  // of the tasks that events touched
};

}  // namespace harmonia::execution
