#pragma once

// What the process tells its caller; listed in `harmonia --help`.
namespace harmonia::cli {

inline constexpr int exit_success = 0;
// The run or the expression failed, validate or verify found something, the server refused.
inline constexpr int exit_failed = 1;
inline constexpr int exit_usage = 2;       // wrong arguments, a file that can't be read or run
inline constexpr int exit_waiting = 3;     // the run waits for somebody who can't be asked
inline constexpr int exit_timeout = 124;   // as timeout(1)
inline constexpr int exit_canceled = 130;  // as a shell tells of SIGINT

}  // namespace harmonia::cli
