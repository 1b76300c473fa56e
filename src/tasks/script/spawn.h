#pragma once

#include <string>
#include <vector>

#include <sys/types.h>

#include "base/result.h"
#include "tasks/script/file_descriptor.h"

namespace harmonia::tasks {

// Exactly what execve gets, and what is set before it.
struct SpawnPlan {
  std::string program;
  std::vector<std::string> arguments;
  std::vector<std::string> environment;  // NAME=value
  std::string directory;
  std::string script;  // not empty: readable at script_path
  std::size_t memory_max = 0;
};

// Where the text of a script is to be found by its child.
inline constexpr const char* script_path = "/proc/self/fd/3";

// A child that has begun. Its ends of the pipes do not block.
struct Spawned {
  pid_t pid = -1;
  FileDescriptor process;  // pidfd: readable when the child has ended; none on old kernels
  FileDescriptor input;
  FileDescriptor output;
  FileDescriptor errors;
};

// Makes a child that leads a process group of its own and dies with the calling thread. Returns
// when the program runs. `invalid_argument` when it can't be (no such file, not executable, no such
// folder); `unavailable` when the system has no room for it.
Result<Spawned> spawn(const SpawnPlan& plan);

}  // namespace harmonia::tasks
