#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <thread>
#include <utility>

namespace harmonia::api {

// One thread for what must not run where it comes up: store reads that follow a command (shard
// threads must not block) and timeouts of waiting requests. Thread-safe.
class Background {
 public:
  using Job = std::function<void()>;
  using Clock = std::chrono::steady_clock;

  Background();
  ~Background();  // drops what has not begun
  Background(const Background&) = delete;
  Background& operator=(const Background&) = delete;

  // When a job is due, and its number among all jobs.
  using Ticket = std::pair<Clock::time_point, std::uint64_t>;

  void post(Job job) { run_after(std::chrono::milliseconds(0), std::move(job)); }
  Ticket run_after(std::chrono::milliseconds delay, Job job);
  // Drops a job that has not begun.
  void cancel(const Ticket& ticket);

 private:
  void run();

  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::map<Ticket, Job> jobs_;
  std::uint64_t next_number_ = 0;
  bool stopping_ = false;

  std::thread thread_;
};

}  // namespace harmonia::api
