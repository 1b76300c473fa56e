#pragma once

#include "store/sqlite/connection.h"
#include "store/sqlite/run_cache.h"

// The table `executions`: what lists show.
namespace harmonia::store::sqlite {

class ExecutionsWriter {
 public:
  static Result<ExecutionsWriter> prepare(Connection& connection);

  // The entry of an execution as the table has it; run 0 when it has none.
  Result<RunEntry> find(ExecutionId id);
  // Writes the staged summary of an entry: a new row, or a change of it.
  Result<void> write(const RunEntry& entry);

 private:
  Statement find_;
  Statement insert_;
  Statement update_;
  Statement update_same_status_;
};

Result<std::optional<Summary>> find_summary(Connection& connection, ExecutionId id);
Result<ExecutionPage> list_executions(Connection& connection, const ExecutionQuery& query);

}  // namespace harmonia::store::sqlite
