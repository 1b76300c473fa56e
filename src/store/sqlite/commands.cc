#include "store/sqlite/commands.h"

#include <algorithm>

namespace harmonia::store::sqlite {
namespace {

constexpr std::string_view insert_command =
    "INSERT INTO commands (id, fingerprint, answer, at) VALUES (?1, ?2, ?3, ?4) "
    "ON CONFLICT (id) DO NOTHING";
constexpr std::string_view drop_commands =
    "DELETE FROM commands WHERE number <= (SELECT max(number) FROM commands) - ?1";
constexpr std::string_view select_command =
    "SELECT id, fingerprint, answer, at FROM commands WHERE id = ?1";

// Dropping them a thousand at a time costs next to nothing for each.
constexpr std::size_t drop_interval = 1'000;

}  // namespace

Result<CommandsWriter> CommandsWriter::prepare(Connection& connection,
                                               std::size_t retention_count) {
  CommandsWriter writer;
  TRY(writer.insert_, connection.prepare(insert_command));
  TRY(writer.drop_, connection.prepare(drop_commands));
  writer.handle_ = connection.handle();
  writer.retention_count_ = retention_count;
  return writer;
}

Result<bool> CommandsWriter::insert(const CommandRecord& record, std::string_view answer_text) {
  TRY_DO(insert_.run(record.command_id, record.fingerprint, Blob{answer_text}, record.at));
  if (sqlite3_changes(handle_) == 0) return false;
  ++inserted_since_drop_;
  return true;
}

Result<void> CommandsWriter::drop_old() {
  if (inserted_since_drop_ < std::min(drop_interval, retention_count_)) return {};
  inserted_since_drop_ = 0;
  return drop_.run(retention_count_);
}

Result<std::optional<CommandRecord>> find_command(Connection& connection, std::string_view id) {
  TRY(Query query, connection.query(select_command));
  query->bind(id);
  TRY(bool found, query->step());
  if (!found) return std::optional<CommandRecord>();
  Row row = query->row();
  TRY(Json answer,
      parse_json(row.text(2), {.depth_max = 256, .size_max = static_cast<std::size_t>(-1)}));
  return std::optional(CommandRecord{.command_id = std::string(row.text(0)),
                                     .fingerprint = std::string(row.text(1)),
                                     .answer = std::move(answer),
                                     .at = row.time(3)});
}

}  // namespace harmonia::store::sqlite
