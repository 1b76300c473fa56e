#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/assert.h"
#include "base/json.h"
#include "base/time.h"
#include "expr/expr.h"
#include "expr/template.h"
#include "workflow/structure.h"

// A workflow definition, parsed, checked and compiled: what the engine runs. Immutable; shared
// between runs.
namespace harmonia::workflow {

// The closed set of structural types the engine itself understands.
enum class TaskType : std::uint8_t {
  standard,     // component.action does the work
  set,          // computes values
  wait,         // sleeps
  fail,         // fails its scope with an error
  terminate,    // ends the run at once with success
  join,         // a point where predecessors meet
  decision,     // chooses which of its targets go on
  parallel,     // branches side by side
  loop,         // a body again and again
  map,          // a body for each item
  try_block,    // (`try`) a body whose failure is caught
  critical,     // a body that excludes others across runs
  subworkflow,  // another workflow
  event,        // waits for a named event
  approval,     // waits for a person
  webhook,      // calls out and waits for the call back
};

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

enum class OnError {
  fail,          // the scope of the task fails
  continue_run,  // (`continue`) the failure is recorded, dependents go on as if it had succeeded
  incident,      // the task waits for an operator, who retries, skips, completes or fails it
};

// What happens to the other tasks of a scope when one fails it.
enum class OnChildFailure {
  wait,    // what runs goes on, and what can still start by its join rule starts
  cancel,  // what runs is canceled; only tasks joined by one_failed or all_done still start
};

// What a compensation names of what is around its task: by the time it runs the scope may be gone,
// so it is kept when the task completes.
struct UndoView {
  std::vector<std::string> tasks;  // ids
  std::vector<std::string> roots;  // `item` and the like
};

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

  Structure structure;  // of the types that have one

  std::vector<Catch> catches;
  std::optional<BodyNumber> finally;     // runs whatever came of the task, before it ends
  std::optional<BodyNumber> compensate;  // undoes the completed task when its scope fails
  UndoView undo_view;                    // of `compensate`, without its `input`
  std::int32_t priority = 0;             // higher is handed out first
  std::optional<Cache> cache;
  std::optional<RateLimit> rate_limit;
  std::optional<Concurrency> concurrency;

  JsonObject metadata;

  template <class Kind>
  const Kind& as() const {
    const Kind* found = std::get_if<Kind>(&structure);
    ASSERT(found != nullptr);
    return *found;
  }
};

// What a body is to its owner.
enum class BodyRole : std::uint8_t {
  root,        // the workflow itself
  work,        // branch, iteration, item, content of try and critical
  handler,     // of a catch clause
  cleanup,     // finally
  undo,        // compensate
  on_failure,  // of the workflow
};

// A set of tasks that run in one scope: the workflow itself is body 0; composite tasks own further
// ones.
struct Body {
  std::optional<TaskNumber> owner;  // the composite task; none for the root and on_failure
  BodyRole role = BodyRole::root;
  std::string label =
      {};  // shown in paths behind the owner's id: `.catch`, `.branch`; may be empty
  std::vector<TaskNumber> tasks = {};  // in the author's order; consecutive numbers
  std::vector<TaskNumber> by_id = {};  // derived: the same, sorted by id
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
  std::optional<Duration> timeout;            // of the whole run
  std::optional<std::uint32_t> max_parallel;  // standard tasks of one run at a time
  std::optional<Concurrency> concurrency;     // of runs
  std::optional<BodyNumber> on_failure;       // runs when the run fails, before it ends
  std::vector<Task> tasks;
  std::vector<Body> bodies;
  JsonObject metadata;
  Json canonical;            // the definition in canonical form: what is stored and shown
  bool uses_env = false;     // some expression names the root `env`
  bool uses_tokens = false;  // somebody outside answers for a task: approval, webhook

  const Body& root() const { return bodies.front(); }
  // The task of this id in a body.
  std::optional<TaskNumber> find_task(BodyNumber body, std::string_view id) const;
};

using SharedDefinition = std::shared_ptr<const Definition>;

std::string_view to_string(TaskType type);  // as definitions write it: `try`

// The root variables that expressions may name everywhere. `result` exists in a task's `output`,
// `event` in the filter of an event, `callback` in the input of a webhook, `item` and `index`
// within map and for_each, `loop` within loops.
inline constexpr std::string_view expression_roots[] = {
    "input",  "tasks",   "params",   "param",     "env",
    "secret", "context", "workflow", "execution", "error"};

}  // namespace harmonia::workflow
