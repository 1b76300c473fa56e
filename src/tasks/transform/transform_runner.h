#pragma once

#include <memory>

#include "tasks/runner.h"
#include "tasks/worker_pool.h"

namespace harmonia::tasks {

// Component `transform`: computes JSON from JSON. No repeat mends its errors. The pool must outlive
// the runner.
//
// `cel`, also without a name. Input {expression, data, ...}: a bare CEL expression whose roots are
// the other members of the input; the output is its value. Input {value}: the output is the value,
// whose ${...} the engine has rendered. Errors have code `expression`.
//
// `json_patch`, `json_merge`, `json_diff`: see json_actions.h.
std::unique_ptr<Runner> make_transform_runner(WorkerPool& pool);

}  // namespace harmonia::tasks
