#include "store/sqlite/outbox.h"

#include <algorithm>
#include <limits>

#include "store/rules.h"
#include "store/sqlite/history.h"

namespace harmonia::store::sqlite {
namespace {

using execution::Interest;
using execution::InterestKind;
using execution::OwedDelta;
using execution::TimerKind;
using execution::Wake;

constexpr std::string_view insert_timer =
    "INSERT OR IGNORE INTO timers (due, run, kind, scope, task, attempt) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6)";
constexpr std::string_view delete_timer =
    "DELETE FROM timers WHERE due = ?1 AND run = ?2 AND kind = ?3 AND scope = ?4 AND task = ?5 "
    "AND attempt = ?6";
constexpr std::string_view insert_interest =
    "INSERT OR IGNORE INTO interests (run, has_task, scope, task, attempt, kind, key, lim, policy) "
    "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)";
constexpr std::string_view delete_interest =
    "DELETE FROM interests WHERE run = ?1 AND has_task = ?2 AND scope = ?3 AND task = ?4 "
    "AND attempt = ?5 AND kind = ?6 AND key = ?7";

constexpr std::string_view find_interest =
    "SELECT place FROM interests WHERE run = ?1 AND has_task = ?2 AND scope = ?3 AND task = ?4 "
    "AND attempt = ?5 AND kind = ?6 AND key = ?7";
constexpr std::string_view turn_interest =
    "UPDATE interests SET kind = ?2, lim = ?3, policy = ?4 WHERE place = ?1";
constexpr std::string_view move_interest = "UPDATE interests SET place = ?2 WHERE place = ?1";
constexpr std::string_view select_places =
    "SELECT place FROM interests WHERE kind = ?1 AND key = ?2 AND place > ?3 ORDER BY place "
    "LIMIT ?4";

constexpr std::string_view select_timers =
    "SELECT e.id, t.due, t.kind, t.scope, t.task, t.attempt "
    "FROM timers t JOIN executions e ON e.run = t.run "
    "WHERE t.due < ?1 ORDER BY t.due, t.run, t.kind, t.scope, t.task, t.attempt LIMIT ?2";
constexpr std::string_view select_interests =
    "SELECT i.place, e.id, i.has_task, i.scope, i.task, i.attempt, i.kind, i.key, i.lim, i.policy "
    "FROM interests i JOIN executions e ON e.run = i.run "
    "WHERE i.place > ?1 ORDER BY i.place LIMIT ?2";
constexpr std::string_view select_interests_of_key =
    "SELECT i.place, e.id, i.has_task, i.scope, i.task, i.attempt, i.kind, i.key, i.lim, i.policy "
    "FROM interests i JOIN executions e ON e.run = i.run "
    "WHERE i.kind = ?3 AND i.key = ?4 AND i.place > ?1 ORDER BY i.place LIMIT ?2";

execution::TaskRef read_task(const Row& row, int column) {
  return {.scope = row.number<execution::ScopeId>(column),
          .task = row.number<workflow::TaskNumber>(column + 1)};
}

InterestRow read_interest(const Row& row) {
  InterestRow read{.place = row.integer(0), .execution = row.id<ExecutionId>(1), .interest = {}};
  if (row.integer(2) != 0) read.interest.task = read_task(row, 3);
  read.interest.attempt = row.number<std::uint32_t>(5);
  read.interest.kind = row.number<InterestKind>(6);
  read.interest.key = row.text(7);
  read.interest.limit = row.number<std::uint32_t>(8);
  read.interest.policy = row.number<workflow::ConcurrencyPolicy>(9);
  return read;
}

}  // namespace

Result<OutboxWriter> OutboxWriter::prepare(Connection& connection) {
  OutboxWriter writer;
  TRY(writer.insert_timer_, connection.prepare(insert_timer));
  TRY(writer.delete_timer_, connection.prepare(delete_timer));
  TRY(writer.insert_interest_, connection.prepare(insert_interest));
  TRY(writer.delete_interest_, connection.prepare(delete_interest));
  TRY(writer.find_interest_, connection.prepare(find_interest));
  TRY(writer.turn_interest_, connection.prepare(turn_interest));
  TRY(writer.move_interest_, connection.prepare(move_interest));
  TRY(writer.select_places_, connection.prepare(select_places));
  return writer;
}

Result<void> OutboxWriter::apply(std::int64_t run, const OwedDelta& delta) {
  TRY_DO(apply_timers(run, delta));
  return apply_interests(run, delta);
}

Result<void> OutboxWriter::apply_timers(std::int64_t run, const OwedDelta& delta) {
  for (const Wake& w : delta.removed.wakes) {
    TRY_DO(delete_timer_.run(w.due, run, static_cast<std::int32_t>(w.kind), w.task.scope,
                             w.task.task, w.attempt));
  }
  for (const Wake& w : delta.added.wakes) {
    TRY_DO(insert_timer_.run(w.due, run, static_cast<std::int32_t>(w.kind), w.task.scope,
                             w.task.task, w.attempt));
  }
  return {};
}

Result<void> OutboxWriter::apply_interests(std::int64_t run, const OwedDelta& delta) {
  const auto& removed = delta.removed.interests;
  const auto& added = delta.added.interests;
  for (const Interest& gone : removed) {
    bool stays = std::any_of(added.begin(), added.end(),
                             [&](const Interest& come) { return keeps_place(gone, come); });
    if (!stays) TRY_DO(remove_interest(run, gone));
  }
  for (const Interest& come : added) {
    auto gone = std::find_if(removed.begin(), removed.end(),
                             [&](const Interest& one) { return keeps_place(one, come); });
    if (gone != removed.end()) TRY_DO(turn(run, *gone, come));
    TRY_DO(add_interest(run, come));
  }
  return {};
}

Result<void> OutboxWriter::remove_interest(std::int64_t run, const Interest& i) {
  execution::TaskRef task = i.task.value_or(execution::TaskRef{});
  return delete_interest_.run(run, std::int32_t{i.task.has_value()}, task.scope, task.task,
                              i.attempt, static_cast<std::int32_t>(i.kind), i.key);
}

Result<void> OutboxWriter::add_interest(std::int64_t run, const Interest& i) {
  execution::TaskRef task = i.task.value_or(execution::TaskRef{});
  return insert_interest_.run(run, std::int32_t{i.task.has_value()}, task.scope, task.task,
                              i.attempt, static_cast<std::int32_t>(i.kind), i.key, i.limit,
                              static_cast<std::int32_t>(i.policy));
}

Result<std::optional<std::int64_t>> OutboxWriter::place_of(std::int64_t run, const Interest& i) {
  execution::TaskRef task = i.task.value_or(execution::TaskRef{});
  return find_interest_.find_integer(run, std::int32_t{i.task.has_value()}, task.scope, task.task,
                                     i.attempt, static_cast<std::int32_t>(i.kind), i.key);
}

Result<std::vector<std::int64_t>> OutboxWriter::places_of(InterestKind kind, const std::string& key,
                                                          std::int64_t after, std::int64_t limit) {
  std::vector<std::int64_t> places;
  select_places_.bind(static_cast<std::int32_t>(kind), key, after, limit);
  for (;;) {
    auto found = select_places_.step();
    if (found.ok() && *found) {
      places.push_back(select_places_.row().integer(0));
      continue;
    }
    select_places_.reset();
    if (!found.ok()) return std::move(found).error();
    return places;
  }
}

Result<void> OutboxWriter::turn(std::int64_t run, const Interest& gone, const Interest& come) {
  TRY(auto place, place_of(run, gone));
  if (!place) return {};
  TRY(auto taken, place_of(run, come));
  if (taken) return remove_interest(run, gone);
  std::vector<PlaceMove> moves;
  if (come.kind == InterestKind::lock) {
    TRY(auto line, places_of(InterestKind::lock, come.key, 0, come.limit));
    TRY(auto aside,
        places_of(InterestKind::aside, come.key, *place, std::numeric_limits<std::int64_t>::max()));
    moves = turn_back(*place, std::move(line), aside, come.limit);
  }
  TRY_DO(turn_interest_.run(*place, static_cast<std::int32_t>(come.kind), come.limit,
                            static_cast<std::int32_t>(come.policy)));
  // By way of places that no row has.
  for (const PlaceMove& move : moves) TRY_DO(move_interest_.run(move.from, -move.to));
  for (const PlaceMove& move : moves) TRY_DO(move_interest_.run(-move.to, move.to));
  return {};
}

Result<std::vector<TimerRow>> read_timers(Connection& connection, const TimerQuery& query) {
  TRY(Query select, connection.query(select_timers));
  select->bind(query.due_before, query.limit);
  std::vector<TimerRow> rows;
  TRY_DO(select.each([&rows](const Row& row) -> Result<void> {
    rows.push_back({.execution = row.id<ExecutionId>(0),
                    .wake = {.due = row.time(1),
                             .kind = row.number<TimerKind>(2),
                             .task = read_task(row, 3),
                             .attempt = row.number<std::uint32_t>(5)}});
    return {};
  }));
  return rows;
}

Result<std::vector<InterestRow>> read_interests(Connection& connection,
                                                const InterestQuery& query) {
  TRY(Query select, connection.query(query.key ? select_interests_of_key : select_interests));
  if (query.key) {
    select->bind(query.after, query.limit, static_cast<std::int32_t>(query.kind), *query.key);
  } else {
    select->bind(query.after, query.limit);
  }
  std::vector<InterestRow> rows;
  TRY_DO(select.each([&rows](const Row& row) -> Result<void> {
    rows.push_back(read_interest(row));
    return {};
  }));
  return rows;
}

}  // namespace harmonia::store::sqlite
