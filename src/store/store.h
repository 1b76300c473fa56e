#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/id.h"
#include "base/json.h"
#include "base/result.h"
#include "base/time.h"
#include "execution/decide.h"
#include "execution/event.h"
#include "execution/state.h"
#include "store/outbox.h"

// The port to durable storage. What is written is on disk (fsync) when the call returns. Every
// driver passes store/conformance.
//
// Errors: `conflict` (a version that is not the expected one, or a command id that is recorded
// already, with instance "/command"; nothing of that commit is written), `storage` (the disk said
// no), `storage_locked`, `not_found` where said, `invalid_argument` (a cursor that is none).
//
// After `storage` for a write its outcome is unknown until `health().writable` is true again: a
// sync that fails may have written all, some or nothing. Nothing that follows from it may be done
// before, and what is there then must be read. A driver that is not writable refuses writes at
// once, with `retry_after`, and becomes writable by itself.
namespace harmonia::store {

// Order of everything that was committed, over all executions and definitions: 1, 2, 3 ... in steps
// of one or more.
using Position = std::int64_t;

// What lists show of an execution without loading it.
struct Summary {
  ExecutionId id;
  WorkflowId workflow;
  std::string workflow_name;
  std::uint32_t revision = 1;
  execution::RunStatus status = execution::RunStatus::pending;
  Timestamp created_at;
  std::optional<Timestamp> ended_at = {};
  execution::TaskCounts tasks = {};
  std::string error_code = {};  // of a failed run
  std::string error_detail = {};
  std::vector<std::string> tags = {};  // of the workflow and of the start
};

// The answer to a command that came with an id (an idempotency key), kept so that a repeat gets the
// same one.
struct CommandRecord {
  std::string command_id;
  std::string fingerprint;  // of the request; a repeat with another one is refused by the caller
  Json answer;
  Timestamp at;
};

struct Snapshot {
  std::uint64_t seq = 0;
  std::string state;  // execution::write_snapshot; bytes to a store
};

// One decided command. All of it or nothing.
struct Commit {
  ExecutionId execution;
  std::uint64_t expected_version = 0;    // last seq before these events; 0: a new execution
  std::vector<execution::Event> events;  // not empty, numbered on from there, all of one time
  // First what is removed, then what is added. A lock that turns aside and an aside that turns back
  // keep their place in line, see rules.h. Dispatches are not kept, only whether some are owed:
  execution::OwedDelta owed = {};
  bool at_work = false;
  // When something lists show has changed. What a run never changes is taken from the first one:
  // workflow, its name, revision, created_at and tags. A new execution without one gets workflow
  // and revision of its execution_started, status pending.
  std::optional<Summary> summary = {};
  // Where there is no summary: how many tasks there are after these events. Lists show the newest.
  // An execution whose summary has `ended_at` gets a summary with the next commit, if there is one.
  execution::TaskCounts tasks = {};
  std::optional<CommandRecord> command = {};
  std::optional<Snapshot> snapshot = {};
};

// Events that load_execution brings along.
inline constexpr std::size_t tail_max = 1000;

struct LoadedExecution {
  WorkflowId workflow;
  std::uint32_t revision = 1;
  std::optional<Snapshot> snapshot;
  std::vector<execution::Event> tail;  // after the snapshot; when it has tail_max, read_history on
};

struct StoredDefinition {
  WorkflowId id;
  std::uint32_t revision = 1;
  std::string name;
  std::string version;
  std::string description;
  std::vector<std::string> tags;
  Json canonical;
  Timestamp created_at;  // of revision 1
  Timestamp updated_at;  // of this revision
  bool deleted = false;  // runs may still refer to it
};

struct PutDefinition {
  WorkflowId id;
  // Of an update: the current one; none: no check.
  std::optional<std::uint32_t> expected_revision = {};
  // True: a new workflow, `conflict` when the id exists. One that was deleted may be made anew; its
  // revisions go on. False: an update, `not_found` when there is none or it was deleted.
  bool create = false;
  Json canonical;
  std::string name;
  std::string version;
  std::string description;
  std::vector<std::string> tags;
  Timestamp at;
  std::optional<CommandRecord> command = {};
};

struct DeleteDefinition {
  WorkflowId id;
  std::optional<std::uint32_t> expected_revision = {};
  Timestamp at;
};

enum class DefinitionChange { created, updated, deleted };

// One entry of the durable, globally ordered feed: a commit of an execution, or a change of a
// definition.
struct FeedEntry {
  Position position = 0;
  Timestamp at;
  std::optional<ExecutionId> execution = {};  // set for commits
  std::vector<execution::Event> events = {};
  std::optional<WorkflowId> workflow = {};  // set for definition changes
  DefinitionChange change = DefinitionChange::created;
  std::uint32_t revision = 0;
};

struct HistoryQuery {
  ExecutionId execution;
  std::uint64_t after_seq = 0;
  std::size_t limit = 1000;  // events
};

// Keyset pages: newest first. `cursor` is opaque text from an earlier page.
struct ExecutionQuery {
  std::vector<execution::RunStatus> statuses = {};  // empty: all
  std::optional<WorkflowId> workflow = {};
  std::string tag = {};
  std::string text = {};  // part of workflow name, id or error
  std::optional<Timestamp> created_from = {};
  std::optional<Timestamp> created_before = {};
  std::string cursor = {};
  std::size_t offset = 0;  // for clients without cursors
  std::size_t limit = 100;
};
struct ExecutionPage {
  std::vector<Summary> items;
  std::string next_cursor;  // empty: no more
};

struct DefinitionQuery {
  std::string tag = {};
  std::string text = {};  // part of name or description
  std::string cursor = {};
  std::size_t offset = 0;
  std::size_t limit = 100;
};
struct DefinitionPage {
  std::vector<StoredDefinition> items;  // newest revision of each, by name, then id
  std::string next_cursor;
};

// How the disk does. While `fault` is not empty something is wrong; `writable` says whether writes
// are taken all the same.
struct StoreHealth {
  bool writable = true;
  std::string fault = {};               // what is wrong, for an operator
  std::optional<Timestamp> since = {};  // when that began
  std::uint64_t faults_total = 0;       // how often something began to be wrong
  std::uint64_t recoveries_total = 0;   // and how often it ended
};

struct StoreStats {
  std::uint64_t executions = 0;
  std::uint64_t executions_active = 0;  // not ended
  std::uint64_t definitions = 0;
  std::uint64_t size_bytes = 0;
};

// Thread-safe: writes are grouped into one transaction and one fsync by whoever comes together;
// reads use connections of their own and see everything acknowledged before they began.
class Store {
 public:
  virtual ~Store() = default;

