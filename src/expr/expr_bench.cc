#include <benchmark/benchmark.h>

#include "expr/template.h"

namespace harmonia::expr {
namespace {

class Input final : public Activation {
 public:
  std::optional<LazyObject::Member> root(std::string_view) const override {
    return LazyObject::Member{.json = &json};
  }
  Json json = parse_json(R"({"a": {"output": {"total": 1500, "name": "Ada", "items": [1, 2, 3]}}})")
                  .value();
};

constexpr std::string_view roots[] = {"tasks"};

void evaluate_source(benchmark::State& state, std::string_view source) {
  Input input;
  auto compiled = compile(source, {.limits = {}, .roots = roots});
  for (auto _ : state) benchmark::DoNotOptimize(evaluate(*compiled.program, input));
}

BENCHMARK_CAPTURE(evaluate_source, path, "tasks.a.output.total");
BENCHMARK_CAPTURE(evaluate_source, comparison,
                  "tasks.a.output.total > 1000 && tasks.a.output.name == 'Ada'");
BENCHMARK_CAPTURE(evaluate_source, map, "tasks.a.output.items.map(i, i * 2)");
BENCHMARK_CAPTURE(evaluate_source, matches, "tasks.a.output.name.matches('^[A-Z][a-z]+$')");

void compile_source(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(compile("tasks.a.output.total > 1000 && tasks.a.output.name == 'Ada'",
                                     {.limits = {}, .roots = roots}));
  }
}
BENCHMARK(compile_source);

void render_template(benchmark::State& state) {
  Input input;
  auto source =
      parse_json(R"({"a": "${tasks.a.output.total}", "b": "Hello ${tasks.a.output.name}!"})")
          .value();
  auto compiled = compile_template(source, {.limits = {}, .roots = roots});
  for (auto _ : state) benchmark::DoNotOptimize(render(*compiled.value, input));
}
BENCHMARK(render_template);

}  // namespace
}  // namespace harmonia::expr
