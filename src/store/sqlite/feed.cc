#include "store/sqlite/feed.h"

namespace harmonia::store::sqlite {
namespace {

// Columns: position, at, id of the execution or workflow, payload (null: a definition changed),
// change, revision.
constexpr std::string_view select_feed =
    "SELECT position, at, (SELECT id FROM executions e WHERE e.run = history.run), payload, "
    "  0, 0 FROM history WHERE position > ?1 "
    "UNION ALL "
    "SELECT position, at, workflow, NULL, change, revision FROM definition_changes "
    "WHERE position > ?1 "
    "ORDER BY 1 LIMIT ?2";

constexpr std::string_view select_last =
    "SELECT max(coalesce((SELECT max(position) FROM history), 0), "
    "           coalesce((SELECT max(position) FROM definition_changes), 0))";

}  // namespace

Result<std::vector<FeedEntry>> read_feed(Connection& connection, Position after,
                                         std::size_t limit) {
  TRY(Query query, connection.query(select_feed));
  query->bind(after, limit);
  std::vector<FeedEntry> entries;
  TRY_DO(query.each([&entries](const Row& row) -> Result<void> {
    FeedEntry entry;
    entry.position = row.integer(0);
    entry.at = row.time(1);
    if (row.is_null(3)) {
      entry.workflow = row.id<WorkflowId>(2);
      entry.change = row.number<DefinitionChange>(4);
      entry.revision = row.number<std::uint32_t>(5);
    } else {
      entry.execution = row.id<ExecutionId>(2);
      TRY(entry.events, execution::parse_events_text(row.text(3)));
    }
    entries.push_back(std::move(entry));
    return {};
  }));
  return entries;
}

Result<Position> last_position(Connection& connection) {
  TRY(Query query, connection.query(select_last));
  TRY(auto position, query->find_integer());
  return position.value_or(0);
}

}  // namespace harmonia::store::sqlite
