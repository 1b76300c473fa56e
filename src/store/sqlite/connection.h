#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <sqlite3.h>
#include <string>
#include <string_view>
#include <utility>

#include "base/id.h"
#include "base/result.h"
#include "base/time.h"

// SQLite behind owners and results. Private to store/sqlite.
namespace harmonia::store::sqlite {

// Bytes to bind or read as a BLOB; not owned.
struct Blob {
  std::string_view bytes;
};

// The columns of the row a statement stands on; views live until its next step.
class Row {
 public:
  explicit Row(sqlite3_stmt* statement) : statement_(statement) {}

  std::int64_t integer(int column) const { return sqlite3_column_int64(statement_, column); }
  bool is_null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }
  // Of TEXT and BLOB alike.
  std::string_view text(int column) const;
  Timestamp time(int column) const { return from_micros(integer(column)); }
  std::optional<Timestamp> optional_time(int column) const;
  template <class IdType>
  IdType id(int column) const {
    return IdType{uuid(column)};
  }
  template <class Number>
  Number number(int column) const {
    return static_cast<Number>(integer(column));
  }

 private:
  Uuid uuid(int column) const;

  sqlite3_stmt* statement_;
};

// A prepared statement, used by one thread at a time. Must not outlive its connection.
class Statement {
 public:
  Statement() = default;
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}

  // Binds ?1, ?2 ... without copying: text and blobs must live until the statement is reset.
  template <class... Values>
  void bind(const Values&... values) {
    int index = 0;
    (bind_one(++index, values), ...);
  }
  // Binds one after the other, for statements built of parts.
  template <class Value>
  void bind_at(int index, const Value& value) {
    bind_one(index, value);
  }

  // True when it stands on a row.
  Result<bool> step();
  void reset();
  Row row() const { return Row(statement_.get()); }

  // Steps a bound statement that gives no rows, and resets it.
  Result<void> finish();
  // A statement without rows, once: bind, step, reset.
  template <class... Values>
  Result<void> run(const Values&... values) {
    bind(values...);
    return finish();
  }
  // The first row's integer, or nothing.
  template <class... Values>
  Result<std::optional<std::int64_t>> find_integer(const Values&... values) {
    bind(values...);
    return take_integer();
  }

 private:
  struct Finalizer {
    void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
  };

  Result<std::optional<std::int64_t>> take_integer();
  void note(int code);
  void bind_one(int index, std::int64_t value);
  void bind_one(int index, std::uint64_t value);
  void bind_one(int index, std::int32_t value) { bind_one(index, std::int64_t{value}); }
  void bind_one(int index, std::uint32_t value) { bind_one(index, std::int64_t{value}); }
  void bind_one(int index, std::string_view value);
  void bind_one(int index, const std::string& value) { bind_one(index, std::string_view(value)); }
  void bind_one(int index, Blob value);
  void bind_one(int index, Timestamp value) { bind_one(index, to_micros(value)); }
  void bind_one(int index, const std::optional<Timestamp>& value);
  void bind_one(int index, const Uuid& value);
  template <class Tag>
  void bind_one(int index, const Id<Tag>& value) {
    bind_one(index, value.uuid);
  }

  std::unique_ptr<sqlite3_stmt, Finalizer> statement_;
  int bind_failure_ = SQLITE_OK;
};

// A cached statement in use; reset when this goes, so that it holds no read transaction.
class Query {
 public:
  explicit Query(Statement* statement) : statement_(statement) {}
  ~Query() {
    if (statement_ != nullptr) statement_->reset();
  }
  Query(Query&& other) noexcept : statement_(std::exchange(other.statement_, nullptr)) {}
  Query& operator=(Query&&) = delete;

  Statement* operator->() const { return statement_; }

  // Calls take(Row) -> Result<void> for every row, until one fails.
  template <class Take>
  Result<void> each(Take take) {
    for (;;) {
      TRY(bool found, statement_->step());
      if (!found) return {};
      TRY_DO(take(statement_->row()));
    }
  }

 private:
  Statement* statement_;
};

// One SQLite connection, used by one thread at a time.
class Connection {
 public:
  // Opens or makes the file. WAL, synchronous=FULL; no automatic checkpoints.
  static Result<Connection> open(const std::string& path, int cache_kib);

  Result<void> execute(const std::string& sql);
  Result<Statement> prepare(std::string_view sql);
  // A statement kept prepared under its text: for constant texts only, their number is the bound.
  Result<Query> query(std::string_view sql);
  // Copies all of the WAL into the database, syncs that, and empties the WAL.
  Result<void> empty_wal();
  // The last connection to close leaves the WAL, unless it was told to remove it.
  void remove_wal_on_close();
  // The integer a PRAGMA or SELECT gives.
  Result<std::int64_t> read_integer(const std::string& sql);
  sqlite3* handle() const { return handle_.get(); }
  // The error of the last call, naming the file and what to do.
  Error last_error() const { return describe_failure(handle_.get()); }

  static Error describe_failure(sqlite3* handle);

 private:
  struct Closer {
    void operator()(sqlite3* handle) const { sqlite3_close_v2(handle); }
  };

  explicit Connection(sqlite3* handle) : handle_(handle) {}

  std::unique_ptr<sqlite3, Closer> handle_;
  // Node-based, because queries point into it.
  std::map<std::string, Statement, std::less<>> cached_;
};

// Several reads of one state of the database.
class ReadTransaction {
 public:
  static Result<ReadTransaction> begin(Connection& connection);
  ~ReadTransaction();
  ReadTransaction(ReadTransaction&& other) noexcept
      : connection_(std::exchange(other.connection_, nullptr)) {}
  ReadTransaction& operator=(ReadTransaction&&) = delete;

 private:
  explicit ReadTransaction(Connection& connection) : connection_(&connection) {}

  Connection* connection_;
};

}  // namespace harmonia::store::sqlite
