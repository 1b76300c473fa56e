#pragma once

#include "tests/simulation/ledger.h"

// What bodies, composite tasks and runs give, computed from histories by the rules of
// docs/language/tasks.md. None: an expression that only the engine evaluates has a part in it.
namespace harmonia::simulation {

// Of a body: the output of its last task, or of its last tasks by id.
std::optional<Json> result_of_body(const ScopeRecord& scope);
// Of a task that holds others, from the scopes of its current attempt.
std::optional<Json> result_of_holder(const RunRecord& run, const TaskRecord& task);
// Of the workflow, where it says nothing itself: the completed tasks on which no other depends.
std::optional<Json> result_of_run(const RunRecord& run);

// The scopes of the work of a task's current attempt, in the order of their opening.
std::vector<const ScopeRecord*> work_of(const RunRecord& run, const TaskRecord& task);
// How many items or iterations a map or a loop has; none: it depends on conditions.
std::optional<std::size_t> total_of(const TaskRecord& task);

}  // namespace harmonia::simulation
