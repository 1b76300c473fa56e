#pragma once

#include <deque>

#include "tests/simulation/random.h"
#include "tests/simulation/world.h"

namespace harmonia::simulation {

// Draws what happens next: what people, runners, the clock and the disk do, mostly things that make
// sense as the world stands, sometimes ones that do not.
class Actors {
 public:
  Actors(const Scenario& scenario, const World& world, Random random)
      : scenario_(scenario), hostility_(scenario.hostility), world_(world), random_(random) {}

  Step next();

 private:
  Step start();
  Step control();
  Step signal();
  Step event();
  Step decide();
  Step report();
  Step heartbeat();
  Step move_clock();
  Step fault();
  Step crash();
  Step power_failure();
  Step repeat();
  Step batch();

  const RunRecord* any_run();
  const TaskRecord* any_waiting(const RunRecord& run);
  std::optional<engine::AttemptKey> any_attempt();
  Json random_input();
  std::string label_of(std::size_t number) const { return "e" + std::to_string(number); }
  Step remembered(Step step);

  const Scenario& scenario_;
  const Hostility& hostility_;
  const World& world_;
  Random random_;
  std::size_t started_ = 0;
  std::int64_t tokens_ = 0;
  std::size_t events_ = 0;
  std::deque<Step> said_;  // by people, to be said again
};

}  // namespace harmonia::simulation
