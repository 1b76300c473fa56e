#pragma once

#include <atomic>
#include <string_view>

namespace harmonia {

// Called with the name of each point that is passed; set before threads start.
using CrashHook = void (*)(std::string_view name);
inline std::atomic<CrashHook> crash_hook{nullptr};

// A moment at which a crash is worth a test, because something is durable and something that
// follows from it is not done yet. Nothing happens here unless a hook is set, and only test
// programs have one: the program that users run carries a test for null
// (docs/adr/0011-faults-from-outside.md).
inline void crash_point(std::string_view name) {
  if (CrashHook hook = crash_hook.load(std::memory_order_relaxed)) hook(name);
}

}  // namespace harmonia
