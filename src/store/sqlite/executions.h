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
  // Writes what is staged of an entry for its row: a new one, or a change of it.
  Result<void> write(const RunEntry& entry);

 private:
  Result<void> write_summary(const RunEntry& entry);

  Statement find_;
  Statement insert_;
  Statement insert_tags_;
  Statement update_;
  Statement update_at_work_;
};

Result<std::optional<Summary>> find_summary(Connection& connection, ExecutionId id);
Result<ExecutionPage> list_executions(Connection& connection, const ExecutionQuery& query);
Result<std::vector<ExecutionId>> read_at_work(Connection& connection, const AtWorkQuery& query);

}  // namespace harmonia::store::sqlite
