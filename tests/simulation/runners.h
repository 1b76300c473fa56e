#pragma once

#include <functional>
#include <map>
#include <set>
#include <vector>

#include "engine/ports.h"
#include "tests/simulation/coverage.h"
#include "tests/simulation/hostile_store.h"
#include "tests/simulation/ledger.h"
#include "tests/simulation/witness.h"

namespace harmonia::simulation {

// An attempt that was handed out, at least once.
struct HeldAttempt {
  engine::Assignment assignment;
  std::uint32_t life = 0;  // of the process, in which it was handed out last
  bool reported = false;   // in that life
  bool reported_ever = false;
  bool canceled = false;  // in that life
};

// All runners of a world. They hold what they are handed; what they say is drawn step by step.
// Checks what it is handed: its scheduling must be on disk, it must not be over, and it is handed
// out once in the life of a process.
class Runners final : public engine::Dispatcher {
 public:
  // `look` brings the ledger up to what is on disk.
  struct Surroundings {
    const Ledger& ledger;
    const WorldClock& clock;
    Witness& witness;
    Coverage& coverage;
    std::function<void()> look;
  };
  explicit Runners(Surroundings around) : around_(std::move(around)) {}

  bool die_at_handout = false;

  void dispatch(engine::Assignment assignment) override;
  void cancel(const engine::AttemptKey& key) override;

  // The process died, and what ran in it.
  void begin_life();
  std::uint32_t life() const { return life_; }

  // In the order of their first handout.
  const std::vector<engine::AttemptKey>& keys() const { return keys_; }
  HeldAttempt* find(const engine::AttemptKey& key);
  // The last one handed out of a task and attempt.
  HeldAttempt* find(ExecutionId run, const std::string& path, std::uint32_t attempt);
  const HeldAttempt& at(const engine::AttemptKey& key) const { return held_.at(key); }
  bool is_held(const engine::AttemptKey& key) const;

  // When nothing more happens by itself: who has an attempt and who does not.
  void check_at_rest() const;

 private:
  void check_assignment(const engine::Assignment& assignment) const;
  void check_rate(const engine::Assignment& assignment);

  Surroundings around_;
  std::uint32_t life_ = 0;
  std::vector<engine::AttemptKey> keys_;
  std::map<engine::AttemptKey, HeldAttempt> held_;
  struct Rate {
    Timestamp first;
    Timestamp last;
    std::int64_t count = 0;
    double most = 0;        // at once
    double per_second = 0;  // then
  };
  std::map<std::string, Rate> rates_;  // of this life
};

// Hears what is announced: all of it is on disk, and none is left out in the life of a process.
class Listener final : public engine::Announcer {
 public:
  using Compare = std::function<void(const engine::Announcement&)>;
  Listener(const Ledger& ledger, const HostileStore& store, Coverage& coverage,
           std::function<void()> look, Compare compare)
      : ledger_(ledger),
        store_(store),
        coverage_(coverage),
        look_(std::move(look)),
        compare_(std::move(compare)) {}

  bool die_at_announcement = false;

  void announce(const engine::Announcement& announcement) override;
  void begin_life() { heard_.clear(); }
  std::uint64_t heard(ExecutionId run) const;

 private:
  const Ledger& ledger_;
  const HostileStore& store_;
  Coverage& coverage_;
  std::function<void()> look_;
  Compare compare_;
  std::map<ExecutionId, std::uint64_t> heard_;  // the last seq of each run, in this life
};

}  // namespace harmonia::simulation
