#include "tests/simulation/scenario.h"

#include "base/hash.h"
#include "execution/testing/random_definition.h"
#include "tests/simulation/actors.h"
#include "workflow/parse.h"

namespace harmonia::simulation {
namespace {

// Of workflow `number`; it may start those after it, so that no run starts runs without end.
Json draw_definition(Random& random, std::size_t number, std::size_t workflows) {
  execution::testing::RandomDefinition::Options options{.name = "w" + std::to_string(number),
                                                        .others = {}};
  for (std::size_t i = number + 1; i < workflows; ++i)
    options.others.push_back("w" + std::to_string(i));
  // Random expressions may name what the types of a definition leave no room for.
  for (;;) {
    auto text = execution::testing::RandomDefinition(random.next(), options).text();
    auto json = parse_json(text);
    ASSERT(json.ok());
    if (workflow::parse_definition(*json).ok()) return std::move(*json);
  }
}

}  // namespace

Scenario Scenario::draw(std::uint64_t seed) {
  Random random(stable_hash("simulation", seed));
  Scenario scenario{.seed = seed, .hostility = Hostility::draw(random), .texts = {}};
  scenario.workflows = 1 + random.pick(4);
  std::size_t texts = scenario.workflows + random.pick(3);
  for (std::size_t i = 0; i < texts; ++i)
    scenario.texts.push_back(draw_definition(random, i % scenario.workflows, scenario.workflows));
  return scenario;
}

Outcome run_world(Scenario& scenario, const RunOptions& options, Coverage& coverage) {
  Outcome outcome;
  std::unique_ptr<World> world;
  try {
    world = std::make_unique<World>(scenario, coverage, options.trace);
    if (options.commands > 0) {
      // Not every step is a command: batches, clocks and faults are none.
      const std::size_t steps_max = 20 * options.commands;
      Actors actors(scenario, *world, Random(stable_hash("actors", scenario.seed)));
      while (world->commands() < options.commands && scenario.steps.size() < steps_max) {
        scenario.steps.push_back(actors.next());
        ++outcome.broken_at;
        world->perform(scenario.steps.back());
      }
    } else {
      for (const Step& step : scenario.steps) {
        ++outcome.broken_at;
        world->perform(step);
      }
    }
    world->finish();
  } catch (const BrokenLaw& broken) {
    outcome.broken = broken;
  }
  if (!world) return outcome;
  outcome.commands = world->commands();
  outcome.commits = world->commits();
  outcome.digest = world->digest();
  return outcome;
}

}  // namespace harmonia::simulation
