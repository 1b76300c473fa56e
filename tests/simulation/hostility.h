#pragma once

#include "base/time.h"
#include "tests/simulation/random.h"

namespace harmonia::simulation {

// How cruel a world is, drawn from its seed: some are calm, some are not, some in one way only.
struct Hostility {
  // How often each kind of step is taken, against the others.
  double batch = 30;
  double settle = 3;
  double report = 16;
  double start = 3;
  double control = 2;
  double signal = 4;
  double event = 2;
  double decide = 4;  // approvals, callbacks, incidents
  double heartbeat = 2;
  double move_clock = 4;
  double move_to_due = 5;
  double save = 0.2;
  double repeat = 0;  // of what somebody has said before
  double fault = 0;
  double crash = 0;

  double failure_rate = 0.2;  // of attempts
  double stray_report_rate =
      0;  // of attempts that are over, or of a runner that contradicts itself
  double clock_back_rate = 0;
  double long_jump_rate = 0;
  double key_rate = 0.3;
  bool reads_fail = false;

  // Of the engine.
  std::size_t shards = 1;
  std::size_t mailbox_max = 10'000;
  std::size_t batch_max = 1'000;
  std::size_t live_runs_max = 20'000;
  std::uint64_t snapshot_events = 256;
  Duration timer_horizon = std::chrono::minutes(1);

  bool on_sqlite = false;
  std::size_t runs_max = 12;

  static Hostility draw(Random& random);
};

}  // namespace harmonia::simulation
