#include "tasks/worker_pool.h"

#include <utility>

#include "base/thread_name.h"

namespace harmonia::tasks {

WorkerPool::WorkerPool(const Options& options) : queue_max_(options.queue_max) {
  for (unsigned i = 0; i < options.threads; ++i) threads_.emplace_back([this] { work(); });
}

WorkerPool::~WorkerPool() { stop(); }

bool WorkerPool::post(Job job) {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_ || queue_.size() >= queue_max_) return false;
    queue_.push_back(std::move(job));
  }
  changed_.notify_one();
  return true;
}

void WorkerPool::stop() {
  std::deque<Job> dropped;
  std::vector<std::thread> threads;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    dropped.swap(queue_);
    threads.swap(threads_);
  }
  changed_.notify_all();
  for (std::thread& thread : threads) thread.join();
}

void WorkerPool::work() {
  name_this_thread("tasks");
  for (;;) {
    Job job;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
      if (stopping_) return;
      job = std::move(queue_.front());
      queue_.pop_front();
    }
    job();
  }
}

Outcome pool_is_full() {
  Error error = make_error(error_code::overloaded, "too much work is waiting on this server");
  error.retry_after = std::chrono::seconds(1);
  return Outcome::failure(std::move(error));
}

}  // namespace harmonia::tasks
