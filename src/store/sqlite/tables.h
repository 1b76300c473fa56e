#pragma once

#include <vector>

#include "store/sqlite/commands.h"
#include "store/sqlite/definitions.h"
#include "store/sqlite/executions.h"
#include "store/sqlite/history.h"
#include "store/sqlite/kept_events.h"
#include "store/sqlite/outbox.h"
#include "store/sqlite/run_cache.h"

namespace harmonia::store::sqlite {

// What one transaction does to all tables, and what the writer remembers between transactions.
// Used by the writer's thread only.
//
// An error with code `conflict` or `not_found` refuses one change and has written nothing; any
// other means that the transaction must be rolled back and rolled_back() called.
class Tables {
 public:
  struct Options {
    std::size_t command_retention_count = 1'000'000;
    // Of two generations, about 100 bytes each: enough for those at work, not for all that sleep.
    std::size_t run_cache_count = 10'000;
  };

  static Result<Tables> open(Connection& connection, const Options& options);

  Result<Position> commit(const EncodedCommit& commit);
  Result<std::uint32_t> put_definition(const EncodedPut& put);
  Result<void> delete_definition(const DeleteDefinition& del);
  // As those of KeptEventsWriter.
  Result<bool> keep_event(const KeptEvent& event, std::string_view payload_text);
  Result<std::size_t> forget_expired_events(Timestamp now);

  // Writes what was staged. Called before COMMIT.
  Result<void> finish();
  // After COMMIT.
  void committed();
  // After ROLLBACK: nothing of the transaction is remembered.
  void rolled_back();

  // True for the errors that refuse one change and leave the transaction whole.
  static bool is_refusal(const Error& error);

 private:
  // Where numbering goes on.
  struct Counters {
    std::int64_t run_next = 1;
    Position position_next = 1;
  };

  explicit Tables(const Options& options) : cache_(options.run_cache_count) {}
  Result<RunEntry*> find_run(ExecutionId id);
  Result<void> write_rows(RunEntry& entry, const EncodedCommit& commit, Position position);
  void stage(RunEntry& entry, const EncodedCommit& commit);
  Result<void> refuse_put(const PutDefinition& put, const WorkflowHead& head) const;

  HistoryWriter history_;
  ExecutionsWriter executions_;
  OutboxWriter outbox_;
  DefinitionsWriter definitions_;
  CommandsWriter commands_;
  KeptEventsWriter kept_events_;

  Counters counters_;
  Counters committed_;
  RunCache cache_;
  std::vector<RunEntry*> staged_;  // entries with something to write at the end
};

}  // namespace harmonia::store::sqlite
