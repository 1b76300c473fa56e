#include "store/sqlite/sqlite_store.h"

#include <filesystem>

#include "base/crash_point.h"
#include "base/log.h"
#include "store/sqlite/check.h"
#include "store/sqlite/data_lock.h"
#include "store/sqlite/feed.h"
#include "store/sqlite/reader_pool.h"
#include "store/sqlite/writer.h"

namespace harmonia::store {
namespace sqlite {
namespace {

constexpr int closing_cache_kib = 1024;

class SqliteStore final : public Store {
 public:
  SqliteStore(DataLock lock, WritingSide::Options options)
      : lock_(std::move(lock)),
        path_(options.path),
        readers_(path_),
        writer_(std::in_place, std::move(options), readers_) {}
  ~SqliteStore() override;

  Result<void> start();

  std::vector<Result<Position>> commit(std::span<const Commit> commits) override;
  Result<std::optional<LoadedExecution>> load_execution(ExecutionId id) override;
  Result<std::optional<Summary>> find_summary(ExecutionId id) override;
  Result<std::vector<execution::Event>> read_history(const HistoryQuery& query) override;
  Result<ExecutionPage> list_executions(const ExecutionQuery& query) override;
  Result<std::vector<ExecutionId>> read_at_work(const AtWorkQuery& query) override;
  Result<std::vector<TimerRow>> read_timers(const TimerQuery& query) override;
  Result<std::vector<InterestRow>> read_interests(const InterestQuery& query) override;
  Result<bool> keep_event(const KeptEvent& event) override;
  Result<std::vector<KeptEvent>> read_kept_events(const KeptEventQuery& query) override;
  Result<std::size_t> forget_expired_events(Timestamp now) override;
  Result<std::uint32_t> put_definition(const PutDefinition& put) override;
  Result<void> delete_definition(const DeleteDefinition& del) override;
  Result<std::optional<StoredDefinition>> find_definition(WorkflowId id,
                                                          std::uint32_t revision) override;
  Result<std::optional<StoredDefinition>> find_definition_by_name(std::string_view name) override;
  Result<DefinitionPage> list_definitions(const DefinitionQuery& query) override;
  Result<std::optional<CommandRecord>> find_command(std::string_view command_id) override;
  Result<std::vector<FeedEntry>> read_feed(Position after, std::size_t limit) override;
  Result<Position> last_position() override;
  Result<StoreStats> stats() override;
  StoreHealth health() const override { return writer_->health(); }
  Result<std::vector<std::string>> check() override;

