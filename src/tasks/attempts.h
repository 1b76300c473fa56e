#pragma once

#include <cstdint>
#include <mutex>
#include <optional>
#include <unordered_map>
#include <vector>

#include "engine/ports.h"
#include "tasks/runner.h"
#include "tasks/secrets.h"

namespace harmonia::tasks {

// The attempts in the hands of runners. Whoever takes one out may report it, so that each is
// reported once, and none after a cancel. Thread-safe.
class Attempts {
 public:
  struct Attempt {
    Runner* runner = nullptr;  // outlives the attempt
    Redactor redactor = {};
    std::optional<Duration> heartbeat_timeout = {};  // set when the registry beats for the runner
  };
  // A ticket tells two attempts apart that came with the same key. Nothing when there is one with
  // this key, or when the table is closed.
  using Ticket = std::uint64_t;
  std::optional<Ticket> add(const engine::AttemptKey& key, Attempt attempt);
  std::optional<Attempt> take(const engine::AttemptKey& key, Ticket ticket);
  // The runner that has it; null when there is none.
  Runner* cancel(const engine::AttemptKey& key);

  struct Held {
    engine::AttemptKey key;
    Runner* runner = nullptr;
  };
  // Takes no more, and gives out all there are.
  std::vector<Held> close();

  // The attempts whose last heartbeat is a third of their timeout ago or more; they count as beaten
  // now. `next` is when to ask again.
  struct Beats {
    std::vector<engine::AttemptKey> due;
    std::chrono::steady_clock::time_point next;
  };
  Beats take_due_beats(std::chrono::steady_clock::time_point now);

 private:
  struct Entry {
    Ticket ticket = 0;
    Attempt attempt;
    std::chrono::steady_clock::time_point next_beat;
  };

  std::mutex mutex_;  // guards what follows
  std::unordered_map<engine::AttemptKey, Entry> entries_;
  std::size_t beaten_count_ = 0;  // entries with a heartbeat_timeout
  Ticket last_ticket_ = 0;
  bool closed_ = false;
};

}  // namespace harmonia::tasks
