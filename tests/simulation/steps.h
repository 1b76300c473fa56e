#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/id.h"
#include "base/json.h"
#include "base/time.h"

// What happens in a simulated world, one thing after the other. Steps are data: a seed draws them,
// a failing run is shrunk by leaving some out. One that makes no sense any more does nothing.
namespace harmonia::simulation {

// A person starts a run.
struct StartRun {
  std::string label;  // its id follows from it, or from the key
  std::size_t workflow = 0;
  Json input = nullptr;
  std::string key = {};  // of idempotency; empty: none
};
enum class Control { pause, resume, cancel };
struct ControlRun {
  ExecutionId run;
  Control control = Control::pause;
};
struct SendSignal {
  ExecutionId run;
  std::string id;
  std::string name;
  std::string correlation;
  std::int64_t n = 0;
  std::int64_t token = 0;  // unique to each thing that was said
};
// To every run that waits for it.
struct SendEvent {
  std::string id;
  std::string name;
  std::string correlation;
  std::int64_t n = 0;
  std::int64_t token = 0;
  Duration retention{0};
};
struct DecideTask {
  ExecutionId run;
  std::string path;
  bool approved = true;
  std::uint64_t asked = 0;  // the event that asked; 0: whatever is asked now
};
struct CallBack {
  ExecutionId run;
  std::string path;
  std::int64_t token = 0;
};
struct ResolveTask {
  ExecutionId run;
  std::string path;
  std::size_t action = 0;  // of IncidentAction
  std::uint64_t asked = 0;
};
// A new revision of a workflow is saved.
struct SaveWorkflow {
  std::size_t workflow = 0;
  std::size_t text = 0;  // of the definitions of the world
};

// A runner says how an attempt ended; again, late or wrong, as it comes.
struct ReportAttempt {
  ExecutionId run;
  std::string path;
  std::uint32_t attempt = 1;
  bool success = true;
  std::int64_t n = 0;
  std::string code = {};
  bool retryable = true;
  std::int64_t retry_after_seconds = 0;
};
struct Heartbeat {
  ExecutionId run;
  std::string path;
  std::uint32_t attempt = 1;
};

struct MoveClock {
  Duration by{0};  // back, too
};
// To the moment when something is due.
struct MoveClockToDue {};
// One shard handles one batch.
struct RunBatch {
  std::size_t shard = 0;
};
// All shards do, until nothing is left to do now. Then whatever holds at rest is checked.
struct Settle {};

enum class Fault {
  commits_fail,         // the next `count` calls
  disk_is_full,         // writes fail for `length`
  reads_fail,           // `count` of them, after `after` that work
  calls_are_slow,       // the next `count` calls to the store take `length`
  die_before_commit,    // the process, at the next one
  die_after_commit,     // it is on disk, and nobody has heard
  die_at_handout,       // a runner has the work, and nothing else has happened
  die_at_announcement,  // before or after work was handed out, before an answer
  die_at_answer,
  power_fails,  // in the middle of the next commit: what was not synced is lost, torn or garbled
};
struct BreakThings {
  Fault fault = Fault::commits_fail;
  std::uint32_t count = 1;
  std::uint32_t after = 0;
  Duration length{0};         // of commits that fail: until writes are taken again
  std::uint32_t written = 0;  // commits of the first call that fails which are on disk all the same
  std::uint64_t seed = 0;     // of power that fails: chooses what is lost
};
// Everything but the disk is lost, and starts again with so many shards.
struct Crash {
  std::size_t shards = 1;
  // Goes, too, when it is given: chooses what is lost of what was not synced.
  std::optional<std::uint64_t> power = {};
};

using Step = std::variant<StartRun, ControlRun, SendSignal, SendEvent, DecideTask, CallBack,
                          ResolveTask, SaveWorkflow, ReportAttempt, Heartbeat, MoveClock,
                          MoveClockToDue, RunBatch, Settle, BreakThings, Crash>;

std::string_view to_string(Fault fault);
// One line for people.
std::string describe(const Step& step);

}  // namespace harmonia::simulation
