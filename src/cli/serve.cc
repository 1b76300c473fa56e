#include "cli/serve.h"

#include <thread>
#include <unistd.h>

#include "cli/exit_code.h"
#include "cli/report.h"
#include "cli/terminal.h"
#include "server/server.h"
#include "server/signals.h"

namespace harmonia::cli {
namespace {

constexpr std::chrono::milliseconds for_long(3'600'000);

// While the server stops, a second signal ends the process: everything acknowledged is on disk.
void stop_gracefully(server::Server& server, server::SignalWatch& signals) {
  std::jthread impatience([&signals](std::stop_token stopped) {
    while (!stopped.stop_requested()) {
      if (!signals.wait(std::chrono::milliseconds(50))) continue;
      print_error("harmonia: stopped at once\n");
      ::_exit(exit_canceled);
    }
  });
  server.stop();
}

}  // namespace

int serve(const ServeCommand& command, const server::Environment& environment) {
  auto settings = server::load_settings(
      {.flags = command.flags, .environment = environment, .config_file = command.config_file});
  if (!settings) {
    complain(settings.error());
    return exit_usage;
  }
  log::configure({.level = settings->log_level, .format = settings->log_format});
  server::SignalWatch signals;
  auto server = server::Server::open(*settings, environment);
  if (!server) {
    complain_with_hint(server.error());
    return server.error().code == error_code::refused ? exit_usage : exit_failed;
  }
  if (auto started = (*server)->start(); !started) {
    complain_with_hint(started.error());
    return exit_failed;
  }
  print_out("Harmonia listens on " + (*server)->url() + ", data in " + settings->data_dir +
            "; Ctrl-C stops it\n");
  while (!signals.wait(for_long)) {
  }
  print_error("harmonia: stopping; runs go on at the next start\n");
  stop_gracefully(**server, signals);
  return exit_success;
}

}  // namespace harmonia::cli
