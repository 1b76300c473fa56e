#include "store/sqlite/kept_events.h"

namespace harmonia::store::sqlite {
namespace {

constexpr std::string_view insert_event =
    "INSERT INTO events (id, name, correlation, payload, at, expires_at) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (id) DO UPDATE SET name = excluded.name, "
    "  correlation = excluded.correlation, payload = excluded.payload, at = excluded.at, "
    "  expires_at = excluded.expires_at WHERE events.expires_at <= excluded.at";
constexpr std::string_view forget_events =
    "DELETE FROM events WHERE number IN "
    "(SELECT number FROM events WHERE expires_at <= ?1 LIMIT ?2)";
// Those of one moment come in the order in which they were kept.
constexpr std::string_view select_events =
    "SELECT id, name, correlation, payload, at, expires_at FROM events "
    "WHERE name = ?1 AND correlation = ?2 AND expires_at > ?3 AND (?5 = '' OR id = ?5) "
    "ORDER BY at, number LIMIT ?4";

}  // namespace

Result<KeptEventsWriter> KeptEventsWriter::prepare(Connection& connection) {
  KeptEventsWriter writer;
  TRY(writer.insert_, connection.prepare(insert_event));
  TRY(writer.forget_, connection.prepare(forget_events));
  writer.handle_ = connection.handle();
  return writer;
}

Result<bool> KeptEventsWriter::insert(const KeptEvent& event, std::string_view payload_text) {
  TRY_DO(insert_.run(event.id, event.name, event.correlation, Blob{payload_text}, event.at,
                     event.expires_at));
  return sqlite3_changes(handle_) > 0;
}

Result<std::size_t> KeptEventsWriter::forget_expired(Timestamp now) {
  TRY_DO(forget_.run(now, forget_count_max));
  return static_cast<std::size_t>(sqlite3_changes(handle_));
}

Result<std::vector<KeptEvent>> read_kept_events(Connection& connection,
                                                const KeptEventQuery& query) {
  TRY(Query select, connection.query(select_events));
  select->bind(query.name, query.correlation, query.now, query.limit, query.id);
  std::vector<KeptEvent> events;
  TRY_DO(select.each([&events](const Row& row) -> Result<void> {
    TRY(Json payload,
        parse_json(row.text(3), {.depth_max = 256, .size_max = static_cast<std::size_t>(-1)}));
    events.push_back({.id = std::string(row.text(0)),
                      .name = std::string(row.text(1)),
                      .correlation = std::string(row.text(2)),
                      .payload = std::move(payload),
                      .at = row.time(4),
                      .expires_at = row.time(5)});
    return {};
  }));
  return events;
}

}  // namespace harmonia::store::sqlite
