#pragma once

#include <memory>

#include "tasks/runner.h"
#include "tasks/worker_pool.h"

namespace harmonia::tasks {

// Component `log`, action `write`: one line in the log of the server, with the execution, workflow
// and task it came from. Input {message, level, fields}, output {message}. The pool must outlive
// it.
std::unique_ptr<Runner> make_log_runner(WorkerPool& pool);

}  // namespace harmonia::tasks
