#include "store/sqlite/checkpointer.h"

#include <chrono>

#include "base/crash_point.h"
#include "base/log.h"
#include "base/thread_name.h"

namespace harmonia::store::sqlite {
namespace {

constexpr auto interval = std::chrono::milliseconds(200);
constexpr int frames_worth_copying = 1'000;  // 4 MB
// The background can't keep up: the writer copies all, once for every so many frames.
constexpr int frames_max = 32'000;  // 128 MB
constexpr int frames_between_forced = 8'000;

}  // namespace

Checkpointer::Checkpointer(Connection connection, OnOutcome on_outcome)
    : connection_(std::move(connection)),
      on_outcome_(std::move(on_outcome)),
      thread_([this] { run(); }) {}

Checkpointer::~Checkpointer() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
    stopped_.notify_one();
  }
  thread_.join();
}

void Checkpointer::watch(Connection& writer) {
  sqlite3_wal_hook(writer.handle(), count_frames, this);
}

int Checkpointer::count_frames(void* self, sqlite3*, const char*, int frames) {
  static_cast<Checkpointer*>(self)->frames_.store(frames, std::memory_order_relaxed);
  return SQLITE_OK;
}

void Checkpointer::after_commit(Connection& writer) {
  int frames = frames_.load(std::memory_order_relaxed);
  if (frames < frames_at_force_) frames_at_force_ = 0;
  bool must = frames > frames_max && frames > frames_at_force_ + frames_between_forced;
  if (must) frames_at_force_ = frames;
  if (rest_due_.exchange(false) || must) copy_passively(writer);
}

// Copies what no reader needs any more, without waiting for anybody. False: it failed.
bool Checkpointer::copy_passively(Connection& connection) {
  crash_point("store.before_checkpoint");
  int code = sqlite3_wal_checkpoint_v2(connection.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE,
                                       nullptr, nullptr);
  crash_point("store.after_checkpoint");
  // Busy: the other of the two is at it.
  if ((code & 0xff) == SQLITE_BUSY) return true;
  Outcome outcome;
  if (code != SQLITE_OK)
    outcome = {.kind = kind_of_failure(code), .error = connection.last_error()};
  if (code != SQLITE_OK && outcome.kind == FaultKind::none)
    log::warning("a checkpoint failed", {{"reason", outcome.error.detail}});
  on_outcome_(std::move(outcome));
  return code == SQLITE_OK;
}

void Checkpointer::run() {
  name_this_thread("checkpoints");
  int frames_seen = 0;
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      stopped_.wait_for(lock, interval, [this] { return stopping_; });
      if (stopping_) return;
    }
    int frames = frames_.load(std::memory_order_relaxed);
    // The same number again: nothing was committed since the last copy.
    if (frames < frames_worth_copying || frames == frames_seen) continue;
    // A copy that failed is tried again, also when nothing is committed meanwhile.
    if (copy_passively(connection_)) frames_seen = frames;
    rest_due_ = true;
  }
}

}  // namespace harmonia::store::sqlite
