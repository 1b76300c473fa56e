#include "store/sqlite/writing_side.h"

#include "base/crash_point.h"
#include "store/sqlite/schema.h"

namespace harmonia::store::sqlite {
namespace {

constexpr int writer_cache_kib = 12 * 1024;
constexpr int checkpointer_cache_kib = 1024;
constexpr int check_seconds_max = 5;

}  // namespace

Result<WritingSide> WritingSide::open(const Options& options) {
  TRY(Connection connection, Connection::open(options.path, writer_cache_kib));
  if (options.check) TRY_DO(check_quickly(connection, options.path, check_seconds_max));
  TRY_DO(migrate(connection, options.path));
  TRY_DO(connection.empty_wal());
  crash_point("store.wal_emptied");
  if (options.probe) TRY_DO(probe_writing(connection));
  TRY(Tables tables, Tables::open(connection, options.tables));
  TRY(Connection copying, Connection::open(options.path, checkpointer_cache_kib));
  auto checkpointer = std::make_unique<Checkpointer>(std::move(copying), options.on_checkpoint);
  checkpointer->watch(connection);
  return WritingSide{.connection = std::move(connection),
                     .tables = std::move(tables),
                     .checkpointer = std::move(checkpointer)};
}

Result<void> probe_writing(Connection& connection) {
  TRY(std::int64_t version, connection.read_integer("PRAGMA user_version"));
  TRY_DO(connection.execute("BEGIN IMMEDIATE"));
  auto written = connection.execute("PRAGMA user_version = " + std::to_string(version));
  if (written.ok()) written = connection.execute("COMMIT");
  if (!written.ok() && sqlite3_get_autocommit(connection.handle()) == 0)
    static_cast<void>(connection.execute("ROLLBACK"));
  return written;
}

}  // namespace harmonia::store::sqlite
