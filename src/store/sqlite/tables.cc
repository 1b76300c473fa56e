#include "store/sqlite/tables.h"

#include "base/crash_point.h"
#include "store/rules.h"
#include "store/sqlite/feed.h"

namespace harmonia::store::sqlite {

Result<Tables> Tables::open(Connection& connection, const Options& options) {
  Tables tables(options);
  TRY(tables.history_, HistoryWriter::prepare(connection));
  TRY(tables.executions_, ExecutionsWriter::prepare(connection));
  TRY(tables.outbox_, OutboxWriter::prepare(connection));
  TRY(tables.definitions_, DefinitionsWriter::prepare(connection));
  TRY(tables.commands_, CommandsWriter::prepare(connection, options.command_retention_count));
  TRY(tables.kept_events_, KeptEventsWriter::prepare(connection));
  TRY(std::int64_t run, connection.read_integer("SELECT max(run) FROM executions"));
  TRY(Position position, last_position(connection));
  tables.counters_ = {.run_next = run + 1, .position_next = position + 1};
  tables.committed_ = tables.counters_;
  return tables;
}

bool Tables::is_refusal(const Error& error) {
  return error.code == error_code::conflict || error.code == error_code::not_found;
}

Result<RunEntry*> Tables::find_run(ExecutionId id) {
  if (RunEntry* known = cache_.find(id)) return known;
  TRY(RunEntry entry, executions_.find(id));
  if (entry.run != 0) {
    TRY(entry.last_seq, history_.last_seq(entry.run));
  }
  return cache_.insert(id, entry);
}

Result<Position> Tables::commit(const EncodedCommit& encoded) {
  const Commit& commit = *encoded.commit;
  TRY(RunEntry * entry, find_run(commit.execution));
  if (entry->last_seq != commit.expected_version)
    return version_conflict(commit.execution, commit.expected_version, entry->last_seq);
  if (commit.command) {
    TRY(bool inserted, commands_.insert(*commit.command, encoded.answer));
    if (!inserted) return command_conflict(commit.command->command_id);
  }
  if (entry->run == 0) {
    entry->run = counters_.run_next++;
    entry->is_new = true;
  }
  Position position = counters_.position_next++;
  TRY_DO(write_rows(*entry, encoded, position));
  stage(*entry, encoded);
  return position;
}

Result<void> Tables::write_rows(RunEntry& entry, const EncodedCommit& encoded, Position position) {
  TRY_DO(history_.append(position, entry.run, encoded));
  entry.last_seq = encoded.commit->events.back().seq;
  return outbox_.apply(entry.run, encoded.commit->owed);
}

// What a run shows in lists and its snapshot are written once in a transaction, at its end.
void Tables::stage(RunEntry& entry, const EncodedCommit& encoded) {
  const Commit& commit = *encoded.commit;
  bool changes_row = encoded.summary() != nullptr || commit.at_work != entry.at_work;
  if (!entry.is_staged && !changes_row && !commit.snapshot) return;
  if (!std::exchange(entry.is_staged, true)) staged_.push_back(&entry);
  if (encoded.summary() != nullptr) {
    if (entry.staged_first == nullptr) entry.staged_first = &encoded;
    entry.staged_summary = &encoded;
  }
  if (commit.snapshot) entry.staged_snapshot = &encoded;
  entry.staged_at_work = commit.at_work;
}

Result<void> Tables::finish() {
  for (RunEntry* entry : staged_) {
    TRY_DO(executions_.write(*entry));
    if (entry->staged_snapshot != nullptr) {
      TRY_DO(history_.put_snapshot(entry->run, *entry->staged_snapshot));
      crash_point("store.snapshot_written");
    }
    *entry = {.run = entry->run, .last_seq = entry->last_seq, .at_work = entry->staged_at_work};
  }
  staged_.clear();
  return commands_.drop_old();
}

void Tables::committed() {
  committed_ = counters_;
  cache_.trim();
}

void Tables::rolled_back() {
  counters_ = committed_;
  staged_.clear();
  cache_.clear();
  commands_.forget();
}

Result<void> Tables::refuse_put(const PutDefinition& put, const WorkflowHead& head) const {
  if (put.create && head.is_live()) return workflow_exists(put.id);
  if (!put.create && !head.is_live()) return no_such_workflow(put.id);
  if (head.is_live() && put.expected_revision && *put.expected_revision != head.revision)
    return revision_conflict(put.id, *put.expected_revision, head.revision);
  return {};
}

Result<std::uint32_t> Tables::put_definition(const EncodedPut& encoded) {
  const PutDefinition& put = *encoded.put;
  TRY(WorkflowHead head, definitions_.find(put.id));
  TRY_DO(refuse_put(put, head));
  if (put.command) {
    TRY(bool inserted, commands_.insert(*put.command, encoded.answer));
    if (!inserted) return command_conflict(put.command->command_id);
  }
  std::uint32_t revision = head.revision + 1;
  TRY_DO(definitions_.insert(encoded, revision));
  FeedEntry entry;
  entry.at = put.at;
  entry.workflow = put.id;
  entry.change = put.create ? DefinitionChange::created : DefinitionChange::updated;
  entry.revision = revision;
  TRY_DO(definitions_.announce(counters_.position_next++, entry));
  return revision;
}

Result<void> Tables::delete_definition(const DeleteDefinition& del) {
  TRY(WorkflowHead head, definitions_.find(del.id));
  if (!head.is_live()) return no_such_workflow(del.id);
  if (del.expected_revision && *del.expected_revision != head.revision)
    return revision_conflict(del.id, *del.expected_revision, head.revision);
  TRY_DO(definitions_.mark_deleted(del.id));
  FeedEntry entry;
  entry.at = del.at;
  entry.workflow = del.id;
  entry.change = DefinitionChange::deleted;
  entry.revision = head.revision;
  return definitions_.announce(counters_.position_next++, entry);
}

Result<bool> Tables::keep_event(const KeptEvent& event, std::string_view payload_text) {
  return kept_events_.insert(event, payload_text);
}

Result<std::size_t> Tables::forget_expired_events(Timestamp now) {
  return kept_events_.forget_expired(now);
}

}  // namespace harmonia::store::sqlite
