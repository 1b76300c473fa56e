#include "store/sqlite/schema.h"

#include <chrono>

#include "base/crash_point.h"
#include "base/log.h"
#include "store/sqlite/migrations.h"

namespace harmonia::store::sqlite {
namespace {

using Clock = std::chrono::steady_clock;

constexpr int instructions_between_looks = 100'000;

Error too_new(const std::string& path, std::int64_t found, std::int64_t known) {
  return make_error(error_code::storage,
                    path + " has schema version " + std::to_string(found) +
                        ", made by a newer Harmonia; this one knows versions up to " +
                        std::to_string(known) + ": install the newer one, or restore a backup");
}

Result<void> apply_from(Connection& connection, std::int64_t version) {
  for (const Migration& migration : migrations()) {
    if (migration.version <= version) continue;
    TRY_DO(connection.execute(std::string(migration.sql)));
    crash_point("store.migrating");
  }
  return connection.execute("PRAGMA user_version = " + std::to_string(migrations().back().version));
}

int is_over(void* deadline) {
  return Clock::now() > *static_cast<Clock::time_point*>(deadline) ? 1 : 0;
}

}  // namespace

Result<void> migrate(Connection& connection, const std::string& path) {
  std::int64_t known = migrations().back().version;
  TRY(std::int64_t version, connection.read_integer("PRAGMA user_version"));
  if (version > known) return too_new(path, version, known);
  if (version == known) return {};
  TRY_DO(connection.execute("BEGIN IMMEDIATE"));
  auto applied = apply_from(connection, version);
  if (applied.ok()) applied = connection.execute("COMMIT");
  if (!applied.ok()) {
    static_cast<void>(connection.execute("ROLLBACK"));
    return applied;
  }
  log::write(version == 0 ? log::Level::debug : log::Level::info,
             "the database was brought to a new schema version",
             {{"path", path}, {"from", std::to_string(version)}, {"to", std::to_string(known)}});
  return {};
}

Result<void> check_quickly(Connection& connection, const std::string& path, int seconds_max) {
  auto deadline = Clock::now() + std::chrono::seconds(seconds_max);
  TRY(Statement check, connection.prepare("PRAGMA quick_check(1)"));
  sqlite3_progress_handler(connection.handle(), instructions_between_looks, is_over, &deadline);
  auto found = check.step();
  sqlite3_progress_handler(connection.handle(), 0, nullptr, nullptr);
  if (!found.ok()) {
    if (sqlite3_errcode(connection.handle()) == SQLITE_INTERRUPT) return {};
    return std::move(found).error();
  }
  std::string finding(*found ? check.row().text(0) : std::string_view("ok"));
  if (finding == "ok") return {};
  return make_error(error_code::storage, path + " is damaged: " + finding + "; restore a backup");
}

}  // namespace harmonia::store::sqlite