 private:
  DataLock lock_;
  std::string path_;
  ReaderPool readers_;
  std::optional<Writer> writer_;
  bool was_started_ = false;
};

Result<void> SqliteStore::start() {
  TRY_DO(writer_->start());
  was_started_ = true;
  lock_.mark_open();
  return {};
}

// After a fault the WAL is left as it is: only a start knows what to do with it.
SqliteStore::~SqliteStore() {
  if (!was_started_) return;
  StoreHealth health = writer_->health();
  writer_.reset();
  readers_.close();
  Result<void> emptied;
  if (!health.fault.empty()) emptied = make_error(error_code::storage, health.fault);
  if (emptied.ok()) {
    crash_point("store.closing");
    auto closing = Connection::open(path_, closing_cache_kib);
    emptied = closing.ok() ? closing->empty_wal() : closing.error();
    if (emptied.ok()) closing->remove_wal_on_close();
  }
  if (emptied.ok()) {
    lock_.mark_closed();
  } else {
    log::warning("the database was not closed cleanly; the next start checks it",
                 {{"path", path_}, {"reason", emptied.error().detail}});
  }
}

std::vector<Result<Position>> SqliteStore::commit(std::span<const Commit> commits) {
  if (commits.empty()) return {};
  std::vector<EncodedCommit> encoded;
  encoded.reserve(commits.size());
  for (const Commit& commit : commits) encoded.push_back(encode(commit));
  WriteRequest request(WriteRequest::Commits{.commits = encoded});
  writer_->perform(request);
  return std::move(std::get<WriteRequest::Commits>(request.work).results);
}

Result<std::uint32_t> SqliteStore::put_definition(const PutDefinition& put) {
  EncodedPut encoded = encode(put);
  WriteRequest request(WriteRequest::Put{.put = &encoded});
  writer_->perform(request);
  return std::move(std::get<WriteRequest::Put>(request.work).result);
}

Result<void> SqliteStore::delete_definition(const DeleteDefinition& del) {
  WriteRequest request(WriteRequest::Delete{.del = &del});
  writer_->perform(request);
  return std::move(std::get<WriteRequest::Delete>(request.work).result);
}

Result<bool> SqliteStore::keep_event(const KeptEvent& event) {
  std::string payload;
  append_text(payload, event.payload);
  WriteRequest request(WriteRequest::Keep{.event = &event, .payload_text = payload});
  writer_->perform(request);
  return std::move(std::get<WriteRequest::Keep>(request.work).result);
}

// In steps, so that commits get their turn between them.
Result<std::size_t> SqliteStore::forget_expired_events(Timestamp now) {
  std::size_t forgotten = 0;
  for (;;) {
    WriteRequest request(WriteRequest::Forget{.now = now});
    writer_->perform(request);
    TRY(std::size_t count, std::move(std::get<WriteRequest::Forget>(request.work).result));
    forgotten += count;
    if (count < KeptEventsWriter::forget_count_max) return forgotten;
  }
}

Result<std::optional<LoadedExecution>> SqliteStore::load_execution(ExecutionId id) {
  TRY(auto reader, readers_.borrow());
  return sqlite::load_execution(*reader, id);
}

Result<std::optional<Summary>> SqliteStore::find_summary(ExecutionId id) {
  TRY(auto reader, readers_.borrow());
  return sqlite::find_summary(*reader, id);
}

Result<std::vector<execution::Event>> SqliteStore::read_history(const HistoryQuery& query) {
  TRY(auto reader, readers_.borrow());
  return sqlite::read_history(*reader, query);
}

Result<ExecutionPage> SqliteStore::list_executions(const ExecutionQuery& query) {
  TRY(auto reader, readers_.borrow());
  return sqlite::list_executions(*reader, query);
}

Result<std::vector<ExecutionId>> SqliteStore::read_at_work(const AtWorkQuery& query) {
  TRY(auto reader, readers_.borrow());
  return sqlite::read_at_work(*reader, query);
}

Result<std::vector<TimerRow>> SqliteStore::read_timers(const TimerQuery& query) {
  TRY(auto reader, readers_.borrow());
  return sqlite::read_timers(*reader, query);
}

Result<std::vector<InterestRow>> SqliteStore::read_interests(const InterestQuery& query) {
  TRY(auto reader, readers_.borrow());
  return sqlite::read_interests(*reader, query);
}

Result<std::vector<KeptEvent>> SqliteStore::read_kept_events(const KeptEventQuery& query) {
  TRY(auto reader, readers_.borrow());
  return sqlite::read_kept_events(*reader, query);
}

Result<std::optional<StoredDefinition>> SqliteStore::find_definition(WorkflowId id,
                                                                     std::uint32_t revision) {
  TRY(auto reader, readers_.borrow());
  return sqlite::find_definition(*reader, id, revision);
}

Result<std::optional<StoredDefinition>> SqliteStore::find_definition_by_name(
    std::string_view name) {
  TRY(auto reader, readers_.borrow());
  return sqlite::find_definition_by_name(*reader, name);
}

Result<DefinitionPage> SqliteStore::list_definitions(const DefinitionQuery& query) {
  TRY(auto reader, readers_.borrow());
  return sqlite::list_definitions(*reader, query);
}

Result<std::optional<CommandRecord>> SqliteStore::find_command(std::string_view command_id) {
  TRY(auto reader, readers_.borrow());
  return sqlite::find_command(*reader, command_id);
}

Result<std::vector<FeedEntry>> SqliteStore::read_feed(Position after, std::size_t limit) {
  TRY(auto reader, readers_.borrow());
  return sqlite::read_feed(*reader, after, limit);
}

Result<Position> SqliteStore::last_position() {
  TRY(auto reader, readers_.borrow());
  return sqlite::last_position(*reader);
}

Result<StoreStats> SqliteStore::stats() {
  TRY(auto reader, readers_.borrow());
  return read_stats(*reader);
}

Result<std::vector<std::string>> SqliteStore::check() {
  TRY(auto reader, readers_.borrow());
  return sqlite::check(*reader);
}

Result<void> make_directory(const std::string& directory) {
  std::error_code failure;
  std::filesystem::create_directories(directory, failure);
  if (!failure && !std::filesystem::is_directory(directory, failure))
    failure = std::make_error_code(std::errc::not_a_directory);
  if (!failure) return {};
  return make_error(error_code::storage, "can't use " + directory +
                                             " as data folder: " + failure.message() +
                                             "; check the path, its owner and its permissions");
}

Result<std::unique_ptr<Store>> open(const SqliteOptions& options) {
  TRY_DO(make_directory(options.directory));
  TRY(DataLock lock, DataLock::acquire(options.directory));
  std::string path = options.directory + "/harmonia.db";
  bool check = options.check_on_open && lock.was_unclean();
  if (check) log::info("the database was not closed cleanly: checking it", {{"path", path}});
  Tables::Options tables{.command_retention_count = options.command_retention_count};
  auto store = std::make_unique<SqliteStore>(
      std::move(lock),
      WritingSide::Options{
          .path = std::move(path), .tables = tables, .check = check, .on_checkpoint = {}});
  TRY_DO(store->start());
  return std::unique_ptr<Store>(std::move(store));
}

}  // namespace
}  // namespace sqlite

Result<std::unique_ptr<Store>> open_sqlite_store(const SqliteOptions& options) {
  return sqlite::open(options);
}

}  // namespace harmonia::store
