#pragma once

#include <deque>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "engine/ports.h"
#include "server/run_tree.h"

namespace harmonia::server {

// A line about a run, for people who follow it as text.
struct RunLine {
  ExecutionId execution;
  Timestamp at;
  std::string text;
  bool is_message = false;  // said by a task of component log
};

// Follows the runs of an embedded engine for a display in the same process. Its cost per commit is
// that of the commit's events, however large the run is. Thread-safe.
class RunWatch final : public engine::Announcer {
 public:
  void announce(const engine::Announcement& announcement) override;

  // A run that nothing was announced of yet: one found on disk.
  void adopt(const workflow::Definition& definition, const execution::State& state);

  // Runs that were announced or adopted.
  std::optional<RunView> find(ExecutionId id) const;
  // Its tasks that wait for somebody; none for a run that is not known.
  std::vector<TaskView> asked(ExecutionId id) const;
  bool only_waits_for_somebody(ExecutionId id) const;
  // Announced and ended.
  bool has_ended(ExecutionId id) const;
  // The lines since the last call, oldest first; beyond the bound the oldest are left out.
  std::vector<RunLine> take_lines();

 private:
  static constexpr std::size_t lines_max = 100'000;

  struct Followed {
    RunTree tree;
    bool has_ended = false;
  };

  void follow(const engine::Announcement& announcement);

  mutable std::mutex mutex_;  // guards what follows
  std::map<ExecutionId, Followed> runs_;
  std::deque<RunLine> lines_;
};

}  // namespace harmonia::server
