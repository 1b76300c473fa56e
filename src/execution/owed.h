#pragma once

#include <optional>

#include "execution/decide.h"

namespace harmonia::execution {

// What one task owes: at most a dispatch and one timer.
struct TaskOwed {
  std::optional<Dispatch> dispatch;
  std::optional<Wake> wake;

  bool operator==(const TaskOwed&) const = default;
};

TaskOwed owed_by_task(const State& state, TaskRef ref, const TaskState& task);
std::optional<Wake> owed_by_run(const State& state);

}  // namespace harmonia::execution
