#include "tests/simulation/hostility.h"

namespace harmonia::simulation {
namespace {

void draw_engine(Hostility& world, Random& random) {
  world.shards = 1 + random.pick(4);
  if (random.one_in(4)) world.mailbox_max = 2 + random.pick(6);
  if (random.one_in(3)) world.batch_max = 1 + random.pick(4);
  if (random.one_in(3)) world.live_runs_max = random.pick(4);
  constexpr std::uint64_t intervals[] = {1, 4, 16, 256};
  world.snapshot_events = intervals[random.pick(4)];
  constexpr Duration horizons[] = {std::chrono::seconds(1), std::chrono::seconds(10),
                                   std::chrono::minutes(1)};
  world.timer_horizon = horizons[random.pick(3)];
}

void draw_people(Hostility& world, Random& random) {
  world.failure_rate = static_cast<double>(random.pick(5)) * 0.12;
  world.control = random.pick(4);
  world.decide = 2 + random.pick(6);
  world.signal = 1 + random.pick(6);
  world.runs_max = 2 + random.pick(12);
}

}  // namespace

Hostility Hostility::draw(Random& random) {
  Hostility world;
  draw_engine(world, random);
  draw_people(world, random);
  world.on_sqlite = random.one_in(16);
  // A calm world shows what a hostile one hides: nobody is woken by a crash there.
  if (random.one_in(4)) return world;
  if (random.one_in(2)) world.repeat = 1 + random.pick(4);
  if (random.one_in(2)) world.stray_report_rate = 0.05 * (1 + random.pick(6));
  if (random.one_in(3)) world.clock_back_rate = 0.1 * (1 + random.pick(3));
  if (random.one_in(3)) world.long_jump_rate = 0.1;
  if (random.one_in(2)) world.crash = 0.3 * (1 + random.pick(6));
  if (random.one_in(2)) world.fault = 0.5 * (1 + random.pick(6));
  world.reads_fail = world.fault > 0 && random.one_in(2);
  return world;
}

}  // namespace harmonia::simulation
