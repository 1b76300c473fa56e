#include "tasks/script/script_process.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <signal.h>
#include <utility>

#include <sys/wait.h>

namespace harmonia::tasks {
namespace {

constexpr auto grace = std::chrono::seconds(1);  // between SIGTERM and SIGKILL
// For what the leader has left behind to say its last words, such as the tee of a redirection.
constexpr auto linger = std::chrono::milliseconds(200);
constexpr auto tick = std::chrono::milliseconds(20);  // where no pidfd tells of the end
constexpr std::size_t read_size = 64u << 10;
constexpr int reads_at_once_max = 16;

void add_poll(std::vector<pollfd>& polls, const FileDescriptor& file, short events) {
  if (file.is_open()) polls.push_back({.fd = file.number(), .events = events, .revents = 0});
}

bool would_block() { return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR; }

}  // namespace

ScriptProcess::ScriptProcess(Spawned spawned, std::string input, const Bounds& bounds)
    : pid_(spawned.pid),
      bounds_(bounds),
      process_(std::move(spawned.process)),
      input_pipe_(std::move(spawned.input)),
      output_pipe_(std::move(spawned.output)),
      errors_pipe_(std::move(spawned.errors)),
      input_(std::move(input)) {}

ScriptProcess::~ScriptProcess() {
  if (over_) return;
  signal_group(SIGKILL);
  ::waitpid(pid_, nullptr, WNOHANG);
}

void ScriptProcess::add_polls(std::vector<pollfd>& polls) const {
  // An ended leader stays readable until it is reaped: that would spin.
  if (!linger_until_) add_poll(polls, process_, POLLIN);
  add_poll(polls, input_pipe_, POLLOUT);
  add_poll(polls, output_pipe_, POLLIN);
  add_poll(polls, errors_pipe_, POLLIN);
}

ScriptProcess::Clock::time_point ScriptProcess::next_time() const {
  if (linger_until_) return *linger_until_;
  auto next = kill_at_.value_or(Clock::time_point::max());
  if (!stopped_by_) next = std::min(next, start_ + bounds_.time);
  if (!process_.is_open()) next = std::min(next, Clock::now() + tick);
  return next;
}

void ScriptProcess::advance(Clock::time_point now) {
  if (over_) return;
  feed();
  collect(output_pipe_, end_.output);
  collect(errors_pipe_, end_.errors);
  if (too_large_ && !stopped_by_) {
    stopped_by_ = ScriptEnd::Reason::output_too_large;
    signal_group(SIGKILL);
  }
  if (!linger_until_ && leader_has_ended()) linger_until_ = stopped_by_ ? now : now + linger;
  if (linger_until_) {
    bool silent = !output_pipe_.is_open() && !errors_pipe_.is_open();
    if (silent || now >= *linger_until_) finish(now);
    return;
  }
  if (!stopped_by_ && now - start_ >= bounds_.time) stop(ScriptEnd::Reason::timeout, now);
  if (kill_at_ && now >= *kill_at_) {
    kill_at_.reset();
    signal_group(SIGKILL);
  }
}

void ScriptProcess::cancel(Clock::time_point now) {
  if (!over_) stop(ScriptEnd::Reason::canceled, now);
}

void ScriptProcess::stop(ScriptEnd::Reason reason, Clock::time_point now) {
  if (!stopped_by_) {
    kill_at_ = now + grace;
    signal_group(SIGTERM);
  }
  stopped_by_ = reason;
}

void ScriptProcess::feed() {
  while (input_pipe_.is_open() && input_done_ < input_.size()) {
    ssize_t count =
        ::write(input_pipe_.number(), input_.data() + input_done_, input_.size() - input_done_);
    if (count < 0 && would_block()) return;
    if (count < 0) break;  // nobody reads it: no fault, `head` does that too
    input_done_ += static_cast<std::size_t>(count);
  }
  input_pipe_.close();
}

void ScriptProcess::collect(FileDescriptor& pipe, std::string& into) {
  std::array<char, read_size> buffer;
  for (int i = 0; i < reads_at_once_max && pipe.is_open(); ++i) {
    ssize_t count = ::read(pipe.number(), buffer.data(), buffer.size());
    if (count < 0 && would_block()) return;
    if (count <= 0) return pipe.close();
    into.append(buffer.data(), static_cast<std::size_t>(count));
    if (into.size() > bounds_.output_max) {
      into.resize(bounds_.output_max);
      too_large_ = true;
      return pipe.close();
    }
  }
}

// The leader is a zombie until `reap`, so that its number, which names the group, is not given to
// another process before the group is gone.
void ScriptProcess::finish(Clock::time_point now) {
  signal_group(SIGKILL);
  collect(output_pipe_, end_.output);
  collect(errors_pipe_, end_.errors);
  if (too_large_ && !stopped_by_) stopped_by_ = ScriptEnd::Reason::output_too_large;
  reap();
  process_.close();
  input_pipe_.close();
  output_pipe_.close();
  errors_pipe_.close();
  end_.duration = std::chrono::duration_cast<Duration>(now - start_);
  if (stopped_by_) end_.reason = *stopped_by_;
  over_ = true;
}

void ScriptProcess::signal_group(int number) const { ::kill(-pid_, number); }

bool ScriptProcess::leader_has_ended() const {
  siginfo_t info = {};
  if (::waitid(P_PID, static_cast<id_t>(pid_), &info, WEXITED | WNOHANG | WNOWAIT) != 0) {
    return errno == ECHILD;
  }
  return info.si_pid != 0;
}

void ScriptProcess::reap() {
  int status = 0;
  pid_t reaped = -1;
  do {
    reaped = ::waitpid(pid_, &status, 0);
  } while (reaped < 0 && errno == EINTR);
  if (reaped == pid_ && WIFSIGNALED(status)) {
    end_.reason = ScriptEnd::Reason::killed;
    end_.signal_number = WTERMSIG(status);
  } else if (reaped == pid_) {
    end_.exit_code = WEXITSTATUS(status);
  }
}

}  // namespace harmonia::tasks
