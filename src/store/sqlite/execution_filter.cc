#include "store/sqlite/execution_filter.h"

#include <algorithm>
#include <limits>

#include "store/rules.h"

namespace harmonia::store::sqlite {
namespace {

// Beyond it a page is as good as endless, and sums stay far from overflow.
constexpr std::size_t rows_max = std::numeric_limits<std::int32_t>::max();

}  // namespace

Result<ExecutionFilter> ExecutionFilter::of(const ExecutionQuery& query) {
  ExecutionFilter filter(query);
  if (!query.cursor.empty()) {
    TRY(filter.before_run_, parse_execution_cursor(query.cursor));
  }
  return filter;
}

std::size_t ExecutionFilter::fetch_count() const { return std::min(query_.limit, rows_max) + 1; }

// With a tag its rows lead, in the order of the page: however many there are, no more are read than
// the page needs.
std::string ExecutionFilter::tables() const {
  if (query_.tag.empty()) return "executions AS led";
  return "execution_tags AS led CROSS JOIN executions ON executions.run = led.run";
}

std::string ExecutionFilter::conditions() const {
  std::string sql = query_.tag.empty() ? "1" : "tag = ?3";
  if (before_run_ > 0) sql += " AND led.run < ?1";
  if (query_.workflow) sql += " AND workflow = ?2";
  if (!query_.text.empty()) {
    sql +=
        " AND (contains_text(workflow_name, ?4) OR contains_text(uuid_text(id), ?4)"
        " OR contains_text(error_code, ?4) OR contains_text(error_detail, ?4))";
  }
  if (query_.created_from) sql += " AND created_at >= ?5";
  if (query_.created_before) sql += " AND created_at < ?6";
  return sql;
}

std::string ExecutionFilter::select_runs() const {
  std::string common = conditions();
  std::size_t rows = std::min(query_.offset, rows_max) + fetch_count();
  auto arm = [&](const std::string& status) {
    return "SELECT * FROM (SELECT led.run FROM " + tables() + " WHERE " + common + status +
           " ORDER BY led.run DESC LIMIT " + std::to_string(rows) + ")";
  };
  if (query_.statuses.empty()) return arm("");
  std::string sql;
  for (execution::RunStatus status : query_.statuses) {
    if (!sql.empty()) sql += " UNION ALL ";
    sql += arm(" AND status = " + std::to_string(static_cast<int>(status)));
  }
  return sql;
}

void ExecutionFilter::bind(Statement& statement) const {
  if (before_run_ > 0) statement.bind_at(1, before_run_);
  if (query_.workflow) statement.bind_at(2, *query_.workflow);
  if (!query_.tag.empty()) statement.bind_at(3, query_.tag);
  if (!query_.text.empty()) statement.bind_at(4, query_.text);
  if (query_.created_from) statement.bind_at(5, *query_.created_from);
  if (query_.created_before) statement.bind_at(6, *query_.created_before);
}

}  // namespace harmonia::store::sqlite
