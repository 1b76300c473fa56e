#pragma once

#include <optional>

#include "execution/decide.h"

namespace harmonia::execution {

// What one task owes: at most a dispatch, the timer of its attempt's deadline and one other timer.
struct TaskOwed {
  std::optional<Dispatch> dispatch;
  std::optional<Wake> deadline;
  std::optional<Wake> wake;

  bool operator==(const TaskOwed&) const = default;
};

TaskOwed owed_by_task(const workflow::Definition& definition, const State& state, TaskRef ref);
std::optional<Wake> owed_by_run(const State& state);

}  // namespace harmonia::execution
