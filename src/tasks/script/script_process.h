#pragma once

#include <chrono>
#include <optional>
#include <poll.h>
#include <string>
#include <vector>

#include "base/time.h"
#include "tasks/script/spawn.h"

namespace harmonia::tasks {

// How a child and its process group ended.
struct ScriptEnd {
  enum class Reason { exited, killed, timeout, output_too_large, canceled };
  Reason reason = Reason::exited;
  int exit_code = 0;      // of `exited`
  int signal_number = 0;  // of `killed`
  std::string output;
  std::string errors;
  Duration duration{0};
};

// A child on its way: feeds and reads its pipes, keeps its bounds, ends its group. Driven by one
// thread: poll what add_polls gives, not beyond next_time, then advance.
class ScriptProcess {
 public:
  using Clock = std::chrono::steady_clock;
  struct Bounds {
    Duration time{0};
    std::size_t output_max = 0;
  };
  ScriptProcess(Spawned spawned, std::string input, const Bounds& bounds);
  ~ScriptProcess();  // kills what still runs
  ScriptProcess(const ScriptProcess&) = delete;
  ScriptProcess& operator=(const ScriptProcess&) = delete;

  void add_polls(std::vector<pollfd>& polls) const;
  Clock::time_point next_time() const;
  void advance(Clock::time_point now);
  // Asks the group to end, and kills it when it does not.
  void cancel(Clock::time_point now);

  bool is_over() const { return over_; }
  ScriptEnd take_end() { return std::move(end_); }

 private:
  void feed();
  void collect(FileDescriptor& pipe, std::string& into);
  void stop(ScriptEnd::Reason reason, Clock::time_point now);
  void finish(Clock::time_point now);
  void signal_group(int number) const;
  bool leader_has_ended() const;
  void reap();

  const pid_t pid_;
  const Bounds bounds_;
  const Clock::time_point start_ = Clock::now();
  FileDescriptor process_;
  FileDescriptor input_pipe_;
  FileDescriptor output_pipe_;
  FileDescriptor errors_pipe_;
  std::string input_;
  std::size_t input_done_ = 0;
  std::optional<ScriptEnd::Reason> stopped_by_;    // why it was told to end
  std::optional<Clock::time_point> kill_at_;       // of a group that was asked to end
  std::optional<Clock::time_point> linger_until_;  // the leader has ended, its pipes are open
  bool too_large_ = false;
  bool over_ = false;
  ScriptEnd end_;
};

}  // namespace harmonia::tasks
