#include "cli/verify.h"

#include <unistd.h>

#include <sys/stat.h>

#include "cli/exit_code.h"
#include "cli/report.h"
#include "cli/terminal.h"
#include "server/runtime.h"
#include "server/settings.h"
#include "server/verify.h"

namespace harmonia::cli {
namespace {

bool holds_database(const std::string& directory) {
  struct stat info {};
  return ::stat((directory + "/harmonia.db").c_str(), &info) == 0;
}

std::string describe(const server::VerifyReport& report) {
  auto counted = [](std::uint64_t count, std::string_view noun) {
    return std::to_string(count) + " " + std::string(noun) + (count == 1 ? "" : "s");
  };
  return counted(report.executions, "run") + ", " + counted(report.events, "event");
}

// True: healthy.
Result<bool> verify_directory(const std::string& directory, bool shows_progress) {
  TRY(auto store, server::open_store(directory));
  auto progress = [shows_progress](const server::VerifyReport& report) {
    if (shows_progress) print_error("\r  checked " + describe(report) + "\x1b[K");
  };
  TRY(auto report, server::verify_store(*store, progress));
  if (shows_progress) print_error("\r\x1b[K");
  for (const std::string& finding : report.findings) print_out("  " + printable(finding) + "\n");
  if (report.findings_truncated) print_out("  and more\n");
  std::string verdict =
      report.findings.empty() ? "healthy" : "damaged: " + std::to_string(report.findings.size());
  print_out(directory + ": " + verdict + " (" + describe(report) + ")\n");
  return report.findings.empty();
}

}  // namespace

int verify(const VerifyCommand& command, const server::Environment& environment) {
  auto settings = server::load_settings(
      {.flags = command.flags, .environment = environment, .config_file = command.config_file});
  if (!settings) {
    complain(settings.error());
    return exit_usage;
  }
  bool shows_progress = examine_terminal(STDERR_FILENO, environment).is_terminal;
  bool found_any = false;
  bool is_healthy = true;
  // The server's database, and that of `harmonia run`.
  for (const std::string& directory : {settings->data_dir, settings->data_dir + "/run"}) {
    if (!holds_database(directory)) continue;
    found_any = true;
    auto healthy = verify_directory(directory, shows_progress);
    if (!healthy) {
      complain_with_hint(healthy.error());
      is_healthy = false;
    } else {
      is_healthy = is_healthy && *healthy;
    }
  }
  if (!found_any) {
    complain("there is no database in " + settings->data_dir + "; name its folder with --data-dir");
    return exit_usage;
  }
  return is_healthy ? exit_success : exit_failed;
}

}  // namespace harmonia::cli
