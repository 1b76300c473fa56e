#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
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
//
// Starts from outside have a queue of their own, behind all others: what has begun is brought to
// its end before more begins. Else each of its steps would wait as long as a start does, and ten
// times as many runs would be under way for the same throughput. That queue is bounded by age, too:
// a burst is taken, a queue that only stands is not.
class Mailbox {
 public:
  struct Bounds {
    std::size_t size_max = 0;    // of all that waits
    Duration start_wait_max{0};  // of the oldest start: beyond, no more starts
  };
  explicit Mailbox(const Bounds& bounds) : bounds_(bounds) {}

  // False when there is no room; the envelope is then untouched.
  bool offer(Envelope& envelope, Timestamp now);
  // Whether a start would be taken.
  bool has_room_for_start(Timestamp now) const;
  // How long the oldest start has waited: who comes now waits about as long.
  Duration start_wait(Timestamp now) const;
  void insist(Envelope envelope);
  void heartbeat(const AttemptKey& key);

  struct Content {
    std::vector<Envelope> envelopes;  // at most `count_max`: in order of arrival, then starts
    std::vector<AttemptKey> heartbeats;
  };
  Content take(std::size_t count_max);

  // Returns when something is there, at the latest after `time_max`, or when woken.
  void wait(std::chrono::microseconds time_max);
  void wake();

  std::size_t size() const;

 private:
  struct WaitingStart {
    Envelope envelope;
    Timestamp since;
  };

  std::size_t size_with_lock() const { return envelopes_.size() + starts_.size(); }
  bool has_room_with_lock(bool is_start, Timestamp now) const;
  Duration start_wait_with_lock(Timestamp now) const;
  std::size_t places_for_starts(std::size_t count_max) const;
  void take_envelopes(std::size_t count_max, std::vector<Envelope>& taken);
  void take_starts(std::size_t count_max, std::vector<Envelope>& taken);

  const Bounds bounds_;
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable not_empty_;
  std::vector<Envelope> envelopes_;
  std::deque<WaitingStart> starts_;
  std::vector<AttemptKey> heartbeats_;
  bool woken_ = false;
};

}  // namespace harmonia::engine
