#pragma once

#include <optional>

#include "execution/decide.h"

namespace harmonia::execution {

// What one task owes: at most a dispatch, the timer of its attempt's deadline, one other timer and
// something it waits for.
struct TaskOwed {
  std::optional<Dispatch> dispatch;
  std::optional<Wake> deadline;
  std::optional<Wake> wake;
  std::optional<Interest> interest;

  bool operator==(const TaskOwed&) const = default;
};

TaskOwed owed_by_task(const workflow::Definition& definition, const State& state, TaskRef ref);
// What the run as a whole owes: its deadline, its turn, its parent.
struct RunOwed {
  std::optional<Wake> wake;
  std::optional<Interest> turn;
  std::optional<Interest> parent;

  bool operator==(const RunOwed&) const = default;
};
RunOwed owed_by_run(const State& state);

}  // namespace harmonia::execution
