#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "tasks/runner.h"

namespace harmonia::tasks {

// A few threads for short work that computes: expressions, large answers, log lines. Thread-safe.
class WorkerPool {
 public:
  struct Options {
    unsigned threads = 2;
    std::size_t queue_max = 250'000;
  };
  explicit WorkerPool(const Options& options);
  ~WorkerPool();  // stops

  using Job = std::function<void()>;
  // False when the queue is full or the pool has stopped: the job is dropped.
  bool post(Job job);
  // Waits for the jobs in hand and drops those that wait. Safe to call twice; not from a job.
  void stop();

 private:
  void work();

  const std::size_t queue_max_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  std::deque<Job> queue_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

// Of work the pool did not take: another attempt may find room.
Outcome pool_is_full();

}  // namespace harmonia::tasks
