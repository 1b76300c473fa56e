#pragma once

// What the process tells its caller; listed in `harmonia --help`.
namespace harmonia::cli {

inline constexpr int exit_success = 0;
inline constexpr int exit_failed = 1;  // the run failed, verify found something, the server refused
inline constexpr int exit_usage = 2;   // wrong arguments, a definition or a file that is wrong
inline constexpr int exit_timeout = 124;   // as timeout(1)
inline constexpr int exit_canceled = 130;  // as a shell tells of SIGINT

}  // namespace harmonia::cli