  // One result per commit, in order. Commits of the same execution in one call build on each other;
  // when one of them conflicts, the later ones of that execution do too.
  virtual std::vector<Result<Position>> commit(std::span<const Commit> commits) = 0;

  // nullopt: no such execution.
  virtual Result<std::optional<LoadedExecution>> load_execution(ExecutionId id) = 0;
  virtual Result<std::optional<Summary>> find_summary(ExecutionId id) = 0;
  virtual Result<std::vector<execution::Event>> read_history(const HistoryQuery& query) = 0;
  virtual Result<ExecutionPage> list_executions(const ExecutionQuery& query) = 0;

  // Executions that owe dispatches, in the order of their creation: which ones, their state tells.
  virtual Result<std::vector<ExecutionId>> read_at_work(const AtWorkQuery& query) = 0;
  // By due time.
  virtual Result<std::vector<TimerRow>> read_timers(const TimerQuery& query) = 0;

  // By place, oldest first.
  virtual Result<std::vector<InterestRow>> read_interests(const InterestQuery& query) = 0;

  // False: an event of this id is kept already that expires after event.at; nothing was written.
  virtual Result<bool> keep_event(const KeptEvent& event) = 0;
  virtual Result<std::vector<KeptEvent>> read_kept_events(const KeptEventQuery& query) = 0;
  // How many were forgotten because they had expired by `now`.
  virtual Result<std::size_t> forget_expired_events(Timestamp now) = 0;

  // The revision made. `conflict` when expected_revision is not current, `not_found` when an update
  // names no workflow.
  virtual Result<std::uint32_t> put_definition(const PutDefinition& put) = 0;
  virtual Result<void> delete_definition(const DeleteDefinition& del) = 0;
  // revision 0: the newest. Deleted ones are found by explicit revision only.
  virtual Result<std::optional<StoredDefinition>> find_definition(WorkflowId id,
                                                                  std::uint32_t revision) = 0;
  // By exact name; the most recently updated when several share it.
  virtual Result<std::optional<StoredDefinition>> find_definition_by_name(
      std::string_view name) = 0;
  virtual Result<DefinitionPage> list_definitions(const DefinitionQuery& query) = 0;

  virtual Result<std::optional<CommandRecord>> find_command(std::string_view command_id) = 0;

  virtual Result<std::vector<FeedEntry>> read_feed(Position after, std::size_t limit) = 0;
  virtual Result<Position> last_position() = 0;

  virtual Result<StoreStats> stats() = 0;
  // Does not wait for the disk.
  virtual StoreHealth health() const = 0;
  // Deep check of files and invariants; every finding a sentence. Empty: healthy.
  virtual Result<std::vector<std::string>> check() = 0;
};

}  // namespace harmonia::store
