#include "api/background.h"

#include "base/thread_name.h"

namespace harmonia::api {

Background::Background() : thread_([this] { run(); }) {}

Background::~Background() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

Background::Ticket Background::run_after(std::chrono::milliseconds delay, Job job) {
  Ticket ticket;
  bool is_next = false;
  {
    std::lock_guard lock(mutex_);
    ticket = {Clock::now() + delay, next_number_++};
    // Two statements: in one, begin() may be read before the insertion.
    auto place = jobs_.emplace(ticket, std::move(job)).first;
    is_next = place == jobs_.begin();
  }
  if (is_next) changed_.notify_one();
  return ticket;
}

void Background::cancel(const Ticket& ticket) {
  Job dropped;  // destroyed outside the lock: what it holds may come back here
  std::lock_guard lock(mutex_);
  auto found = jobs_.find(ticket);
  if (found == jobs_.end()) return;
  dropped = std::move(found->second);
  jobs_.erase(found);
}

void Background::run() {
  name_this_thread("background");
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    if (jobs_.empty()) {
      changed_.wait(lock);
      continue;
    }
    auto due = jobs_.begin()->first.first;
    if (due > Clock::now()) {
      changed_.wait_until(lock, due);
      continue;
    }
    Job job = std::move(jobs_.begin()->second);
    jobs_.erase(jobs_.begin());
    lock.unlock();
    job();
    job = nullptr;
    lock.lock();
  }
}

}  // namespace harmonia::api
