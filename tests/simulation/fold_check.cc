#include "tests/simulation/fold_check.h"

#include "server/verify.h"
#include "tests/simulation/broken_law.h"

namespace harmonia::simulation {
namespace {

using execution::InterestKind;
using execution::TimerKind;

constexpr const char* fold_law = "fold";
constexpr const char* row_law = "rows";
constexpr const char* list_law = "lists";

bool is_same(const execution::TaskCounts& a, const execution::TaskCounts& b) {
  auto all = [](const execution::TaskCounts& one) {
    return std::tie(one.total, one.completed, one.failed, one.skipped, one.canceled, one.running,
                    one.waiting);
  };
  return all(a) == all(b);
}

// One thing that is owed, as a line that can be compared.
std::string line(ExecutionId run, std::string_view what, TaskRef ref, std::uint32_t attempt,
                 const std::string& more) {
  return to_string(run) + " " + std::string(what) + " scope " + std::to_string(ref.scope) +
         " task " + std::to_string(ref.task) + " #" + std::to_string(attempt) + " " + more;
}

std::string_view name_of(TimerKind kind) {
  constexpr std::string_view names[] = {"retry", "wait", "task timeout", "run timeout", "proceed"};
  return names[static_cast<std::size_t>(kind)];
}
std::string_view name_of(InterestKind kind) {
  constexpr std::string_view names[] = {"lock",     "event",    "child", "parent",
                                        "approval", "incident", "aside"};
  return names[static_cast<std::size_t>(kind)];
}
std::string time_of(Timestamp time) { return std::to_string(to_micros(time)); }

class Expected {
 public:
  explicit Expected(std::multiset<std::string>& lines) : lines_(lines) {}

  void add(const RunRecord& run) {
    if (run.has_ended()) return;
    if (run.deadline) add(run, name_of(TimerKind::run_timeout), {}, 0, time_of(*run.deadline));
    if (is_at_work(run)) add(run, "at work", {}, 0, "");
    if (!run.turn.empty()) add(run, "lock", {}, 0, run.turn);
    if (run.parent && run.parent->waits)
      add(run, "parent", {}, 0, to_string(run.parent->execution));
    for (const auto& [_, scope] : run.scopes) {
      if (!scope.open) continue;
      for (const TaskRecord& task : scope.tasks) {
        if (is_active(task.standing)) add(run, task);
      }
    }
  }

 private:
  static bool is_at_work(const RunRecord& run) {
    return std::any_of(run.scopes.begin(), run.scopes.end(), [](const auto& entry) {
      const auto& tasks = entry.second.tasks;
      return entry.second.open && std::any_of(tasks.begin(), tasks.end(), [](const auto& task) {
               return task.standing == Standing::attempting;
             });
    });
  }

  void add(const RunRecord& run, std::string_view what, TaskRef ref, std::uint32_t attempt,
           const std::string& more) {
    lines_.insert(line(run.id, what, ref, attempt, more));
  }

  void add(const RunRecord& run, const TaskRecord& task) {
    auto owe = [&](std::string_view what, const std::string& more) {
      add(run, what, task.ref, task.attempt, more);
    };
    if (task.deadline) owe(name_of(TimerKind::task_timeout), time_of(*task.deadline));
    bool paused = run.status == execution::RunStatus::paused;
    if (task.due && !paused) {
      TimerKind kind = task.standing == Standing::retrying   ? TimerKind::retry
                       : task.standing == Standing::sleeping ? TimerKind::wait
                                                             : TimerKind::proceed;
      owe(name_of(kind), time_of(*task.due));
    }
    if (!task.key.empty()) {
      owe(paused && task.in_line ? "aside" : "lock", task.key);
      return;
    }
    if (task.standing != Standing::awaiting) return;
    switch (task.waits_for) {
      case WaitsFor::event: {
        const JsonObject& wanted = task.input->get_object();
        if (wanted.contains("correlation"))
          owe("event", get_string(wanted, "event") + "\n" + get_string(wanted, "correlation"));
        return;
      }
      case WaitsFor::child: return owe("child", task.child);
      case WaitsFor::approval: return owe("approval", "");
      case WaitsFor::incident: return owe("incident", "");
      default: return;
    }
  }

