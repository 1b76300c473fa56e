#include "server/verify.h"

#include <algorithm>
#include <limits>
#include <map>
#include <set>

#include "engine/run_loader.h"

namespace harmonia::server {
namespace {

using execution::Owed;
using execution::State;

// What of one run is checked, and the state its history gives.
struct Folded {
  State state;
  workflow::SharedDefinition definition;
  std::string at_snapshot;  // the state as a snapshot, folded up to the stored one
};

class Verifier {
 public:
  Verifier(store::Store& store, const VerifyProgress& progress)
      : store_(store), definitions_(store), progress_(progress) {}

  Result<VerifyReport> verify() {
    TRY(auto damages, store_.check());
    for (std::string& damage : damages) add(std::move(damage));
    TRY_DO(read_rows());
    store::ExecutionQuery query{.limit = 500};
    do {
      TRY(auto page, store_.list_executions(query));
      for (const store::Summary& summary : page.items) {
        TRY_DO(verify_execution(summary));
        ++report_.executions;
        if (report_.executions % 100 == 0 && progress_) progress_(report_);
      }
      query.cursor = page.next_cursor;
    } while (!query.cursor.empty());
    for (const auto& [id, owed] : rows_) {
      std::size_t count = owed.wakes.size() + owed.interests.size();
      add("there are " + std::to_string(count) + " timer and interest rows of run " +
          to_string(id) + ", which does not exist");
    }
    return std::move(report_);
  }

 private:
  void add(std::string finding) {
    if (report_.findings.size() < VerifyReport::findings_max) {
      report_.findings.push_back(std::move(finding));
    } else {
      report_.findings_truncated = true;
    }
  }

  Result<void> read_rows() {
    store::AtWorkQuery query;
    while (true) {
      TRY(auto executions, store_.read_at_work(query));
      at_work_.insert(executions.begin(), executions.end());
      if (executions.size() < query.limit) break;
      query.after = executions.back();
    }
    constexpr Timestamp end_of_time(Duration::max());
    store::TimerQuery all{.due_before = end_of_time,
                          .limit = std::numeric_limits<std::int32_t>::max()};
    TRY(auto timers, store_.read_timers(all));
    for (const auto& row : timers) rows_[row.execution].wakes.push_back(row.wake);
    return read_interests();
  }

  Result<void> read_interests() {
    store::InterestQuery query;
    while (true) {
      TRY(auto rows, store_.read_interests(query));
      for (const auto& row : rows) rows_[row.execution].interests.push_back(row.interest);
      if (rows.size() < query.limit) return {};
      query.after = rows.back().place;
    }
  }

  Result<void> verify_execution(const store::Summary& summary) {
    std::string name = "run " + to_string(summary.id);
    Owed rows;
    if (auto found = rows_.find(summary.id); found != rows_.end()) {
      rows = std::move(found->second);
      rows_.erase(found);
    }
    TRY(auto loaded, store_.load_execution(summary.id));
    if (!loaded) {
      add(name + " has a summary and no history");
      return {};
    }
    auto definition = definitions_.find(loaded->workflow, loaded->revision);
    if (!definition) {
      add(name + ": " + definition.error().detail);
      return {};
    }
    Folded folded{.state = {}, .definition = *definition, .at_snapshot = {}};
    std::uint64_t snapshot_seq = loaded->snapshot ? loaded->snapshot->seq : 0;
    TRY(bool is_whole, fold(summary.id, snapshot_seq, folded));
    if (!is_whole) return {};
    if (loaded->snapshot && folded.at_snapshot != loaded->snapshot->state) {
      add(name + ": the snapshot at event " + std::to_string(snapshot_seq) +
          " is not the state its history gives");
    }
    Owed owed = execution::owed(*folded.definition, folded.state);
    if (owed.dispatches.empty() == at_work_.contains(summary.id)) {
      add(name + ": " + std::to_string(owed.dispatches.size()) +
          " dispatches are owed by its history, its row says " +
          (owed.dispatches.empty() ? "some" : "none"));
    }
    compare_owed(name, std::move(owed), std::move(rows));
    compare_summary(name, engine::summarise(folded.state, *folded.definition), summary);
    return {};
  }

  // False: the history is broken, which is said.
  Result<bool> fold(ExecutionId id, std::uint64_t snapshot_seq, Folded& folded) {
    folded.state.id = id;
    store::HistoryQuery query{.execution = id};
    while (true) {
      TRY(auto events, store_.read_history(query));
      for (const execution::Event& event : events) {
        if (!check_order(id, folded.state, event)) return false;
        execution::evolve(folded.state, *folded.definition, event);
        ++report_.events;
        if (event.seq == snapshot_seq) {
          folded.at_snapshot = execution::write_snapshot(folded.state);
        }
      }
      if (events.size() < query.limit) break;
      query.after_seq = events.back().seq;
    }
    if (!folded.state.exists()) add("run " + to_string(id) + " has no events");
    return folded.state.exists();
  }

  bool check_order(ExecutionId id, const State& state, const execution::Event& event) {
    std::string name = "run " + to_string(id);
    bool is_start = std::holds_alternative<execution::ExecutionStarted>(event.body);
    if (event.seq != state.last_seq + 1) {
      add(name + ": event " + std::to_string(event.seq) + " follows event " +
          std::to_string(state.last_seq));
      return false;
    }
    if (is_start != (event.seq == 1)) {
      add(name + ": event " + std::to_string(event.seq) + " is " +
          std::string(event_name(event.body)) + ", out of place");
      return false;
    }
    if (is_terminal(state.status)) {
      add(name + ": event " + std::to_string(event.seq) + " comes after the end of the run");
      return false;
    }
    return true;
  }

  void compare_owed(const std::string& name, Owed owed, Owed rows) {
    auto compare = [&](auto& expected, auto& found, std::string_view what) {
      std::sort(expected.begin(), expected.end());
      std::sort(found.begin(), found.end());
      if (expected == found) return;
      add(name + ": " + std::to_string(expected.size()) + " " + std::string(what) +
          " are owed by its history, the rows hold " + std::to_string(found.size()) +
          (expected.size() == found.size() ? " others" : ""));
    };
    compare(owed.wakes, rows.wakes, "timers");
    compare(owed.interests, rows.interests, "interests");
  }

  void compare_summary(const std::string& name, const store::Summary& folded,
                       const store::Summary& stored) {
    auto differs = [&](bool same, std::string_view what) {
      if (!same) add(name + ": " + std::string(what) + " of its summary is not what history says");
    };
    const auto& a = folded.tasks;
    const auto& b = stored.tasks;
    differs(folded.workflow == stored.workflow, "the workflow");
    differs(folded.revision == stored.revision, "the revision");
    differs(folded.status == stored.status, "the status");
    differs(folded.created_at == stored.created_at, "the start time");
    differs(folded.ended_at == stored.ended_at, "the end time");
    differs(folded.error_code == stored.error_code, "the error");
    differs(a.total == b.total && a.completed == b.completed && a.failed == b.failed &&
                a.skipped == b.skipped && a.canceled == b.canceled && a.running == b.running &&
                a.waiting == b.waiting,
            "the task counts");
  }

  store::Store& store_;
  engine::DefinitionCache definitions_;
  const VerifyProgress& progress_;
  std::set<ExecutionId> at_work_;
  std::map<ExecutionId, Owed> rows_;  // of runs not looked at yet
  VerifyReport report_;
};

}  // namespace

Result<VerifyReport> verify_store(store::Store& store, const VerifyProgress& progress) {
  return Verifier(store, progress).verify();
}

}  // namespace harmonia::server
