#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "tasks/attempts.h"

namespace harmonia::tasks {

// Sends the heartbeats of attempts whose runner does not: they are alive as long as this process
// has them. A thread that sleeps while no attempt needs it.
class Pulse {
 public:
  using Beat = std::function<void(const engine::AttemptKey&)>;
  Pulse(Attempts& attempts, Beat beat);
  ~Pulse();  // joins

  // An attempt with a heartbeat timeout has come.
  void wake();

 private:
  void run();

  Attempts& attempts_;
  const Beat beat_;
  std::mutex mutex_;  // guards what follows
  std::condition_variable changed_;
  bool woken_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace harmonia::tasks
