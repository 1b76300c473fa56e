#include "store/sqlite/executions.h"

#include "store/rules.h"
#include "store/sqlite/execution_filter.h"

namespace harmonia::store::sqlite {
namespace {

using execution::RunStatus;
using execution::TaskCounts;

constexpr std::string_view select_entry = "SELECT run, status FROM executions WHERE id = ?1";

constexpr std::string_view insert_execution =
    "INSERT INTO executions (run, revision, workflow_name, created_at, ended_at, tasks_total, "
    "  tasks_completed, tasks_failed, tasks_skipped, tasks_canceled, tasks_running, tasks_waiting, "
    "  error_code, error_detail, tags, status, id, workflow) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18)";

#define HARMONIA_UPDATE_EXECUTION                                                             \
  "UPDATE executions SET revision = ?2, workflow_name = ?3, created_at = ?4, ended_at = ?5, " \
  "  tasks_total = ?6, tasks_completed = ?7, tasks_failed = ?8, tasks_skipped = ?9, "         \
  "  tasks_canceled = ?10, tasks_running = ?11, tasks_waiting = ?12, error_code = ?13, "      \
  "  error_detail = ?14, tags = ?15"

// Naming the status rewrites its index entry: most changes need not.
constexpr std::string_view update_same_status = HARMONIA_UPDATE_EXECUTION " WHERE run = ?1";
constexpr std::string_view update_execution =
    HARMONIA_UPDATE_EXECUTION ", status = ?16 WHERE run = ?1";

#undef HARMONIA_UPDATE_EXECUTION

#define HARMONIA_SELECT_SUMMARY                                                                  \
  "SELECT run, id, workflow, workflow_name, revision, status, created_at, ended_at, "            \
  "  tasks_total, tasks_completed, tasks_failed, tasks_skipped, tasks_canceled, tasks_running, " \
  "  tasks_waiting, error_code, error_detail, tags FROM executions "

constexpr std::string_view select_by_id = HARMONIA_SELECT_SUMMARY "WHERE id = ?1";
// Followed by a SELECT of the runs of a page.
constexpr std::string_view select_in = HARMONIA_SELECT_SUMMARY "WHERE run IN (";

#undef HARMONIA_SELECT_SUMMARY

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
  return summary;
}

}  // namespace

Result<ExecutionsWriter> ExecutionsWriter::prepare(Connection& connection) {
  ExecutionsWriter writer;
  TRY(writer.find_, connection.prepare(select_entry));
  TRY(writer.insert_, connection.prepare(insert_execution));
  TRY(writer.update_, connection.prepare(update_execution));
  TRY(writer.update_same_status_, connection.prepare(update_same_status));
  return writer;
}

Result<RunEntry> ExecutionsWriter::find(ExecutionId id) {
  RunEntry entry;
  find_.bind(id);
  auto found = find_.step();
  if (found.ok() && *found) {
    entry.run = find_.row().integer(0);
    entry.status = find_.row().number<RunStatus>(1);
  }
  find_.reset();
  if (!found.ok()) return std::move(found).error();
  return entry;
}

Result<void> ExecutionsWriter::write(const RunEntry& entry) {
  const Summary& s = *entry.staged_summary->summary();
  const TaskCounts& t = s.tasks;
  auto status = static_cast<std::int64_t>(s.status);
  bool same_status = !entry.is_new && entry.status == s.status;
  Statement& statement = entry.is_new ? insert_ : same_status ? update_same_status_ : update_;
  statement.bind(entry.run, s.revision, s.workflow_name, s.created_at, s.ended_at, t.total,
                 t.completed, t.failed, t.skipped, t.canceled, t.running, t.waiting, s.error_code,
                 s.error_detail, entry.staged_summary->tags);
  if (!same_status) statement.bind_at(16, status);
  if (entry.is_new) {
    statement.bind_at(17, s.id);
    statement.bind_at(18, s.workflow);
  }
  return statement.finish();
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

}  // namespace harmonia::store::sqlite
