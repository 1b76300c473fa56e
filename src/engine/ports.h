#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/id.h"
#include "base/json.h"
#include "base/time.h"
#include "execution/decide.h"
#include "workflow/definition.h"

// What the engine needs of the world besides the store. Each port has a real form and a simulated
// one.
namespace harmonia::engine {

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Timestamp now() const = 0;  // thread-safe
};

class IdSource {
 public:
  virtual ~IdSource() = default;
  virtual Uuid next(Timestamp now) = 0;  // thread-safe
};

// One attempt of one task of one execution: the fencing token of everything a runner says.
struct AttemptKey {
  ExecutionId execution;
  execution::TaskRef task;
  std::uint32_t attempt = 1;

  auto operator<=>(const AttemptKey&) const = default;
};

}  // namespace harmonia::engine

template <>
struct std::hash<harmonia::engine::AttemptKey> {
  std::size_t operator()(const harmonia::engine::AttemptKey& key) const {
    // Ids are random; the rest tells the attempts of one run apart.
    std::uint64_t place =
        (std::uint64_t{key.task.scope} << 40) ^ (std::uint64_t{key.task.task} << 12) ^ key.attempt;
    return harmonia::hash_value(key.execution.uuid) ^ (place * 0x9e3779b97f4a7c15ULL);
  }
};

namespace harmonia::engine {

// What a receiver recognises a repeat by: execution/task-path, the same for all attempts.
inline std::string idempotency_key(const AttemptKey& key, std::string_view task_path) {
  return to_string(key.execution).append("/").append(task_path);
}

// A place of a task's input where its definition names a secret. Only what the author wrote counts:
// the same text coming from a run's input or from another task's output stays text.
struct SecretUse {
  std::string pointer;  // of the string in the input; what an expression put below it counts too
  std::string name;
};

// Work for a runner. The commit that owes it is durable.
struct Assignment {
  AttemptKey key;
  std::string task_path;  // for people, and see idempotency_key
  std::string workflow_name;
  std::string component;
  std::string action;
  SharedJson input;  // may still hold ${secret.NAME}
  std::vector<SecretUse> secrets;
  SharedJson context;                         // of the start: request id, trace
  std::optional<Timestamp> deadline;          // when the engine gives up on the attempt
  std::optional<Duration> heartbeat_timeout;  // the runner must call Engine::heartbeat more often
};

// Hands work to runners. Called on shard threads: must not block.
class Dispatcher {
 public:
  virtual ~Dispatcher() = default;
  virtual void dispatch(Assignment assignment) = 0;
  // The attempt is no longer wanted (canceled, timed out). Its report would be refused as stale.
  virtual void cancel(const AttemptKey& key) = 0;
};

// One durable commit of an execution, told to whoever watches. Borrowed for the call.
struct Announcement {
  ExecutionId execution;
  const workflow::Definition& definition;
  const execution::State& state;  // after the last event of this commit's batch
  std::span<const execution::Event> events;
};

// Called on shard threads, in order for each execution: must not block.
class Announcer {
 public:
  virtual ~Announcer() = default;
  virtual void announce(const Announcement& announcement) = 0;
};

}  // namespace harmonia::engine
