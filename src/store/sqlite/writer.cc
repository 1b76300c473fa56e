#include "store/sqlite/writer.h"

#include <unordered_set>

#include "base/log.h"
#include "store/rules.h"

namespace harmonia::store::sqlite {
namespace {

// Each applies its part of a request; the error is one that ends the transaction.
struct Apply {
  Tables& tables;

  Result<void> operator()(WriteRequest::Commits& work) const {
    work.results.clear();
    work.results.reserve(work.commits.size());
    std::unordered_set<ExecutionId> refused;
    for (const EncodedCommit& commit : work.commits) {
      ExecutionId id = commit.commit->execution;
      if (!refused.empty() && refused.contains(id)) {
        work.results.emplace_back(follows_conflict(id));
        continue;
      }
      auto result = tables.commit(commit);
      if (!result.ok() && !Tables::is_refusal(result.error())) return std::move(result).error();
      if (!result.ok()) refused.insert(id);
      work.results.push_back(std::move(result));
    }
    return {};
  }
  Result<void> operator()(WriteRequest::Put& work) const {
    work.result = tables.put_definition(*work.put);
    if (!work.result.ok() && !Tables::is_refusal(work.result.error())) return work.result.error();
    return {};
  }
  Result<void> operator()(WriteRequest::Delete& work) const {
    work.result = tables.delete_definition(*work.del);
    if (!work.result.ok() && !Tables::is_refusal(work.result.error())) return work.result.error();
    return {};
  }
  Result<void> operator()(WriteRequest::Keep& work) const {
    work.result = tables.keep_event(*work.event, work.payload_text);
    if (!work.result.ok()) return work.result.error();
    return {};
  }
  Result<void> operator()(WriteRequest::Forget& work) const {
    work.result = tables.forget_expired_events(work.now);
    if (!work.result.ok()) return work.result.error();
    return {};
  }
};

struct Fail {
  const Error& error;

  void operator()(WriteRequest::Commits& work) const {
    work.results.assign(work.commits.size(), Result<Position>(error));
  }
  void operator()(WriteRequest::Put& work) const { work.result = error; }
  void operator()(WriteRequest::Delete& work) const { work.result = error; }
  void operator()(WriteRequest::Keep& work) const { work.result = error; }
  void operator()(WriteRequest::Forget& work) const { work.result = error; }
};

}  // namespace

void WriteRequest::finish() {
  // Under the lock: as soon as it is free the caller may destroy this.
  std::lock_guard lock(mutex_);
  finished_ = true;
  changed_.notify_one();
}

void WriteRequest::wait() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return finished_; });
}

Writer::Writer(Connection connection, Tables tables, Checkpointer& checkpointer)
    : connection_(std::move(connection)), tables_(std::move(tables)), checkpointer_(checkpointer) {
  checkpointer_.watch(connection_);
  thread_ = std::thread([this] { run(); });
}

Writer::~Writer() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    wanted_.notify_one();
  }
  thread_.join();
}

void Writer::perform(WriteRequest& request) {
  {
    std::lock_guard lock(mutex_);
    queue_.push_back(&request);
    // The writer looks again before it sleeps: only the first of a batch must wake it.
    if (queue_.size() == 1) wanted_.notify_one();
  }
  request.wait();
}

void Writer::run() {
  std::vector<WriteRequest*> batch;
  for (;;) {
    batch.clear();
    {
      std::unique_lock lock(mutex_);
      wanted_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      batch.swap(queue_);
    }
    write(batch);
    for (WriteRequest* request : batch) request->finish();
    checkpointer_.after_commit(connection_);
  }
}

void Writer::write(std::span<WriteRequest* const> batch) {
  auto written = transact(batch);
  if (written.ok()) {
    tables_.committed();
    return;
  }
  // Some failures have rolled back already; ROLLBACK then fails, which is as good.
  if (sqlite3_get_autocommit(connection_.handle()) == 0)
    static_cast<void>(connection_.execute("ROLLBACK"));
  tables_.rolled_back();
  log::error("nothing of a transaction was written", {{"reason", written.error().detail}});
  for (WriteRequest* request : batch) std::visit(Fail{written.error()}, request->work);
}

Result<void> Writer::transact(std::span<WriteRequest* const> batch) {
  TRY_DO(connection_.execute("BEGIN IMMEDIATE"));
  for (WriteRequest* request : batch) TRY_DO(apply(*request));
  TRY_DO(tables_.finish());
  return connection_.execute("COMMIT");
}

Result<void> Writer::apply(WriteRequest& request) {
  return std::visit(Apply{tables_}, request.work);
}

}  // namespace harmonia::store::sqlite
