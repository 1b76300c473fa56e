#include "tasks/pulse.h"

#include <utility>

#include "base/thread_name.h"

namespace harmonia::tasks {
namespace {

// However many attempts there are, they are looked through this often at most.
constexpr auto interval_min = std::chrono::milliseconds(10);

}  // namespace

Pulse::Pulse(Attempts& attempts, Beat beat) : attempts_(attempts), beat_(std::move(beat)) {
  thread_ = std::thread([this] { run(); });
}

Pulse::~Pulse() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

void Pulse::wake() {
  {
    const std::lock_guard lock(mutex_);
    woken_ = true;
  }
  changed_.notify_all();
}

void Pulse::run() {
  name_this_thread("heartbeats");
  for (;;) {
    auto now = std::chrono::steady_clock::now();
    auto beats = attempts_.take_due_beats(now);
    for (const auto& key : beats.due) beat_(key);
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, now + interval_min, [this] { return stopping_; });
    changed_.wait_until(lock, beats.next, [this] { return stopping_ || woken_; });
    if (stopping_) return;
    woken_ = false;
  }
}

}  // namespace harmonia::tasks
