#pragma once

#include <memory>

#include "tasks/runner.h"
#include "tasks/worker_pool.h"

namespace harmonia::tasks {

// Component `transform`, action `cel`: computes JSON from JSON.
//
// Input {expression, data, ...}: a bare CEL expression whose roots are the other members of the
// input; the output is its value. Input {value}: the output is the value, whose ${...} the engine
// has rendered. Errors have code `expression` and are not mended by a repeat. The pool must outlive
// the runner.
std::unique_ptr<Runner> make_transform_runner(WorkerPool& pool);

}  // namespace harmonia::tasks
