#include "store/sqlite/writer.h"

#include <filesystem>
#include <unordered_set>

#include "base/crash_point.h"
#include "base/log.h"
#include "base/thread_name.h"
#include "store/rules.h"

namespace harmonia::store::sqlite {
namespace {

constexpr auto attempts_interval = std::chrono::milliseconds(250);
// A disk that was full is trusted again when so much is free: a few pages would be gone at once.
constexpr std::uintmax_t free_bytes_min = 16u << 20;

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

Writer::Writer(WritingSide::Options options, ReaderPool& readers)
    : options_(std::move(options)), readers_(readers) {
  options_.on_checkpoint = [this](Checkpointer::Outcome outcome) {
    std::lock_guard lock(mutex_);
    checkpointed_ = std::move(outcome);
    wanted_.notify_one();
  };
}

Result<void> Writer::start() {
  TRY(side_, WritingSide::open(options_));
  options_.probe = true;  // of what is opened after a fault
  thread_ = std::thread([this] { run(); });
  return {};
}

Writer::~Writer() {
  if (!thread_.joinable()) return;
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

// False: it is time to end.
bool Writer::wait_for_work(std::vector<WriteRequest*>& batch) {
  std::unique_lock lock(mutex_);
  auto has_work = [this] { return stopping_ || !queue_.empty() || checkpointed_.has_value(); };
  if (fault_ == FaultKind::none) {
    wanted_.wait(lock, has_work);
  } else {
    wanted_.wait_until(lock, next_attempt_, has_work);
  }
  batch.swap(queue_);
  return !batch.empty() || !stopping_;
}

void Writer::run() {
  name_this_thread("store writer");
  std::vector<WriteRequest*> batch;
  while (wait_for_work(batch)) {
    take_checkpoint_outcome();
    if (fault_ != FaultKind::none && Clock::now() >= next_attempt_) try_to_recover();
    if (!batch.empty()) write(batch);
    for (WriteRequest* request : batch) request->finish();
    batch.clear();
    if (fault_ == FaultKind::none) side_->checkpointer->after_commit(side_->connection);
  }
}

void Writer::write(std::span<WriteRequest* const> batch) {
  if (fault_ != FaultKind::none) {
    Error refused = refusal(health_.get());
    for (WriteRequest* request : batch) std::visit(Fail{refused}, request->work);
    return;
  }
  auto written = transact(batch);
  if (written.ok()) {
    crash_point("store.after_commit");
    side_->tables.committed();
    return;
  }
  sqlite3* handle = side_->connection.handle();
  FaultKind kind = kind_of_failure(sqlite3_errcode(handle));
  // Some failures have rolled back already; ROLLBACK then fails, which is as good.
  if (sqlite3_get_autocommit(handle) == 0) static_cast<void>(side_->connection.execute("ROLLBACK"));
  side_->tables.rolled_back();
  Error error = std::move(written).error();
  if (kind != FaultKind::none) {
    begin_fault(kind, error);
    error.retry_after = refusal(health_.get()).retry_after;
  } else {
    log::error("nothing of a transaction was written", {{"reason", error.detail}});
  }
  for (WriteRequest* request : batch) std::visit(Fail{error}, request->work);
}

Result<void> Writer::transact(std::span<WriteRequest* const> batch) {
  TRY_DO(side_->connection.execute("BEGIN IMMEDIATE"));
  for (WriteRequest* request : batch) TRY_DO(apply(*request));
  TRY_DO(side_->tables.finish());
  crash_point("store.before_commit");
  return side_->connection.execute("COMMIT");
}

Result<void> Writer::apply(WriteRequest& request) {
  return std::visit(Apply{side_->tables}, request.work);
}

// A full disk lets the WAL grow while there is room for it; a sync that failed has to do with what
// the WAL still holds.
void Writer::take_checkpoint_outcome() {
  std::optional<Checkpointer::Outcome> outcome;
  {
    std::lock_guard lock(mutex_);
    outcome = std::exchange(checkpointed_, std::nullopt);
  }
  if (!outcome || fault_ != FaultKind::none) return;
  switch (outcome->kind) {
    case FaultKind::none: {
      if (outcome->error.code.empty() && health_.recover()) log::info("checkpoints work again");
      return;
    }
    case FaultKind::full: {
      std::string fault = "checkpoints fail, and the WAL grows: " + outcome->error.detail;
      if (health_.fail(fault, true)) log::error("a checkpoint failed", {{"reason", fault}});
      return;
    }
    case FaultKind::io:
    case FaultKind::damage: return begin_fault(outcome->kind, outcome->error);
  }
}

void Writer::begin_fault(FaultKind kind, const Error& error) {
  fault_ = kind;
  next_attempt_ = Clock::now();
  if (health_.fail(error.detail, false))
    log::error("the disk takes no writes; new work is refused", {{"reason", error.detail}});
}

void Writer::try_to_recover() {
  auto recovered = fault_ == FaultKind::full ? recover_space() : recover();
  if (!recovered.ok()) {
    if (health_.fail(recovered.error().detail, false))
      log::error("the disk still takes no writes", {{"reason", recovered.error().detail}});
    next_attempt_ = Clock::now() + attempts_interval;
    return;
  }
  fault_ = FaultKind::none;
  {
    // Of connections that are closed.
    std::lock_guard lock(mutex_);
    checkpointed_.reset();
  }
  health_.recover();
  log::info("the disk takes writes again");
}

// What is there is good, so everything stays open. An empty WAL may be the room that is missing.
Result<void> Writer::recover_space() {
  std::error_code failure;
  auto space = std::filesystem::space(options_.path, failure);
  if (!failure && space.available < free_bytes_min) {
    return make_error(error_code::storage, options_.path + ": the disk is full (" +
                                               std::to_string(space.available >> 20) +
                                               " MiB are left); free some space on the disk");
  }
  auto recovered = side_->connection.empty_wal();
  if (recovered.ok()) recovered = probe_writing(side_->connection);
  if (!recovered.ok()) {
    FaultKind kind = kind_of_failure(sqlite3_errcode(side_->connection.handle()));
    if (kind == FaultKind::io || kind == FaultKind::damage) fault_ = kind;
  }
  return recovered;
}

// First a page behind what was acknowledged: it overwrites what the failed commit has left in the
// WAL, so that nobody who opens the database finds that, and it tells whether the disk works. Only
// then readers are disturbed.
Result<void> Writer::recover() {
  if (side_) TRY_DO(probe_writing(side_->connection));
  options_.check = fault_ == FaultKind::damage;
  readers_.close();
  side_.reset();
  auto opened = WritingSide::open(options_);
  readers_.reopen();
  if (!opened.ok()) return std::move(opened).error();
  side_.emplace(std::move(opened).value());
  return {};
}

}  // namespace harmonia::store::sqlite