  std::multiset<std::string>& lines_;
};

template <class T>
T must(Result<T> result, const char* law) {
  expect(result.ok(), law, [&] { return result.error().detail; });
  return std::move(result).value();
}

std::multiset<std::string> rows_of(store::Store& store) {
  std::multiset<std::string> lines;
  for (ExecutionId id : must(store.read_at_work({.limit = 1'000'000}), row_law))
    lines.insert(line(id, "at work", {}, 0, ""));
  store::TimerQuery timers{.due_before = Timestamp(Duration::max()), .limit = 1'000'000};
  for (const auto& row : must(store.read_timers(timers), row_law)) {
    lines.insert(line(row.execution, name_of(row.wake.kind), row.wake.task, row.wake.attempt,
                      time_of(row.wake.due)));
  }
  store::InterestQuery interests{.limit = 1'000'000};
  for (const auto& row : must(store.read_interests(interests), row_law)) {
    const auto& interest = row.interest;
    lines.insert(line(row.execution, name_of(interest.kind), interest.task.value_or(TaskRef{}),
                      interest.attempt, interest.key));
  }
  return lines;
}

}  // namespace

void check_rows(store::Store& store, const Ledger& ledger) {
  std::multiset<std::string> expected;
  for (const auto& [_, run] : ledger.runs()) Expected(expected).add(run);
  auto found = rows_of(store);
  if (expected == found) return;
  for (const std::string& one : expected) {
    expect(found.contains(one), row_law, [&] { return "owed by history and no row: " + one; });
  }
  for (const std::string& one : found) {
    expect(expected.contains(one), row_law, [&] { return "a row that no history owes: " + one; });
  }
  break_law(row_law, "a row stands twice");
}

void check_verified(store::Store& store) {
  auto report = must(server::verify_store(store, {}), "verify");
  expect(report.findings.empty(), "verify", [&] { return report.findings.front(); });
}

void FoldCheck::after(const RunRecord& run, const execution::Event& event) {
  auto [place, is_new] = folded_.try_emplace(run.id);
  if (is_new) place->second.id = run.id;
  execution::evolve(place->second, *run.spec->definition, event);
  if (run.has_ended()) folded_.erase(place);
}

void FoldCheck::compare(const engine::Announcement& announcement) const {
  auto found = folded_.find(announcement.execution);
  if (found == folded_.end()) return;
  const execution::State& live = announcement.state;
  // A batch may be ahead of the commit it announces, never of the disk.
  expect(live.last_seq <= found->second.last_seq, fold_law,
         [&] { return "run " + to_string(live.id) + " is ahead of its history in memory"; });
  if (live.last_seq != found->second.last_seq) return;
  expect(execution::write_snapshot(live) == execution::write_snapshot(found->second), fold_law,
         [&] { return "run " + to_string(live.id) + " is in memory not what its history gives"; });
}

void FoldCheck::compare_loaded(store::Store& store, engine::DefinitionCache& definitions,
                               ExecutionId id) const {
  auto found = folded_.find(id);
  if (found == folded_.end()) return;
  auto loaded = must(engine::load_run(store, definitions, id), fold_law);
  expect(loaded.has_value(), fold_law, [&] { return "run " + to_string(id) + " can't be loaded"; });
  expect(execution::write_snapshot(loaded->state) == execution::write_snapshot(found->second),
         fold_law,
         [&] { return "run " + to_string(id) + " is loaded as not what its history gives"; });
  auto listed = must(store.find_summary(id), list_law);
  expect(listed && listed->status == found->second.status &&
             is_same(listed->tasks, found->second.counts),
         list_law,
         [&] { return "run " + to_string(id) + " is listed with other tasks or status"; });
}

}  // namespace harmonia::simulation
