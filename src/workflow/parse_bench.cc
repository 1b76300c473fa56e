#include <string>

#include <benchmark/benchmark.h>

#include "workflow/parse.h"

namespace harmonia::workflow {
namespace {

// Each task uses the output of the one before it.
std::string chain(int tasks) {
  std::string text = "name: chain\ntasks:\n";
  for (int i = 0; i < tasks; ++i) {
    std::string id = "t" + std::to_string(i);
    text += "  " + id + ": {type: set, ";
    if (i == 0) {
      text += "values: {n: 1}}\n";
      continue;
    }
    std::string before = "t" + std::to_string(i - 1);
    text += "depends_on: [" + before + "], when: tasks." + before +
            ".output.n >= 0, values: {n: \"${tasks." + before + ".output.n + 1}\"}}\n";
  }
  return text;
}

// As above, but each output holds the one before it twice: types as large as they get.
std::string growing_chain(int tasks) {
  std::string text = "name: chain\ntasks:\n  t0: {type: set, values: {n: 1}}\n";
  for (int i = 1; i < tasks; ++i) {
    std::string before = "t" + std::to_string(i - 1);
    text += "  t" + std::to_string(i) + ": {type: set, depends_on: [" + before +
            "], values: {a: \"${tasks." + before + ".output}\", b: \"${tasks." + before +
            ".output}\", c" + std::to_string(i) + ": \"${[tasks." + before + ".output]}\"}}\n";
  }
  return text;
}

std::string fan_in(int tasks) {
  std::string text = "name: fan_in\ntasks:\n";
  std::string ids;
  std::string values;
  for (int i = 0; i < tasks; ++i) {
    std::string id = "t" + std::to_string(i);
    text += "  " + id + ": {type: set, values: {n: " + std::to_string(i) + "}}\n";
    ids += (i > 0 ? ", " : "") + id;
    values += (i > 0 ? ", v" : "v") + std::to_string(i) + ": \"${tasks." + id + ".output.n}\"";
  }
  return text + "  last: {type: set, depends_on: [" + ids + "], values: {" + values + "}}\n";
}

// Decisions behind each other, whose branches meet again.
std::string diamonds(int decisions) {
  std::string text = "name: diamonds\ntasks:\n";
  for (int i = 0; i < decisions; ++i) {
    std::string n = std::to_string(i);
    text += "  d" + n + ": {type: decision, ";
    if (i > 0) text += "depends_on: [m" + std::to_string(i - 1) + "], ";
    text += "cases: [{when: input.a > " + n + ", next: [x" + n + "]}], default: {next: [y" + n +
            "]}}\n  x" + n + ": {component: noop}\n  y" + n + ": {component: noop}\n  m" + n +
            ": {type: join, join: none_failed, depends_on: [x" + n + ", y" + n + "]}\n";
  }
  return text;
}

void parse_text(benchmark::State& state, const std::string& text) {
  for (auto _ : state) {
    auto outcome = parse_definition(text, Format::yaml);
    if (!outcome.ok()) return state.SkipWithError(outcome.problems.front().message.c_str());
    benchmark::DoNotOptimize(outcome);
  }
}

void a_chain(benchmark::State& state) {
  parse_text(state, chain(static_cast<int>(state.range(0))));
}
BENCHMARK(a_chain)->Arg(1000)->Arg(10'000)->Unit(benchmark::kMillisecond);

void a_chain_of_growing_outputs(benchmark::State& state) {
  parse_text(state, growing_chain(static_cast<int>(state.range(0))));
}
BENCHMARK(a_chain_of_growing_outputs)->Arg(1000)->Arg(10'000)->Unit(benchmark::kMillisecond);

void a_fan_in(benchmark::State& state) {
  parse_text(state, fan_in(static_cast<int>(state.range(0))));
}
BENCHMARK(a_fan_in)->Arg(1000)->Arg(9000)->Unit(benchmark::kMillisecond);

void decisions(benchmark::State& state) {
  parse_text(state, diamonds(static_cast<int>(state.range(0))));
}
BENCHMARK(decisions)->Arg(250)->Arg(2500)->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace harmonia::workflow
