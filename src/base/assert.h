#pragma once

namespace harmonia {

// Prints the broken assumption with its place and ends the process.
[[noreturn]] void assertion_failed(const char* condition, const char* file, int line);

}  // namespace harmonia

// For programmer errors only, never for input. Kept in release builds: a crash is better than a
// wrong state, because a restart recovers from what is on disk.
#define ASSERT(condition)             \
  ((condition) ? static_cast<void>(0) \
               : ::harmonia::assertion_failed(#condition, __FILE__, __LINE__))
