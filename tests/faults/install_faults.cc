// Linked with the program's own main: `build/tests/harmonia_faulty` is `build/harmonia` on a disk
// that fails as told, and dies where it is told. Nothing of this is in the program that users run.
//
//   HARMONIA_TEST_DISK=FILE     rules of the disk, a line each, read again when the file changes
//   (fault_disk.h) HARMONIA_TEST_CRASH=NAME:N  SIGKILL when the crash point NAME is passed for the
//   Nth time
#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdlib>
#include <string>
#include <unistd.h>

#include "base/assert.h"
#include "base/crash_point.h"
#include "store/sqlite/testing/fault_disk.h"

namespace harmonia {
namespace {

using store::sqlite::testing::FaultDisk;

struct CrashAt {
  std::string name;
  std::uint64_t pass = 1;
  std::atomic<std::uint64_t> passed{0};
};
CrashAt* crash_at = nullptr;
FaultDisk* volatile disk = nullptr;  // read by nobody but a search for leaks

void pass(std::string_view name) {
  if (name == crash_at->name && ++crash_at->passed == crash_at->pass) kill(getpid(), SIGKILL);
}

// Before main; never undone, because threads may use it to the end.
bool install() {
  if (const char* rules = std::getenv("HARMONIA_TEST_DISK")) {
    disk = new FaultDisk(FaultDisk::Power::real);
    disk->follow(rules);
  }
  if (const char* text = std::getenv("HARMONIA_TEST_CRASH")) {
    std::string_view wanted = text;
    std::size_t colon = wanted.find(':');
    ASSERT(colon != std::string_view::npos);
    crash_at = new CrashAt{.name = std::string(wanted.substr(0, colon))};
    std::string_view number = wanted.substr(colon + 1);
    auto [end, failure] =
        std::from_chars(number.data(), number.data() + number.size(), crash_at->pass);
    ASSERT(failure == std::errc() && end == number.data() + number.size());
    crash_hook = pass;
  }
  return true;
}

const bool is_installed = install();

}  // namespace
}  // namespace harmonia
