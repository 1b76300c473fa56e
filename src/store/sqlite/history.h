#pragma once

#include "store/sqlite/connection.h"
#include "store/sqlite/encoded_commit.h"

// The tables `history` and `snapshots`.
namespace harmonia::store::sqlite {

class HistoryWriter {
 public:
  static Result<HistoryWriter> prepare(Connection& connection);

  Result<void> append(Position position, std::int64_t run, const EncodedCommit& commit);
  // The version of a run; 0 without history.
  Result<std::uint64_t> last_seq(std::int64_t run);
  Result<void> put_snapshot(std::int64_t run, const EncodedCommit& commit);

 private:
  Statement insert_;
  Statement last_seq_;
  Statement put_snapshot_;
};

Result<std::vector<execution::Event>> read_history(Connection& connection,
                                                   const HistoryQuery& query);
// Run 0 when there is no such execution.
Result<std::int64_t> find_run(Connection& connection, ExecutionId id);
Result<std::optional<LoadedExecution>> load_execution(Connection& connection, ExecutionId id);

}  // namespace harmonia::store::sqlite
