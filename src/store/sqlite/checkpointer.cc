#include "store/sqlite/checkpointer.h"

#include <chrono>

#include "base/log.h"

namespace harmonia::store::sqlite {
namespace {

constexpr auto interval = std::chrono::milliseconds(200);
constexpr int frames_worth_copying = 1'000;  // 4 MB
// The background can't keep up: the writer copies all, once for every so many frames.
constexpr int frames_max = 32'000;  // 128 MB
constexpr int frames_between_forced = 8'000;

// Copies what no reader needs any more, without waiting for anybody.
void copy_passively(Connection& connection) {
  int code = sqlite3_wal_checkpoint_v2(connection.handle(), nullptr, SQLITE_CHECKPOINT_PASSIVE,
                                       nullptr, nullptr);
  // Busy: the other of the two is at it.
  if (code == SQLITE_OK || (code & 0xff) == SQLITE_BUSY) return;
  log::warning("a checkpoint failed; the WAL grows until one succeeds",
               {{"reason", connection.last_error().detail}});
}

}  // namespace

Checkpointer::Checkpointer(Connection connection)
    : connection_(std::move(connection)), thread_([this] { run(); }) {}

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

void Checkpointer::run() {
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
    frames_seen = frames;
    copy_passively(connection_);
    rest_due_ = true;
  }
}

}  // namespace harmonia::store::sqlite
