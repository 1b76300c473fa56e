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

  void emit(EventBody body);

  Decision accept() &&;
  // Only before anything was emitted.
  Decision refuse(Error error) &&;

 private:
  void remember(TaskRef ref);
  void remember_all();

  const workflow::Definition& definition_;
  State state_;
  Timestamp now_;
  std::vector<Event> events_;
  std::optional<Wake> run_owed_before_;
  std::map<TaskRef, TaskOwed> task_owed_before_;  // of the tasks that events touched
};

}  // namespace harmonia::execution
