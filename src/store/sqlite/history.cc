#include "store/sqlite/history.h"

#include <algorithm>

namespace harmonia::store::sqlite {
namespace {

using execution::Event;

constexpr std::string_view insert_history =
    "INSERT INTO history (position, run, first_seq, last_seq, at, tasks, payload) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)";

constexpr std::string_view select_last_seq =
    "SELECT last_seq FROM history WHERE run = ?1 ORDER BY first_seq DESC LIMIT 1";

constexpr std::string_view upsert_snapshot =
    "INSERT INTO snapshots (run, seq, state) VALUES (?1, ?2, ?3) "
    "ON CONFLICT (run) DO UPDATE SET seq = excluded.seq, state = excluded.state";

// The commit that holds event ?2 + 1, and those behind it.
constexpr std::string_view select_tail =
    "SELECT payload FROM history WHERE run = ?1 AND first_seq >= coalesce("
    "  (SELECT max(first_seq) FROM history WHERE run = ?1 AND first_seq <= ?2 + 1), 0) "
    "ORDER BY first_seq";

constexpr std::string_view select_run = "SELECT run FROM executions WHERE id = ?1";

constexpr std::string_view select_head =
    "SELECT run, workflow, revision FROM executions WHERE id = ?1";

constexpr std::string_view select_snapshot = "SELECT seq, state FROM snapshots WHERE run = ?1";

// Appends the events with after < seq, at most `limit`, to `events`.
Result<void> read_tail(Connection& connection, std::int64_t run, const HistoryQuery& query,
                       std::vector<Event>& events) {
  TRY(Query tail, connection.query(select_tail));
  tail->bind(run, query.after_seq);
  while (events.size() < query.limit) {
    TRY(bool found, tail->step());
    if (!found) break;
    TRY(auto parsed, execution::parse_events_text(tail->row().text(0)));
    for (Event& event : parsed) {
      if (event.seq > query.after_seq && events.size() < query.limit)
        events.push_back(std::move(event));
    }
  }
  return {};
}

Result<std::optional<Snapshot>> read_snapshot(Connection& connection, std::int64_t run) {
  TRY(Query query, connection.query(select_snapshot));
  query->bind(run);
  TRY(bool found, query->step());
  if (!found) return std::optional<Snapshot>();
  return std::optional(Snapshot{.seq = query->row().number<std::uint64_t>(0),
                                .state = std::string(query->row().text(1))});
}

}  // namespace

Result<HistoryWriter> HistoryWriter::prepare(Connection& connection) {
  HistoryWriter writer;
  TRY(writer.insert_, connection.prepare(insert_history));
  TRY(writer.last_seq_, connection.prepare(select_last_seq));
  TRY(writer.put_snapshot_, connection.prepare(upsert_snapshot));
  return writer;
}

Result<void> HistoryWriter::append(Position position, std::int64_t run,
                                   const EncodedCommit& commit) {
  const auto& events = commit.commit->events;
  return insert_.run(position, run, events.front().seq, events.back().seq, events.front().at,
                     commit.tasks, Blob{commit.payload});
}

Result<std::uint64_t> HistoryWriter::last_seq(std::int64_t run) {
  TRY(auto seq, last_seq_.find_integer(run));
  return static_cast<std::uint64_t>(seq.value_or(0));
}

Result<void> HistoryWriter::put_snapshot(std::int64_t run, const EncodedCommit& commit) {
  return put_snapshot_.run(run, commit.commit->snapshot->seq, Blob{commit.commit->snapshot->state});
}

Result<std::int64_t> find_run(Connection& connection, ExecutionId id) {
  TRY(Query query, connection.query(select_run));
  TRY(auto run, query->find_integer(id));
  return run.value_or(0);
}

Result<std::vector<Event>> read_history(Connection& connection, const HistoryQuery& query) {
  std::vector<Event> events;
  TRY(std::int64_t run, find_run(connection, query.execution));
  if (run != 0) TRY_DO(read_tail(connection, run, query, events));
  return events;
}

Result<std::optional<LoadedExecution>> load_execution(Connection& connection, ExecutionId id) {
  TRY(ReadTransaction transaction, ReadTransaction::begin(connection));
  LoadedExecution loaded;
  std::int64_t run = 0;
  {
    TRY(Query head, connection.query(select_head));
    head->bind(id);
    TRY(bool found, head->step());
    if (!found) return std::optional<LoadedExecution>();
    run = head->row().integer(0);
    loaded.workflow = head->row().id<WorkflowId>(1);
    loaded.revision = head->row().number<std::uint32_t>(2);
  }
  TRY(loaded.snapshot, read_snapshot(connection, run));
  HistoryQuery rest{
      .execution = id, .after_seq = loaded.snapshot ? loaded.snapshot->seq : 0, .limit = tail_max};
  TRY_DO(read_tail(connection, run, rest, loaded.tail));
  return std::optional(std::move(loaded));
}

}  // namespace harmonia::store::sqlite
