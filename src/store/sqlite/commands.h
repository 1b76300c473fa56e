#pragma once

#include "store/sqlite/connection.h"
#include "store/store.h"

// The table `commands`: answers kept for repeats.
namespace harmonia::store::sqlite {

class CommandsWriter {
 public:
  static Result<CommandsWriter> prepare(Connection& connection, std::size_t retention_count);

  // False when a record with this id is there already; it is left as it is.
  Result<bool> insert(const CommandRecord& record, std::string_view answer_text);
  // Drops what is beyond the bound, from time to time. At the end of a transaction.
  Result<void> drop_old();
  // After a transaction that failed.
  void forget() { inserted_since_drop_ = 0; }

 private:
  Statement insert_;
  Statement drop_;
  sqlite3* handle_ = nullptr;
  std::size_t retention_count_ = 0;
  std::size_t inserted_since_drop_ = 0;
};

Result<std::optional<CommandRecord>> find_command(Connection& connection, std::string_view id);

}  // namespace harmonia::store::sqlite
