#pragma once

#include <functional>
#include <map>
#include <set>
#include <vector>

#include "base/hash.h"
#include "engine/ports.h"
#include "scenario/event_line.h"
#include "scenario/script.h"

// The engine's ports in their simulated form. Single-threaded.
namespace harmonia::scenario {

class SimulatedClock final : public engine::Clock {
 public:
  Timestamp now() const override { return now_; }
  void set(Timestamp time) { now_ = time; }

 private:
  Timestamp now_ = scenario_epoch;
};

class SimulatedIds final : public engine::IdSource {
 public:
  Uuid next(Timestamp) override { return make_uuid_v7(0, 0, ++count_); }

 private:
  std::uint64_t count_ = 0;
};

class SilentAnnouncer final : public engine::Announcer {
 public:
  void announce(const engine::Announcement&) override {}
};

// Runners that do as the script says. What an attempt does depends on task and attempt only, so
// that an attempt handed out again after a crash does the same.
class ScriptedDispatcher final : public engine::Dispatcher {
 public:
  explicit ScriptedDispatcher(const SimulatedClock& clock) : clock_(clock) {}

  // By path (`process[3]/charge`), by pattern for all items or iterations (`process[*]/charge`), or
  // by the last part of paths (`charge`); the first of these that there is counts.
  void script(const std::string& task_path, std::vector<ScriptedOutcome> outcomes) {
    scripts_[task_path] = std::move(outcomes);
  }

  void dispatch(engine::Assignment assignment) override;
  void cancel(const engine::AttemptKey& key) override { pending_.erase(key); }
  // The process died: what ran in it is gone, and begins again when it is handed out again.
  void forget_pending();
  // As if the process had not died: what is handed out again ends when it would have ended.
  void keep_times(bool keep) { keeps_times_ = keep; }

  struct Finished {
    engine::AttemptKey key;
    ScriptedOutcome outcome;
  };
  // The attempt that ended first among those that have ended by now.
  std::optional<Finished> take_finished();
  std::optional<Timestamp> next_finish() const;

  std::vector<std::string> take_effects() { return std::exchange(new_effects_, {}); }

 private:
  struct Pending {
    Timestamp finishes_at;
    std::uint64_t order = 0;
    ScriptedOutcome outcome;
  };

  const std::vector<ScriptedOutcome>* find_script(const std::string& task_path) const;

  const SimulatedClock& clock_;
  std::map<std::string, std::vector<ScriptedOutcome>, std::less<>> scripts_;
  std::map<engine::AttemptKey, Pending> pending_;
  struct Begin {
    std::uint64_t order = 0;  // of the first time it was handed out
    std::optional<Timestamp> at;
  };
  std::map<engine::AttemptKey, Begin> begins_;
  bool keeps_times_ = false;
  std::vector<std::string> new_effects_;
};

}  // namespace harmonia::scenario
