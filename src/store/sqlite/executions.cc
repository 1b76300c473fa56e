#include "store/sqlite/executions.h"

#include "store/rules.h"
#include "store/sqlite/execution_filter.h"
#include "store/sqlite/history.h"

namespace harmonia::store::sqlite {
namespace {

using execution::RunStatus;
using execution::TaskCounts;

constexpr std::string_view select_entry = "SELECT run, at_work FROM executions WHERE id = ?1";

constexpr std::string_view insert_execution =
    "INSERT INTO executions (run, revision, workflow_name, created_at, ended_at, tasks_total, "
    "  tasks_completed, tasks_failed, tasks_skipped, tasks_canceled, tasks_running, tasks_waiting, "
    "  error_code, error_detail, tags, status, at_work, id, workflow) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)";

constexpr std::string_view insert_tags =
    "INSERT OR IGNORE INTO execution_tags SELECT value, ?1 FROM json_each(?2)";

constexpr std::string_view update_execution =
    "UPDATE executions SET tasks_total = ?2, tasks_completed = ?3, tasks_failed = ?4, "
    "  tasks_skipped = ?5, tasks_canceled = ?6, tasks_running = ?7, tasks_waiting = ?8, "
    "  ended_at = ?9, error_code = ?10, error_detail = ?11, status = ?12, at_work = ?13 "
    "WHERE run = ?1";

// Naming a column makes SQLite rewrite its index entries, which is a multiple of the work.
constexpr std::string_view update_at_work = "UPDATE executions SET at_work = ?2 WHERE run = ?1";

// Null: those of the row are the newest. A run that has ended is read without its history.
#define HARMONIA_NEWEST_COUNTS                                    \
  "CASE WHEN ended_at IS NULL THEN (SELECT tasks FROM history h " \
  "  WHERE h.run = executions.run ORDER BY first_seq DESC LIMIT 1) END"
#define HARMONIA_SELECT_SUMMARY                                                                  \
  "SELECT run, id, workflow, workflow_name, revision, status, created_at, ended_at, "            \
  "  tasks_total, tasks_completed, tasks_failed, tasks_skipped, tasks_canceled, tasks_running, " \
  "  tasks_waiting, error_code, error_detail, tags, " HARMONIA_NEWEST_COUNTS " FROM executions "

constexpr std::string_view select_by_id = HARMONIA_SELECT_SUMMARY "WHERE id = ?1";
constexpr std::string_view select_at_work =
    "SELECT id FROM executions INDEXED BY executions_at_work "
    "WHERE at_work = 1 AND run > ?1 ORDER BY run LIMIT ?2";
// Followed by a SELECT of the runs of a page.
constexpr std::string_view select_in = HARMONIA_SELECT_SUMMARY "WHERE run IN (";

#undef HARMONIA_SELECT_SUMMARY
#undef HARMONIA_NEWEST_COUNTS

Result<Summary> read_summary(const Row& row) {
  Summary summary;
  summary.id = row.id<ExecutionId>(1);
  summary.workflow = row.id<WorkflowId>(2);
  summary.workflow_name = row.text(3);
  summary.revision = row.number<std::uint32_t>(4);
  summary.status = row.number<RunStatus>(5);
  summary.created_at = row.time(6);
  summary.ended_at = row.optional_time(7);
  summary.tasks = {.total = row.number<std::uint32_t>(8),
                   .completed = row.number<std::uint32_t>(9),
                   .failed = row.number<std::uint32_t>(10),
                   .skipped = row.number<std::uint32_t>(11),
                   .canceled = row.number<std::uint32_t>(12),
                   .running = row.number<std::uint32_t>(13),
                   .waiting = row.number<std::uint32_t>(14)};
  summary.error_code = row.text(15);
  summary.error_detail = row.text(16);
  TRY(summary.tags, tags_from_text(row.text(17)));
  if (!row.is_null(18)) {
    TRY(summary.tasks, counts_from_text(row.text(18)));
  }
  return summary;
}

}  // namespace

Result<ExecutionsWriter> ExecutionsWriter::prepare(Connection& connection) {
  ExecutionsWriter writer;
  TRY(writer.find_, connection.prepare(select_entry));
  TRY(writer.insert_, connection.prepare(insert_execution));
  TRY(writer.insert_tags_, connection.prepare(insert_tags));
  TRY(writer.update_, connection.prepare(update_execution));
  TRY(writer.update_at_work_, connection.prepare(update_at_work));
  return writer;
}

Result<RunEntry> ExecutionsWriter::find(ExecutionId id) {
  RunEntry entry;
  find_.bind(id);
  auto found = find_.step();
  if (found.ok() && *found) {
    entry.run = find_.row().integer(0);
    entry.at_work = find_.row().integer(1) != 0;
  }
  find_.reset();
  if (!found.ok()) return std::move(found).error();
  return entry;
}

Result<void> ExecutionsWriter::write(const RunEntry& entry) {
  if (entry.staged_summary != nullptr) return write_summary(entry);
  if (entry.staged_at_work == entry.at_work) return {};
  return update_at_work_.run(entry.run, std::int32_t{entry.staged_at_work});
}

Result<void> ExecutionsWriter::write_summary(const RunEntry& entry) {
  const Summary& s = *entry.staged_summary->summary();
  const TaskCounts& t = counts_of(*entry.staged_summary->commit);
  auto status = static_cast<std::int64_t>(s.status);
  std::int32_t at_work = entry.staged_at_work;
  if (!entry.is_new) {
    return update_.run(entry.run, t.total, t.completed, t.failed, t.skipped, t.canceled, t.running,
                       t.waiting, s.ended_at, s.error_code, s.error_detail, status, at_work);
  }
  const Summary& first = *entry.staged_first->summary();
  const std::string& tags = entry.staged_first->tags;
  TRY_DO(insert_.run(entry.run, first.revision, first.workflow_name, first.created_at, s.ended_at,
                     t.total, t.completed, t.failed, t.skipped, t.canceled, t.running, t.waiting,
                     s.error_code, s.error_detail, tags, status, at_work, first.id,
                     first.workflow));
  return first.tags.empty() ? Result<void>() : insert_tags_.run(entry.run, tags);
}

Result<std::optional<Summary>> find_summary(Connection& connection, ExecutionId id) {
  TRY(Query query, connection.query(select_by_id));
  query->bind(id);
  TRY(bool found, query->step());
  if (!found) return std::optional<Summary>();
  TRY(Summary summary, read_summary(query->row()));
  return std::optional(std::move(summary));
}

Result<ExecutionPage> list_executions(Connection& connection, const ExecutionQuery& query) {
  TRY(ExecutionFilter filter, ExecutionFilter::of(query));
  std::string sql(select_in);
  sql.append(filter.select_runs()).append(") ORDER BY run DESC");
  sql.append(" LIMIT ").append(std::to_string(filter.fetch_count()));
  sql.append(" OFFSET ").append(std::to_string(query.offset));
  TRY(Statement statement, connection.prepare(sql));
  filter.bind(statement);
  ExecutionPage page;
  std::int64_t last = 0;
  for (;;) {
    TRY(bool found, statement.step());
    if (!found) break;
    if (page.items.size() == query.limit) {
      if (last > 0) page.next_cursor = execution_cursor(last);
      break;
    }
    last = statement.row().integer(0);
    TRY(Summary summary, read_summary(statement.row()));
    page.items.push_back(std::move(summary));
  }
  return page;
}

Result<std::vector<ExecutionId>> read_at_work(Connection& connection, const AtWorkQuery& query) {
  std::int64_t after = 0;
  if (!query.after.is_nil()) {
    TRY(after, find_run(connection, query.after));
    if (after == 0) return no_such_execution(query.after);
  }
  TRY(Query select, connection.query(select_at_work));
  select->bind(after, query.limit);
  std::vector<ExecutionId> found;
  TRY_DO(select.each([&found](const Row& row) -> Result<void> {
    found.push_back(row.id<ExecutionId>(0));
    return {};
  }));
  return found;
}

}  // namespace harmonia::store::sqlite
