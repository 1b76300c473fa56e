// What following a large map costs: one item ends and the next begins (two commits' worth of
// events), and one picture of the run, with `range` items open.
#include <cstdlib>
#include <string>

#include <benchmark/benchmark.h>

#include "execution/decide.h"
#include "server/run_tree.h"
#include "workflow/parse.h"

namespace harmonia::server {
namespace {

struct LargeMap {
  workflow::SharedDefinition definition;
  execution::State state;
  RunTree tree;
  Timestamp now = from_micros(1);

  explicit LargeMap(std::int64_t open) {
    std::string text =
        "name: large\ntasks:\n  all:\n    type: map\n    items: \"${input.items}\"\n"
        "    max_concurrency: " +
        std::to_string(open) + "\n    do: { work: { component: c, action: a } }\n";
    definition = workflow::parse_definition(text).definition;
    JsonArray items(100'000, Json(1));
    execution::Start start;
    start.execution.uuid.bytes[0] = 1;
    start.input = share(JsonObject{{"items", std::move(items)}});
    start.context = start.env = share(JsonObject{});
    apply(decide(start));
    while (state.active < open) fire();
  }

  std::vector<execution::Event> decide(execution::CommandBody body) {
    now += std::chrono::milliseconds(1);
    auto decision =
        execution::decide(*definition, std::move(state), {.now = now, .body = std::move(body)});
    state = std::move(decision.state);
    return std::move(decision.events);
  }
  void apply(const std::vector<execution::Event>& events) {
    tree.apply(*definition, state, events);
  }
  // The map goes on: one decision opens so many items only.
  void fire() {
    apply(decide(execution::TimerFired{
        .kind = execution::TimerKind::proceed, .task = {.scope = 0, .task = 0}, .attempt = 1}));
  }
};

void follow_items(benchmark::State& bench) {
  LargeMap map(bench.range(0));
  auto scope = map.state.scopes.rbegin()->first;
  for (auto _ : bench) {
    bench.PauseTiming();
    if (map.state.find_scope(scope) == nullptr) scope = map.state.scopes.rbegin()->first;
    auto number = map.definition->bodies[map.state.scope(scope).body].tasks.front();
    auto events =
        map.decide(execution::Report{.task = {.scope = scope, .task = number},
                                     .attempt = 1,
                                     .outcome = execution::AttemptSucceeded{.output = share(1)}});
    if (events.empty()) std::abort();
    bench.ResumeTiming();
    map.apply(events);
  }
}
BENCHMARK(follow_items)->Arg(100)->Arg(1000)->Arg(10'000)->Iterations(2000);

void draw_items(benchmark::State& bench) {
  LargeMap map(bench.range(0));
  for (auto _ : bench) benchmark::DoNotOptimize(map.tree.view());
}
BENCHMARK(draw_items)->Arg(100)->Arg(1000)->Arg(10'000);

}  // namespace
}  // namespace harmonia::server
