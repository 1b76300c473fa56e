#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/ports.h"

// What people, other systems and runners have done: the other side of what histories must agree
// with.
namespace harmonia::simulation {

struct SentReport {
  bool success = true;
  Json output = nullptr;
  std::string code = {};
  bool retryable = true;
  std::optional<Duration> retry_after = {};
};

struct SentSignal {
  std::optional<ExecutionId> run;  // none: an event for all
  std::string id;
  std::string name;
  std::string correlation;
  std::uint32_t times = 1;
};

struct Witness {
  // What runners have said of an attempt, whether it was heard or not.
  std::map<engine::AttemptKey, std::vector<SentReport>> reports;
  // What runners have given for a task with `cache`, by workflow, place and key.
  std::map<std::string, std::vector<Json>> results;
  // When an attempt was handed out in this life of the process, or gave a sign of life.
  std::map<engine::AttemptKey, Timestamp> signs_of_life;
  // By the token in their payload, which is unique.
  std::map<std::int64_t, SentSignal> signals;
  std::map<ExecutionId, std::set<std::string>> decisions;    // paths of approvals decided
  std::map<ExecutionId, std::set<std::string>> resolutions;  // paths of incidents resolved
  std::map<ExecutionId, std::set<std::int64_t>> callbacks;   // tokens
  std::set<ExecutionId> canceled;                            // somebody asked for it
  std::set<ExecutionId> paused_or_resumed;                   // likewise
};

}  // namespace harmonia::simulation
