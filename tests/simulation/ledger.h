#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "execution/event.h"
#include "store/store.h"
#include "tests/simulation/specification.h"

// What histories say, folded by rules read from the documents and not by execution::evolve: whoever
// checks the engine with this can't repeat its mistakes. It trusts nothing; what makes no sense
// breaks the law `history`.
namespace harmonia::simulation {

using execution::ScopeId;
using execution::TaskRef;
using execution::WaitsFor;

enum class Standing : std::uint8_t {
  pending,
  queued,      // for max_parallel
  attempting,  // a runner has it
  working,     // its scopes do
  retrying,    // until the next attempt is due
  sleeping,    // a wait
  awaiting,    // somebody: waits_for
  handling,    // a catch clause
  cleaning,    // finally
  completed,
  failed,
  skipped,
  canceled,
};
std::string_view to_string(Standing standing);
inline bool is_over(Standing standing) { return standing >= Standing::completed; }
inline bool is_active(Standing standing) {
  return standing != Standing::pending && !is_over(standing);
}

struct TaskRecord {
  TaskRef ref = {};
  const TaskSpec* spec = nullptr;
  std::string path = {};
  Standing standing = Standing::pending;
  WaitsFor waits_for = WaitsFor::time;
  std::uint32_t attempt = 0;
  std::uint32_t operator_retries = 0;
  Timestamp since = {};  // of its last change
  std::optional<Timestamp> due = {};
  std::optional<Timestamp> deadline = {};
  SharedJson input = {};
  SharedJson output = {};   // null once it completed: not known
  SharedJson pending = {};  // what it will complete with after `finally`
  std::optional<Error> error = {};
  bool continued = false;
  std::string key = {};     // of the lock it has or asked for
  bool in_line = false;     // asked for and not had yet
  bool was_aside = false;   // its run was paused meanwhile: others passed
  std::uint64_t place = 0;  // in its line: the number of the commit that asked; 0: left it
  std::string child = {};   // the run it waits for
  bool detached = false;
  std::uint32_t clause = 0;
  std::vector<std::uint64_t> taken = {};  // numbers of signals, of this attempt
  std::uint32_t scopes_opened = 0;        // of work, of this attempt
  std::uint32_t handlers_opened = 0;
  std::uint32_t cleanups_opened = 0;
  std::uint32_t cleanups_closed = 0;
  bool cleans_to_cancel = false;
  std::uint32_t times_completed = 0;
  std::uint64_t queued_at = 0;  // seq
  std::uint64_t asked_at = 0;   // seq of the event by which it began to wait for somebody
};

// A completed task that is undone when its scope fails.
struct UndoRecord {
  std::uint64_t seq = 0;
  workflow::BodyNumber body = 0;
  std::string path = {};
  SharedJson input = {};
  std::optional<Error> error = {};  // there is no input
};

struct ScopeRecord {
  ScopeId id = 0;
  const BodySpec* body = nullptr;
  std::optional<TaskRef> owner = {};
  std::optional<ScopeId> parent = {};
  std::uint32_t index = 0;
  std::uint32_t attempt = 0;  // of the owner
  std::string prefix = {};
  bool open = true;
  bool failing = false;
  std::optional<Error> failure = {};
  std::optional<execution::ScopeOutcome> outcome = {};
  SharedJson output = {};
  std::optional<Error> close_error = {};
  std::optional<UndoRecord> undoes = {};  // a compensation
  std::vector<TaskRecord> tasks = {};
  std::vector<UndoRecord> undo = {};
  std::uint32_t follow_ups = 0;  // open compensations and on_failure

  TaskRecord& at(workflow::TaskNumber number) { return tasks[number - body->first]; }
  const TaskRecord& at(workflow::TaskNumber number) const { return tasks[number - body->first]; }
};

struct SignalRecord {
  std::string id = {};
  std::string name = {};
  std::string correlation = {};
  SharedJson payload = {};
  bool taken = false;
};

struct RunRecord {
  ExecutionId id;
  WorkflowId workflow;
  std::uint32_t revision = 0;
  std::shared_ptr<const WorkflowSpec> spec;
  execution::RunStatus status = execution::RunStatus::pending;
  std::uint64_t seq = 0;
  Timestamp created_at;
  Timestamp last_at;
  std::optional<Timestamp> deadline;
  std::optional<Timestamp> ended_at;
  SharedJson input;
  SharedJson output;
  std::optional<Error> error;
  std::string reason;
  std::optional<execution::Parent> parent;
  std::string turn;  // its key, while it waits for its turn or has it
  bool in_line = false;
  std::uint64_t place = 0;
  std::uint32_t turn_limit = 1;
  bool timed_out = false;  // what follows goes on, with a deadline of its own
  std::map<ScopeId, ScopeRecord> scopes;
  ScopeId last_scope = 0;
  std::map<std::uint64_t, SignalRecord> signals;  // by number
  std::set<std::string> signal_ids;
  std::uint64_t signals_received = 0;
  std::vector<std::pair<std::uint64_t, execution::RunStatus>> statuses;  // since which seq

  execution::RunStatus status_at(std::uint64_t version) const;
  bool has_ended() const { return execution::is_terminal(status); }
  bool goes_on() const { return status == execution::RunStatus::running; }
  const ScopeRecord* find_scope(ScopeId id) const;
  ScopeRecord* find_scope(ScopeId id);
  const TaskRecord* find_task(TaskRef ref) const;
  TaskRecord* find_task(TaskRef ref);
  // Of an open scope, at a path; the newest scope first.
  const TaskRecord* find_path(std::string_view path) const;
};

// A scope that fails and ends its other tasks.
bool cancels(const RunRecord& run, const ScopeRecord& scope);

// A path without the numbers of items and iterations: where the task stands in the definition.
std::string place_of(std::string_view path);

// For messages: `run 7f3a.. task a/b#2`.
std::string name_of(const RunRecord& run);
std::string name_of(const RunRecord& run, TaskRef ref);

// Looks at histories as they grow. `run` is how it stood before the event in `before` and how it
// stands after it in `after`.
class HistoryCheck {
 public:
  virtual ~HistoryCheck() = default;
  virtual void before(const RunRecord&, const execution::Event&) {}
  virtual void after(const RunRecord&, const execution::Event&) {}
  virtual void after_commit(const RunRecord&, const std::vector<execution::Event>&) {}
};

class Ledger {
 public:
  using FindSpec =
      std::function<std::shared_ptr<const WorkflowSpec>(WorkflowId, std::uint32_t revision)>;
  explicit Ledger(FindSpec find_spec) : find_spec_(std::move(find_spec)) {}

  void add_check(HistoryCheck& check) { checks_.push_back(&check); }
  // A commit, in the order of the feed.
  void apply(const store::FeedEntry& entry);

  const std::map<ExecutionId, RunRecord>& runs() const { return runs_; }
  const RunRecord* find(ExecutionId id) const;
  const TaskRecord* find(ExecutionId id, TaskRef ref) const;

 private:
  void apply(RunRecord& run, const execution::Event& event);

  FindSpec find_spec_;
  std::vector<HistoryCheck*> checks_;
  std::map<ExecutionId, RunRecord> runs_;
  std::uint64_t commits_ = 0;
};

}  // namespace harmonia::simulation
