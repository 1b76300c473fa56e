#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <string>
#include <vector>

#include "engine/engine.h"

namespace harmonia::engine {

// A command on its way to the shard that owns its execution.
struct Envelope {
  ExecutionId execution;
  execution::CommandBody command;
  std::string command_id = {};
  std::string fingerprint = {};
  Completion done = {};
  bool insists = false;  // reports and timers: tried again while the disk fails
};

// What a shard is told. Bounded for commands from outside; reports are bounded by the attempts in
// flight, and losing one would lose work, so they always fit. Thread-safe.
class Mailbox {
 public:
  explicit Mailbox(std::size_t size_max) : size_max_(size_max) {}

  // False when full or closed; the envelope is then untouched.
  bool offer(Envelope& envelope);
  void insist(Envelope envelope);
  void heartbeat(const AttemptKey& key);

  struct Content {
    std::vector<Envelope> envelopes;  // in order of arrival, at most `count_max`
    std::vector<AttemptKey> heartbeats;
  };
  Content take(std::size_t count_max);

  // Returns when something is there, at the latest after `time_max`, or when woken.
  void wait(std::chrono::microseconds time_max);
  void wake();

  std::size_t size() const;

 private:
  const std::size_t size_max_;
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable not_empty_;
  std::vector<Envelope> envelopes_;
  std::vector<AttemptKey> heartbeats_;
  bool woken_ = false;
};

}  // namespace harmonia::engine
