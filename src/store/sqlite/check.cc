#include "store/sqlite/check.h"

#include <array>

namespace harmonia::store::sqlite {
namespace {

using Findings = std::vector<std::string>;

constexpr std::size_t findings_max = 100;  // of each kind

// Each SELECT gives one sentence for each thing that is wrong.
constexpr std::array invariants = {
    std::string_view("SELECT * FROM pragma_integrity_check(100) WHERE integrity_check <> 'ok'"),
    std::string_view(
        "SELECT 'history of execution ' || coalesce(uuid_text(id), 'number ' || h.run) || "
        "  ' has event ' || first_seq || ' behind event ' || coalesce(before, 0) FROM "
        "  (SELECT run, first_seq, lag(last_seq) OVER (PARTITION BY run ORDER BY first_seq) "
        "   AS before FROM history) h LEFT JOIN executions e ON e.run = h.run "
        "WHERE first_seq <> coalesce(before, 0) + 1"),
    std::string_view(
        "SELECT 'events of position ' || min(position) || ' belong to execution number ' || run || "
        "  ', which does not exist' FROM history "
        "WHERE run NOT IN (SELECT run FROM executions) GROUP BY run"),
    std::string_view("SELECT 'execution ' || uuid_text(id) || ' has no history' FROM executions "
                     "WHERE run NOT IN (SELECT run FROM history)"),
    std::string_view(
        "SELECT 'the snapshot of execution number ' || s.run || ' is of event ' || s.seq || "
        "  ', which is not in its history' FROM snapshots s WHERE s.seq > coalesce("
        "  (SELECT max(last_seq) FROM history h WHERE h.run = s.run), 0)"),
    std::string_view("SELECT 'execution ' || uuid_text(id) || ' is at work and has ended' "
                     "FROM executions WHERE at_work = 1 AND status > 2"),
    std::string_view("SELECT 'a wake is owed by execution number ' || t.run || "
                     "  ', which has ended or does not exist' FROM timers t "
                     "LEFT JOIN executions e ON e.run = t.run WHERE e.run IS NULL OR e.status > 2"),
    std::string_view("SELECT 'an interest is owed by execution number ' || i.run || "
                     "  ', which has ended or does not exist' FROM interests i "
                     "LEFT JOIN executions e ON e.run = i.run WHERE e.run IS NULL OR e.status > 2"),
    std::string_view("SELECT 'execution ' || uuid_text(id) || "
                     "  ' shows other numbers of tasks than its last commit' FROM executions e "
                     "WHERE ended_at IS NOT NULL AND json_array(tasks_total, tasks_completed, "
                     "  tasks_failed, tasks_skipped, tasks_canceled, tasks_running, tasks_waiting) "
                     "  <> (SELECT tasks FROM history h WHERE h.run = e.run "
                     "      ORDER BY first_seq DESC LIMIT 1)"),
    std::string_view("SELECT 'revisions of workflow ' || uuid_text(w.id) || ' are missing' "
                     "FROM workflows w WHERE w.revision <> "
                     "  (SELECT count(*) FROM definitions d WHERE d.workflow = w.id)"),
    std::string_view("SELECT 'a definition belongs to workflow ' || uuid_text(workflow) || "
                     "  ', which does not exist' FROM definitions "
                     "WHERE workflow NOT IN (SELECT id FROM workflows)"),
    std::string_view("SELECT 'position ' || h.position || ' is given twice' FROM history h "
                     "JOIN definition_changes c ON c.position = h.position"),
    std::string_view("SELECT 'tag ' || tag || ' of execution number ' || t.run || "
                     "  ' is not one of its tags' FROM execution_tags t "
                     "LEFT JOIN executions e ON e.run = t.run WHERE e.run IS NULL OR "
                     "  NOT EXISTS (SELECT 1 FROM json_each(e.tags) WHERE value = t.tag)"),
    std::string_view(
        "SELECT DISTINCT 'tag ' || value || ' of execution ' || uuid_text(e.id) || "
        "  ' is not found by it' FROM executions e, json_each(e.tags) WHERE "
        "  NOT EXISTS (SELECT 1 FROM execution_tags WHERE tag = value AND run = e.run)"),
};

constexpr std::string_view select_payloads =
    "SELECT position, first_seq, last_seq, payload FROM history ORDER BY position";

// The events of every row can be read and are those that its columns say.
Result<void> check_payloads(Connection& connection, Findings& findings) {
  TRY(Query query, connection.query(select_payloads));
  std::size_t found = 0;
  return query.each([&](const Row& row) -> Result<void> {
    auto events = execution::parse_events_text(row.text(3));
    bool sound = events.ok() && !events->empty() &&
                 events->front().seq == row.number<std::uint64_t>(1) &&
                 events->back().seq == row.number<std::uint64_t>(2);
    if (sound || found++ >= findings_max) return {};
    std::string reason = events.ok() ? "they are not those its row names" : events.error().detail;
    findings.push_back("the events at position " + std::to_string(row.integer(0)) +
                       " are damaged: " + reason);
    return {};
  });
}

}  // namespace

Result<Findings> check(Connection& connection) {
  Findings findings;
  TRY(ReadTransaction transaction, ReadTransaction::begin(connection));
  for (std::string_view invariant : invariants) {
    TRY(Statement statement, connection.prepare(invariant));
    for (std::size_t i = 0; i < findings_max; ++i) {
      TRY(bool found, statement.step());
      if (!found) break;
      findings.emplace_back(statement.row().text(0));
    }
  }
  TRY_DO(check_payloads(connection, findings));
  return findings;
}

Result<StoreStats> read_stats(Connection& connection) {
  TRY(ReadTransaction transaction, ReadTransaction::begin(connection));
  StoreStats stats;
  auto count = [&](const std::string& sql, std::uint64_t& out) -> Result<void> {
    TRY(std::int64_t value, connection.read_integer(sql));
    out = static_cast<std::uint64_t>(value);
    return {};
  };
  TRY_DO(count("SELECT count(*) FROM executions", stats.executions));
  TRY_DO(
      count("SELECT count(*) FROM executions WHERE status IN (0, 1, 2)", stats.executions_active));
  TRY_DO(count("SELECT count(*) FROM workflows WHERE deleted = 0", stats.definitions));
  TRY_DO(count("SELECT page_count * page_size FROM pragma_page_count, pragma_page_size",
               stats.size_bytes));
  return stats;
}

}  // namespace harmonia::store::sqlite
