#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "store/sqlite/disk_fault.h"

namespace harmonia::store::sqlite {

// Moves the WAL's pages into the database file without stalling commits and without letting the WAL
// grow: every 200 ms a connection of its own copies what is there while commits go on; then the
// writer copies the small rest between two transactions, after which the WAL starts from its
// beginning. The first alone never ends under load, the second alone would stall commits.
class Checkpointer {
 public:
  struct Outcome {
    FaultKind kind = FaultKind::none;  // none: it went well
    Error error = {};
  };
  // Called after each copy, on the thread that made it.
  using OnOutcome = std::function<void(Outcome)>;

  Checkpointer(Connection connection, OnOutcome on_outcome);
  ~Checkpointer();
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

  // Counts the WAL's frames from now on. The writer's connection must not outlive this, or not
  // commit any more.
  void watch(Connection& writer);
  // The writer's share, between two transactions, on its thread.
  void after_commit(Connection& writer);

 private:
  static int count_frames(void* self, sqlite3* handle, const char* name, int frames);
  void run();
  bool copy_passively(Connection& connection);

  Connection connection_;
  const OnOutcome on_outcome_;
  std::atomic<int> frames_ = 0;         // in the WAL after the last commit
  std::atomic<bool> rest_due_ = false;  // the background copy is done: the writer's turn
  int frames_at_force_ = 0;             // writer's thread only

  std::mutex mutex_;  // guards stopping_
  std::condition_variable stopped_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace harmonia::store::sqlite
