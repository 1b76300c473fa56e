#include "tasks/script/script_loop.h"

#include <algorithm>
#include <signal.h>
#include <utility>

#include <sys/eventfd.h>

#include "base/log.h"
#include "base/thread_name.h"
#include "tasks/script/script_outcome.h"
#include "tasks/time_bound.h"

namespace harmonia::tasks {
namespace {

using Clock = ScriptProcess::Clock;

constexpr std::size_t queue_max = 100'000;
constexpr auto idle_time = std::chrono::seconds(60);
// After this long even killed children are left to the system, which ends them with their thread.
constexpr auto end_time_max = std::chrono::seconds(10);

// A pipe without a reader is seen where it is written to, and signals are for other threads.
void block_signals() {
  sigset_t all;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_BLOCK, &all, nullptr);
}

Error waited_too_long() {
  return make_error(error_code::timeout, "no place for the script was free before its deadline");
}

bool has_variable(const Command& command, std::string_view name) {
  return std::any_of(command.environment.begin(), command.environment.end(),
                     [name](const auto& variable) { return variable.first == name; });
}

}  // namespace

ScriptLoop::ScriptLoop(const ScriptOptions& options)
    : options_(options), wake_event_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  ASSERT(wake_event_.is_open());
  thread_ = std::thread([this] { run(); });
}

ScriptLoop::~ScriptLoop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake();
  thread_.join();
}

bool ScriptLoop::submit(ScriptJob job) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || waiting_count_ >= queue_max) return false;
    arrived_.push_back(std::move(job));
    ++waiting_count_;
  }
  wake();
  return true;
}

void ScriptLoop::cancel(const engine::AttemptKey& key) {
  {
    const std::lock_guard lock(mutex_);
    canceled_.push_back(key);
  }
  wake();
}

void ScriptLoop::wake() const { ::eventfd_write(wake_event_.number(), 1); }

void ScriptLoop::run() {
  name_this_thread("scripts");
  block_signals();
  while (take_arrived()) {
    start_waiting();
    wait();
    advance_all();
  }
  end_all();
}

bool ScriptLoop::take_arrived() {
  std::vector<ScriptJob> arrived;
  std::vector<engine::AttemptKey> canceled;
  bool stopping = false;
  {
    const std::lock_guard lock(mutex_);
    arrived.swap(arrived_);
    canceled.swap(canceled_);
    stopping = stopping_;
  }
  for (ScriptJob& job : arrived) waiting_.push_back(std::move(job));
  for (const auto& key : canceled) cancel_here(key);
  return !stopping;
}

void ScriptLoop::cancel_here(const engine::AttemptKey& key) {
  for (Running& running : running_) {
    if (running.job.key == key) return running.process->cancel(Clock::now());
  }
  auto removed = std::erase_if(waiting_, [&](const ScriptJob& job) { return job.key == key; });
  const std::lock_guard lock(mutex_);
  waiting_count_ -= removed;
}

void ScriptLoop::start_waiting() {
  while (!waiting_.empty() && running_.size() < options_.parallel_max) {
    ScriptJob job = std::move(waiting_.front());
    waiting_.pop_front();
    {
      const std::lock_guard lock(mutex_);
      --waiting_count_;
    }
    auto started = start(job);
    if (started.ok()) continue;
    bool hopeless = started.error().code == error_code::invalid_argument;
    job.finish(Outcome::failure(std::move(started).error(), !hopeless));
  }
}

// On failure the job is still the caller's.
Result<void> ScriptLoop::start(ScriptJob& job) {
  Duration time = before_deadline(job.command.timeout, job.deadline);
  if (time <= Duration(0)) return waited_too_long();
  TemporaryFolder folder;
  if (job.command.directory.empty()) {
    TRY(folder, TemporaryFolder::create());
  }
  TRY(SpawnPlan prepared, plan(job.command, folder.path()));
  TRY(Spawned spawned, spawn(prepared));
  std::string input = std::exchange(job.command.input, {});
  ScriptProcess::Bounds bounds{.time = time, .output_max = options_.output_max};
  auto process = std::make_unique<ScriptProcess>(std::move(spawned), std::move(input), bounds);
  running_.push_back(
      {.job = std::move(job), .folder = std::move(folder), .process = std::move(process)});
  return {};
}

Result<SpawnPlan> ScriptLoop::plan(const Command& command, const std::string& folder) const {
  SpawnPlan plan;
  TRY(plan.program, find_program(command));
  plan.arguments = command.arguments;
  if (command.script) {
    plan.script = *command.script;
    plan.arguments.emplace_back(script_path);
  }
  plan.directory = command.directory.empty() ? folder : command.directory;
  for (const auto& [name, value] : command.environment) {
    plan.environment.push_back(name + "=" + value);
  }
  if (!has_variable(command, "HOME")) plan.environment.push_back("HOME=" + plan.directory);
  plan.memory_max = options_.memory_max;
  return plan;
}

void ScriptLoop::wait() {
  auto now = Clock::now();
  auto next = now + idle_time;
  std::vector<pollfd> polls{{.fd = wake_event_.number(), .events = POLLIN, .revents = 0}};
  for (const Running& running : running_) {
    running.process->add_polls(polls);
    next = std::min(next, running.process->next_time());
  }
  // Rounded up, so that what was waited for is due afterwards.
  auto timeout = std::chrono::ceil<std::chrono::milliseconds>(next - now).count();
  ::poll(polls.data(), polls.size(), static_cast<int>(std::max<std::int64_t>(timeout, 0)));
  eventfd_t count = 0;
  ::eventfd_read(wake_event_.number(), &count);
}

void ScriptLoop::advance_all() {
  for (auto each = running_.begin(); each != running_.end();) {
    each->process->advance(Clock::now());
    if (!each->process->is_over()) {
      ++each;
      continue;
    }
    ScriptEnd end = each->process->take_end();
    ScriptJob job = std::move(each->job);
    each = running_.erase(each);
    if (end.reason != ScriptEnd::Reason::canceled) {
      job.finish(script_outcome(job.command, options_, std::move(end)));
    }
  }
}

void ScriptLoop::end_all() {
  auto give_up_at = Clock::now() + end_time_max;
  for (Running& running : running_) running.process->cancel(Clock::now());
  while (!running_.empty() && Clock::now() < give_up_at) {
    wait();
    advance_all();
  }
  if (!running_.empty()) {
    log::warning("scripts did not end", {{"count", std::to_string(running_.size())}});
  }
  running_.clear();
  waiting_.clear();
}

}  // namespace harmonia::tasks
