#pragma once

#include <memory>

#include "tasks/registry.h"
#include "tasks/runner.h"

namespace harmonia::tasks {

// Component `script`, action `run`: a command or a script as a child process, off unless enabled.
//
// Input {command: [argv] or script + interpreter, stdin, env, timeout, working_directory, parse}.
// Output {exit_code, stdout, stderr, duration_ms} and, as `parse` asks, json or lines. Failures:
// `exit_<n>`, `killed` (a signal), `timeout`, `output_too_large`, `malformed_json` (parse: json),
// `refused` (not enabled), `invalid_argument`.
//
// A child gets an environment made for it, no descriptors but its three, no core dumps and a bound
// of memory. Its process group ends with it and with the server; what leaves the group (setsid) or
// outlives a server that was killed is not followed.
std::unique_ptr<Runner> make_script_runner(const ScriptOptions& options);

}  // namespace harmonia::tasks
