#include "store/sqlite/connection.h"

#include <cstring>

#include "store/sqlite/functions.h"

namespace harmonia::store::sqlite {
namespace {

constexpr int busy_timeout_ms = 5'000;

// What an operator can do about it.
std::string_view advice(int code) {
  switch (code & 0xff) {
    case SQLITE_FULL: return "free some space on the disk";
    case SQLITE_IOERR: return "look at the system log for disk errors, and at the free space";
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB: return "the file is damaged or no database: restore a backup";
    case SQLITE_READONLY:
    case SQLITE_PERM:
    case SQLITE_AUTH:
    case SQLITE_CANTOPEN: return "check the path, its owner and its permissions";
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return "another program holds the file: end it";
    case SQLITE_NOMEM: return "the machine is out of memory";
    default: return "this should not happen: please report it";
  }
}

}  // namespace

std::string_view Row::text(int column) const {
  const void* bytes = sqlite3_column_blob(statement_, column);
  auto size = static_cast<std::size_t>(sqlite3_column_bytes(statement_, column));
  return {static_cast<const char*>(bytes), size};
}

std::optional<Timestamp> Row::optional_time(int column) const {
  if (is_null(column)) return std::nullopt;
  return time(column);
}

Uuid Row::uuid(int column) const {
  Uuid uuid;
  std::string_view bytes = text(column);
  if (bytes.size() == uuid.bytes.size()) std::memcpy(uuid.bytes.data(), bytes.data(), bytes.size());
  return uuid;
}

void Statement::note(int code) {
  if (code != SQLITE_OK) bind_failure_ = code;
}

void Statement::bind_one(int index, std::int64_t value) {
  note(sqlite3_bind_int64(statement_.get(), index, value));
}

void Statement::bind_one(int index, std::uint64_t value) {
  bind_one(index, static_cast<std::int64_t>(value));
}

void Statement::bind_one(int index, std::string_view value) {
  const char* bytes = value.data() == nullptr ? "" : value.data();
  note(sqlite3_bind_text64(statement_.get(), index, bytes, value.size(), SQLITE_STATIC,
                           SQLITE_UTF8));
}

void Statement::bind_one(int index, Blob value) {
  const char* bytes = value.bytes.data() == nullptr ? "" : value.bytes.data();
  note(sqlite3_bind_blob64(statement_.get(), index, bytes, value.bytes.size(), SQLITE_STATIC));
}

void Statement::bind_one(int index, const std::optional<Timestamp>& value) {
  if (value) return bind_one(index, *value);
  note(sqlite3_bind_null(statement_.get(), index));
}

void Statement::bind_one(int index, const Uuid& value) {
  note(sqlite3_bind_blob64(statement_.get(), index, value.bytes.data(), value.bytes.size(),
                           SQLITE_STATIC));
}

Result<bool> Statement::step() {
  sqlite3* handle = sqlite3_db_handle(statement_.get());
  if (bind_failure_ != SQLITE_OK) {
    bind_failure_ = SQLITE_OK;
    return Connection::describe_failure(handle);
  }
  int code = sqlite3_step(statement_.get());
  if (code == SQLITE_ROW) return true;
  if (code == SQLITE_DONE) return false;
  return Connection::describe_failure(handle);
}

void Statement::reset() { sqlite3_reset(statement_.get()); }

Result<void> Statement::finish() {
  auto stepped = step();
  reset();
  if (!stepped.ok()) return std::move(stepped).error();
  return {};
}

Result<std::optional<std::int64_t>> Statement::take_integer() {
  std::optional<std::int64_t> value;
  auto stepped = step();
  if (stepped.ok() && *stepped && !row().is_null(0)) value = row().integer(0);
  reset();
  if (!stepped.ok()) return std::move(stepped).error();
  return value;
}

Result<Connection> Connection::open(const std::string& path, int cache_kib) {
  // Nobody asks SQLite how much memory it has, and to count it takes a lock of the whole process at
  // each allocation. Only before the first connection of the process.
  [[maybe_unused]] static const int configured = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  sqlite3* handle = nullptr;
  int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  int code = sqlite3_open_v2(path.c_str(), &handle, flags, nullptr);
  Connection connection(handle);
  if (code != SQLITE_OK) {
    return make_error(error_code::storage, "can't open " + path + ": " +
                                               std::string(sqlite3_errstr(code)) + "; " +
                                               std::string(advice(code)));
  }
  sqlite3_extended_result_codes(handle, 1);
  sqlite3_busy_timeout(handle, busy_timeout_ms);
  register_functions(handle);
  // The last connection to close would copy the WAL and delete it. After a sync that failed the WAL
  // may be all there is: see writing_side.h.
  sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, nullptr);
  TRY_DO(connection.execute("PRAGMA cache_size = -" + std::to_string(cache_kib)));
  // FULL: the WAL is synced before a commit returns. Freed pages need not be overwritten.
  TRY_DO(
      connection.execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                         "PRAGMA secure_delete = OFF; PRAGMA temp_store = MEMORY;"
                         "PRAGMA wal_autocheckpoint = 0; PRAGMA journal_size_limit = 67108864"));
  return connection;
}

Result<void> Connection::execute(const std::string& sql) {
  if (sqlite3_exec(handle_.get(), sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK) return {};
  return last_error();
}

Result<Statement> Connection::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  int code = sqlite3_prepare_v3(handle_.get(), sql.data(), static_cast<int>(sql.size()),
                                SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) return last_error();
  return Statement(statement);
}

Result<Query> Connection::query(std::string_view sql) {
  auto found = cached_.find(sql);
  if (found == cached_.end()) {
    TRY(Statement statement, prepare(sql));
    found = cached_.emplace(std::string(sql), std::move(statement)).first;
  }
  return Query(&found->second);
}

Result<std::int64_t> Connection::read_integer(const std::string& sql) {
  TRY(Statement statement, prepare(sql));
  TRY(auto value, statement.find_integer());
  return value.value_or(0);
}

Result<void> Connection::empty_wal() {
  TRY(std::int64_t is_busy, read_integer("PRAGMA wal_checkpoint(TRUNCATE)"));
  if (is_busy == 0) return {};
  return make_error(error_code::storage,
                    std::string(sqlite3_db_filename(handle_.get(), "main")) +
                        ": the WAL can't be copied while somebody reads; end other programs that "
                        "have the database open");
}

void Connection::remove_wal_on_close() {
  sqlite3_db_config(handle_.get(), SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 0, nullptr);
}

Error Connection::describe_failure(sqlite3* handle) {
  int code = sqlite3_extended_errcode(handle);
  const char* path = sqlite3_db_filename(handle, "main");
  std::string detail = path == nullptr ? "the database" : path;
  detail.append(": ").append(sqlite3_errmsg(handle));
  if (code == SQLITE_IOERR_FSYNC) detail += " when syncing";
  if (int reason = sqlite3_system_errno(handle); reason != 0 && (code & 0xff) != SQLITE_CONSTRAINT)
    detail.append(" (").append(std::strerror(reason)).append(")");
  detail.append("; ").append(advice(code));
  return make_error(error_code::storage, std::move(detail));
}

Result<ReadTransaction> ReadTransaction::begin(Connection& connection) {
  TRY_DO(connection.execute("BEGIN"));
  return ReadTransaction(connection);
}

ReadTransaction::~ReadTransaction() {
  // Nothing was written: if the end fails, the next BEGIN says so.
  if (connection_ != nullptr) static_cast<void>(connection_->execute("COMMIT"));
}

}  // namespace harmonia::store::sqlite
