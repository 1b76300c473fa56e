#include <benchmark/benchmark.h>

#ifdef HARMONIA_HAS_JQ
extern "C" {  // its headers do not say so
#include <jq.h>
#include <jv.h>
}
#endif

#include <cstdio>
#include <cstdlib>

#include "expr/template.h"
#include "expr/type_check.h"

// What expressions cost; and, where libjq is there (Debian: libjq-dev), what the same jobs cost it.
namespace harmonia::expr {
namespace {

constexpr std::string_view roots[] = {"tasks"};

Json sample() {
  JsonArray items;
  for (int i = 0; i < 1000; ++i) {
    items.push_back(JsonObject{{"id", i}, {"price", i % 100 + 0.5}, {"name", "item"}});
  }
  Json json = parse_json(R"({"a": {"output": {"total": 1500, "name": "Ada", "items": [1, 2, 3]}}})")
                  .value();
  json.at("a").at("output").as_object()["many"] = std::move(items);
  return json;
}

class Input final : public Activation {
 public:
  std::optional<LazyObject::Member> root(std::string_view) const override {
    return LazyObject::Member{.json = &json_};
  }

 private:
  Json json_ = sample();
};

void evaluate_source(benchmark::State& state, std::string_view source) {
  Input input;
  auto compiled = compile(source, {.limits = {}, .roots = roots});
  for (auto _ : state) benchmark::DoNotOptimize(evaluate(*compiled.program, input));
}

// A job in both languages. What jq gives is counted only: its input is made beforehand, its results
// are freed as they come.
struct Job {
  const char* name;
  const char* cel;
  const char* jq;
};
constexpr Job jobs[] = {
    {"path", "tasks.a.output.total", ".a.output.total"},
    {"comparison", "tasks.a.output.total > 1000 && tasks.a.output.name == 'Ada'",
     ".a.output.total > 1000 and .a.output.name == \"Ada\""},
    {"filter_1000", "tasks.a.output.many.filter(i, i.price > 50.0).size()",
     "[.a.output.many[] | select(.price > 50.0)] | length"},
    {"filter_out_1000", "tasks.a.output.many.filter(i, i.price > 50.0)",
     "[.a.output.many[] | select(.price > 50.0)]"},
    {"map_1000", "tasks.a.output.many.map(i, i.id * 2)", "[.a.output.many[] | .id * 2]"},
    {"exists_1000", "tasks.a.output.many.exists(i, i.id == 999)",
     "any(.a.output.many[]; .id == 999)"},
    {"sort_1000", "tasks.a.output.many.sortBy(i, -i.id).size()",
     ".a.output.many | sort_by(-.id) | length"},
};

#ifdef HARMONIA_HAS_JQ
void evaluate_jq(benchmark::State& state, const char* source) {
  jq_state* jq = jq_init();
  if (!jq_compile(jq, source)) {
    state.SkipWithError("jq does not compile it");
  } else {
    jv input = jv_parse(to_text(sample()).c_str());
    for (auto _ : state) {
      jq_start(jq, jv_copy(input), 0);
      for (jv result = jq_next(jq); jv_is_valid(result); result = jq_next(jq)) jv_free(result);
    }
    jv_free(input);
  }
  jq_teardown(&jq);
}
#endif

void compile_source(benchmark::State& state) {
  for (auto _ : state) {
    benchmark::DoNotOptimize(compile("tasks.a.output.total > 1000 && tasks.a.output.name == 'Ada'",
                                     {.limits = {}, .roots = roots}));
  }
}

class Unknown final : public TypeEnvironment {
 public:
  Type root(std::string_view) const override { return dyn_type(); }
};

void check_source(benchmark::State& state) {
  auto compiled = compile("tasks.a.output.total > 1000 && tasks.a.output.name == 'Ada'",
                          {.limits = {}, .roots = roots});
  for (auto _ : state) {
    benchmark::DoNotOptimize(check_types(*compiled.program, Unknown()));
  }
}

void render_template(benchmark::State& state) {
  Input input;
  auto source =
      parse_json(R"({"a": "${tasks.a.output.total}", "b": "Hello ${tasks.a.output.name}!"})")
          .value();
  auto compiled = compile_template(source, {.limits = {}, .roots = roots});
  for (auto _ : state) benchmark::DoNotOptimize(render(*compiled.value, input));
}

// Remembers the time of each benchmark and ends with how often ours fits into jq's.
class Reporter final : public benchmark::ConsoleReporter {
 public:
  void ReportRuns(const std::vector<Run>& runs) override {
    ConsoleReporter::ReportRuns(runs);
    for (const Run& run : runs) times_[run.benchmark_name()] = run.GetAdjustedCPUTime();
  }
  void print_ratios() const {
    for (const Job& job : jobs) {
      auto ours = times_.find(std::string("cel/") + job.name);
      auto theirs = times_.find(std::string("jq/") + job.name);
      if (ours == times_.end() || theirs == times_.end()) continue;
      std::printf("%-12s jq takes %.1f times as long\n", job.name, theirs->second / ours->second);
    }
  }

 private:
  std::map<std::string, double> times_;
};

int run(int count, char** arguments) {
  for (const Job& job : jobs) {
    benchmark::RegisterBenchmark((std::string("cel/") + job.name).c_str(), evaluate_source,
                                 job.cel);
#ifdef HARMONIA_HAS_JQ
    benchmark::RegisterBenchmark((std::string("jq/") + job.name).c_str(), evaluate_jq, job.jq);
#endif
  }
  benchmark::RegisterBenchmark("cel/matches", evaluate_source,
                               "tasks.a.output.name.matches('^[A-Z][a-z]+$')");
  benchmark::RegisterBenchmark("compile", compile_source);
  benchmark::RegisterBenchmark("check_types", check_source);
  benchmark::RegisterBenchmark("render", render_template);
  benchmark::Initialize(&count, arguments);
  Reporter reporter;
  benchmark::RunSpecifiedBenchmarks(&reporter);
  reporter.print_ratios();
  return 0;
}

}  // namespace
}  // namespace harmonia::expr

int main(int count, char** arguments) { return harmonia::expr::run(count, arguments); }
