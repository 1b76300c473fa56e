#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/time.h"

namespace harmonia::tasks {

struct CircuitOptions {
  int failures_min = 10;           // within the window, to open a circuit; 0: none ever opens
  double failure_share_min = 0.5;  // of the calls that ended within the window
  Duration window = std::chrono::minutes(1);
  Duration pause_first = std::chrono::seconds(10);  // doubled by each trial that fails
  Duration pause_max = std::chrono::minutes(5);
  Duration trial_max = std::chrono::minutes(1);  // a trial without an end is forgotten after this
  std::size_t hosts_max = 4096;  // beyond: the one asked for longest ago is forgotten
};

// What the end of a call says about its host. `unknown`: nothing, for instance a cancel.
enum class CallVerdict { success, failure, unknown };

// Decides which calls go out. Each host has a circuit: closed (all go) until too many calls fail
// within the window; then open (none goes) for a pause; then one call goes as a trial, and its
// success closes the circuit, its failure opens it for twice as long.
//
// A state machine without a clock: the time is passed in and must not run backwards. Not
// thread-safe.
class CircuitBreaker {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit CircuitBreaker(const CircuitOptions& options);

  // Goes with one call, from `admit` to `record`.
  struct Permit {
    std::string host;
    std::uint64_t epoch = 0;
  };
  struct Admission {
    std::optional<Permit> permit;  // none: the call must not go out
    Duration retry_after{0};       // without a permit: until the next trial, as far as is known
  };
  Admission admit(const std::string& host, Time now);

  enum class Change { none, opened, closed };
  // What the end of the call changes. Calls from before the circuit's last change of state change
  // nothing.
  Change record(const Permit& permit, CallVerdict verdict, Time now);

  std::size_t host_count() const { return by_host_.size(); }

 private:
  enum class State { closed, open, on_trial };

  // Calls that ended in one part of the window.
  struct Slice {
    std::int64_t number = 0;  // which part of all time
    int calls = 0;
    int failures = 0;
  };
  static constexpr std::size_t slice_count = 6;

  struct Circuit {
    std::string host;
    State state = State::closed;
    std::uint64_t epoch = 0;  // of the state; no two circuits share one
    Duration pause{0};
    Time until{};  // open: the next trial; on trial: when the trial is forgotten
    std::array<Slice, slice_count> slices = {};
  };
  using Circuits = std::list<Circuit>;

  Circuit& circuit_of(const std::string& host);
  void enter(Circuit& circuit, State state, Time until);
  void count(Circuit& circuit, bool failed, Time now) const;
  bool fails_too_often(const Circuit& circuit, Time now) const;
  Change end_trial(Circuit& circuit, CallVerdict verdict, Time now);
  std::int64_t slice_number(Time now) const;

  const CircuitOptions options_;
  Circuits circuits_;  // the last asked for first
  std::unordered_map<std::string, Circuits::iterator> by_host_;
  std::uint64_t last_epoch_ = 0;
};

}  // namespace harmonia::tasks
