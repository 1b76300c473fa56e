#pragma once

#include <deque>
#include <list>
#include <mutex>
#include <thread>
#include <vector>

#include "tasks/registry.h"
#include "tasks/runner.h"
#include "tasks/script/command.h"
#include "tasks/script/file_descriptor.h"
#include "tasks/script/script_process.h"
#include "tasks/script/temporary_folder.h"

namespace harmonia::tasks {

struct ScriptJob {
  engine::AttemptKey key;
  Command command;
  std::optional<Timestamp> deadline;
  Finish finish;
};

// Runs children, a bounded number at once, on one thread that makes them, feeds them and reaps
// them. It lives as long as they do: they die with the thread that made them.
class ScriptLoop {
 public:
  explicit ScriptLoop(const ScriptOptions& options);
  ~ScriptLoop();  // ends all children, finishes nothing

  // Thread-safe. False when too many wait already.
  bool submit(ScriptJob job);
  // Thread-safe. Its `finish` is not called any more, unless that is happening now.
  void cancel(const engine::AttemptKey& key);

 private:
  struct Running {
    ScriptJob job;
    TemporaryFolder folder;
    std::unique_ptr<ScriptProcess> process;
  };

  void wake() const;
  void run();
  // False when it is time to end.
  bool take_arrived();
  void cancel_here(const engine::AttemptKey& key);
  void start_waiting();
  Result<void> start(ScriptJob& job);
  Result<SpawnPlan> plan(const Command& command, const std::string& folder) const;
  void wait();
  void advance_all();
  void end_all();

  const ScriptOptions options_;
  FileDescriptor wake_event_;
  std::mutex mutex_;  // guards what follows
  std::vector<ScriptJob> arrived_;
  std::vector<engine::AttemptKey> canceled_;
  std::size_t waiting_count_ = 0;
  bool stopping_ = false;
  // The thread's own.
  std::deque<ScriptJob> waiting_;
  std::list<Running> running_;

  std::thread thread_;
};

}  // namespace harmonia::tasks
