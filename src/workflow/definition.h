#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"
#include "base/time.h"
#include "expr/expr.h"
#include "expr/template.h"
#include "workflow/json_schema.h"

// A workflow definition, parsed, checked and compiled: what the engine runs. Immutable; shared
// between runs.
namespace harmonia::workflow {

// The closed set of structural types the engine itself understands.
enum class TaskType { standard, set, wait, fail };

// When several predecessors release a task. "Done" is completed, failed, skipped or canceled; a
// failed task with `on_error: continue` counts as success for every rule, and as failed for
// one_failed too.
enum class JoinKind {
  all_success,  // every predecessor succeeded
  none_failed,  // every one is done and none failed or was canceled (skipped counts as done)
  all_done,     // every one is done
  any_success,  // as soon as one succeeded
  one_failed,   // as soon as one failed or was canceled
  at_least,     // as soon as `count` succeeded
};

struct JoinRule {
  JoinKind kind = JoinKind::all_success;
  std::uint32_t count = 0;  // for at_least
};

// Attempts are max_retries + 1. The delay before retry n (from 1) is
// min(max_delay, initial_delay * backoff_multiplier^(n-1)), times a factor within 1 +- jitter that
// depends only on execution, task and n, and never below what the error asked for (Retry-After).
struct RetryPolicy {
  std::uint32_t max_retries = 3;
  Duration initial_delay = std::chrono::seconds(1);
  double backoff_multiplier = 2.0;
  Duration max_delay = std::chrono::seconds(60);
  double jitter = 0.0;  // 0..1
  // Error codes: exact, `http_5xx` classes, `prefix*`, `*`; empty: all retryable.
  std::vector<std::string> retry_on = {};
};

enum class OnError {
  fail,          // the scope of the task fails
  continue_run,  // (`continue`) the failure is recorded, dependents go on as if it had succeeded
};

// What happens to the other tasks of a scope when one fails it.
enum class OnChildFailure {
  wait,    // what runs goes on, and what can still start by its join rule starts
  cancel,  // what runs is canceled; only tasks joined by one_failed or all_done still start
};

using TaskNumber = std::uint32_t;  // position in Definition::tasks
using BodyNumber = std::uint32_t;  // position in Definition::bodies

struct Task {
  std::string id;    // unique in its body; [A-Za-z_][A-Za-z0-9_-]*
  std::string name;  // for people; the id when not given
  std::string description;
  TaskType type = TaskType::standard;
  BodyNumber body = 0;

  std::vector<TaskNumber> depends_on;
  std::vector<TaskNumber> dependents;  // derived: who depends on this one
  JoinRule join;
  std::optional<expr::Program> when;  // false: skipped

  std::string component;  // standard: who does it
  std::string action;     // standard: what; may be empty where the component has one action
  std::optional<expr::Template> input;  // standard: an object; absent: {}
  std::optional<expr::Template>
      output;  // mapping of the raw result, which is root `result`; absent: the raw result

  std::optional<RetryPolicy> retry;  // absent: one attempt
  std::optional<Duration> timeout;   // of each attempt
  std::optional<Duration> heartbeat_timeout;
  OnError on_error = OnError::fail;

  std::optional<expr::Template> values;    // set: what becomes the output
  std::optional<expr::Template> duration;  // wait: seconds (number) or ISO 8601 text
  std::optional<expr::Template> until;     // wait: RFC 3339 text
  std::optional<expr::Template> error;     // fail: {code, message}

  JsonObject metadata;
};

// A set of tasks that run in one scope: the workflow itself is body 0; composite tasks own further
// ones.
struct Body {
  std::optional<TaskNumber> owner;  // the composite task; none for body 0
  std::vector<TaskNumber> tasks;    // in the author's order; consecutive numbers
  std::vector<TaskNumber> by_id;    // derived: the same, sorted by id
  OnChildFailure on_child_failure = OnChildFailure::wait;
};

struct Definition {
  std::string name;
  std::string version = "1.0.0";
  std::string description;
  std::vector<std::string> tags;
  std::optional<JsonSchema> input_schema;
  std::optional<JsonSchema> output_schema;
  std::optional<expr::Template>
      output;  // absent: {task id: output} of the tasks without dependents that completed
  std::optional<Duration> timeout;  // of the whole run
  std::vector<Task> tasks;
  std::vector<Body> bodies;
  JsonObject metadata;
  Json canonical;         // the definition in canonical form: what is stored and shown
  bool uses_env = false;  // some expression names the root `env`

  const Body& root() const { return bodies.front(); }
  // The task of this id in a body.
  std::optional<TaskNumber> find_task(BodyNumber body, std::string_view id) const;
};

using SharedDefinition = std::shared_ptr<const Definition>;

// The root variables expressions may name. `result` exists in a task's `output` only.
inline constexpr std::string_view expression_roots[] = {
    "input",  "tasks",   "params",   "param",     "env",
    "secret", "context", "workflow", "execution", "error"};

}  // namespace harmonia::workflow
