// Durable commits per second: each a task that ended and two that follow, 3 events with payloads,
// of a run that stays at work. Two threads, each with half of the runs in flight; a run's
// next commit comes only when its last one is durable.
#include <cstdlib>
#include <filesystem>
#include <thread>

#include <benchmark/benchmark.h>

#include "store/memory/memory_store.h"
#include "store/sqlite/sqlite_store.h"

namespace harmonia::store {
namespace {

using execution::RunStatus;
using execution::TaskCompleted;
using execution::TaskScheduled;

constexpr std::uint64_t commits_per_run = 10;

struct Load {
  std::size_t in_flight = 1;
  bool with_summaries = false;
};

// One of two drivers: it keeps its runs moving and makes a new one when one has ended.
class Half {
 public:
  Half(Store& store, Load load, std::uint64_t half) : store_(store), load_(load), half_(half) {
    for (std::size_t i = 0; i < load.in_flight; ++i) runs_.push_back({.id = next_id()});
  }

  void round() {
    commits_.clear();
    for (Run& run : runs_) commits_.push_back(next_commit(run));
    for (const auto& result : store_.commit(commits_)) {
      if (!result.ok()) std::abort();
    }
    for (Run& run : runs_) {
      run.version += 3;
      if (run.version == 3 * commits_per_run) run = {.id = next_id()};
    }
  }

 private:
  struct Run {
    ExecutionId id;
    std::uint64_t version = 0;
  };

  ExecutionId next_id() {
    ++made_;
    return {make_uuid_v7(1'700'000'000'000 + static_cast<std::int64_t>(made_), made_, half_)};
  }

  Commit next_commit(const Run& run) {
    Commit commit;
    commit.execution = run.id;
    commit.expected_version = run.version;
    auto task = static_cast<std::uint32_t>(run.version);
    Timestamp at = from_micros(1'700'000'000'000'000 + task);
    commit.events = {
        {.seq = run.version + 1,
         .at = at,
         .body = TaskCompleted{.task = {0, task}, .attempt = 1, .output = payload_}},
        {.seq = run.version + 2,
         .at = at,
         .body = TaskScheduled{.task = {0, task + 1}, .attempt = 1, .input = payload_}},
        {.seq = run.version + 3,
         .at = at,
         .body = TaskScheduled{.task = {0, task + 2}, .attempt = 1, .input = payload_}}};
    commit.at_work = true;
    if (load_.with_summaries || run.version == 0) {
      Summary summary;
      summary.id = run.id;
      summary.workflow_name = "Nightly invoices";
      summary.status = RunStatus::running;
      summary.created_at = at;
      commit.summary = std::move(summary);
    }
    return commit;
  }

  Store& store_;
  Load load_;
  std::uint64_t half_;
  std::uint64_t made_ = 0;
  std::vector<Run> runs_;
  std::vector<Commit> commits_;
  SharedJson payload_ =
      share(JsonObject{{"customer", "c-1234567"}, {"total", 129.5}, {"ok", true}});
};

void run_load(benchmark::State& state, Store& store) {
  Load load{.in_flight = static_cast<std::size_t>(state.range(0)),
            .with_summaries = state.range(1) != 0};
  std::size_t threads = load.in_flight > 1 ? 2 : 1;
  load.in_flight /= threads;
  std::int64_t commits = 0;
  for (auto _ : state) {
    std::atomic<std::int64_t> rounds = 0;
    std::vector<std::thread> workers;
    auto stop_at = std::chrono::steady_clock::now() + std::chrono::seconds(3);
    for (std::size_t t = 0; t < threads; ++t) {
      workers.emplace_back([&, t] {
        Half half(store, load, t + 1);
        while (std::chrono::steady_clock::now() < stop_at) {
          half.round();
          ++rounds;
        }
      });
    }
    for (std::thread& worker : workers) worker.join();
    commits += rounds * static_cast<std::int64_t>(load.in_flight);
  }
  state.SetItemsProcessed(commits);
}

void commits_memory(benchmark::State& state) {
  auto store = make_memory_store();
  run_load(state, *store);
}

void commits_sqlite(benchmark::State& state) {
  const char* base = std::getenv("TMPDIR");
  std::string directory = std::string(base == nullptr ? "/tmp" : base) + "/harmonia_bench_XXXXXX";
  if (mkdtemp(directory.data()) == nullptr) std::abort();
  auto store = open_sqlite_store({.directory = directory});
  if (!store.ok()) std::abort();
  run_load(state, **store);
  store->reset();
  std::filesystem::remove_all(directory);
}

// In flight; with a summary in every commit or only in the first of a run.
BENCHMARK(commits_sqlite)
    ->ArgNames({"in_flight", "summaries"})
    ->ArgsProduct({{1, 64, 1'000}, {0, 1}})
    ->Iterations(1)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);
BENCHMARK(commits_memory)
    ->ArgNames({"in_flight", "summaries"})
    ->Args({1'000, 0})
    ->Iterations(1)
    ->UseRealTime()
    ->Unit(benchmark::kMillisecond);

}  // namespace
}  // namespace harmonia::store
