#include "tasks/http/circuit_breaker.h"

#include <algorithm>

#include "base/assert.h"

namespace harmonia::tasks {
namespace {

Duration between(CircuitBreaker::Time from, CircuitBreaker::Time to) {
  return std::chrono::ceil<Duration>(to - from);
}

}  // namespace

CircuitBreaker::CircuitBreaker(const CircuitOptions& options) : options_(options) {
  ASSERT(options.window >= Duration(slice_count));
  ASSERT(options.hosts_max > 0);
}

CircuitBreaker::Admission CircuitBreaker::admit(const std::string& host, Time now) {
  Circuit& circuit = circuit_of(host);
  if (circuit.state != State::closed) {
    if (now < circuit.until) {
      // How long a trial takes nobody knows; when it fails, it is a pause at least.
      Duration wait = between(now, circuit.until);
      if (circuit.state == State::on_trial) wait = std::min(wait, circuit.pause);
      return {.permit = std::nullopt, .retry_after = wait};
    }
    enter(circuit, State::on_trial, now + options_.trial_max);
  }
  return {.permit = Permit{.host = host, .epoch = circuit.epoch}};
}

CircuitBreaker::Change CircuitBreaker::record(const Permit& permit, CallVerdict verdict, Time now) {
  auto found = by_host_.find(permit.host);
  if (found == by_host_.end() || found->second->epoch != permit.epoch) return Change::none;
  Circuit& circuit = *found->second;
  if (circuit.state == State::on_trial) return end_trial(circuit, verdict, now);
  if (verdict == CallVerdict::unknown) return Change::none;
  count(circuit, verdict == CallVerdict::failure, now);
  if (verdict == CallVerdict::success || !fails_too_often(circuit, now)) return Change::none;
  circuit.pause = options_.pause_first;
  enter(circuit, State::open, now + circuit.pause);
  return Change::opened;
}

CircuitBreaker::Change CircuitBreaker::end_trial(Circuit& circuit, CallVerdict verdict, Time now) {
  switch (verdict) {
    case CallVerdict::success:
      circuit.slices = {};
      enter(circuit, State::closed, {});
      return Change::closed;
    case CallVerdict::failure:
      circuit.pause = std::min(circuit.pause * 2, options_.pause_max);
      enter(circuit, State::open, now + circuit.pause);
      return Change::none;
    case CallVerdict::unknown:
      // The next call is the trial.
      enter(circuit, State::open, now);
      return Change::none;
  }
  return Change::none;
}

CircuitBreaker::Circuit& CircuitBreaker::circuit_of(const std::string& host) {
  if (auto found = by_host_.find(host); found != by_host_.end()) {
    circuits_.splice(circuits_.begin(), circuits_, found->second);
    return circuits_.front();
  }
  if (by_host_.size() >= options_.hosts_max) {
    by_host_.erase(circuits_.back().host);
    circuits_.pop_back();
  }
  circuits_.push_front({.host = host, .epoch = ++last_epoch_});
  by_host_.emplace(host, circuits_.begin());
  return circuits_.front();
}

void CircuitBreaker::enter(Circuit& circuit, State state, Time until) {
  circuit.state = state;
  circuit.until = until;
  circuit.epoch = ++last_epoch_;
}

std::int64_t CircuitBreaker::slice_number(Time now) const {
  Duration slice = options_.window / static_cast<std::int64_t>(slice_count);
  return now.time_since_epoch() / slice;
}

void CircuitBreaker::count(Circuit& circuit, bool failed, Time now) const {
  std::int64_t number = slice_number(now);
  Slice& slice = circuit.slices[static_cast<std::size_t>(number) % slice_count];
  if (slice.number != number) slice = {.number = number};
  ++slice.calls;
  if (failed) ++slice.failures;
}

bool CircuitBreaker::fails_too_often(const Circuit& circuit, Time now) const {
  std::int64_t oldest = slice_number(now) - static_cast<std::int64_t>(slice_count) + 1;
  int calls = 0;
  int failures = 0;
  for (const Slice& slice : circuit.slices) {
    if (slice.number < oldest) continue;
    calls += slice.calls;
    failures += slice.failures;
  }
  return options_.failures_min > 0 && failures >= options_.failures_min &&
         failures >= options_.failure_share_min * calls;
}

}  // namespace harmonia::tasks
