#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/time.h"
#include "expr/expr.h"
#include "expr/template.h"
#include "workflow/json_schema.h"

// What tasks of one type have and others do not, and what follows a task: the parts of
// workflow::Task.
namespace harmonia::workflow {

using TaskNumber = std::uint32_t;  // position in Definition::tasks
using BodyNumber = std::uint32_t;  // position in Definition::bodies

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

// What a decision may choose: its targets depend on it, whether they say so or not.
struct Choice {
  std::string name;
  std::optional<expr::Program> when;  // none: the default
  std::vector<TaskNumber> next;
};
struct Decision {
  std::vector<Choice> cases;
  std::optional<Choice> otherwise;  // `default`
  bool all_matching = false;        // mode all: every case that holds; else the first
};

struct Branch {
  std::string name;
  BodyNumber body = 0;
};
struct Parallel {
  std::vector<Branch> branches;
  std::uint32_t needed = 0;  // branches that must complete; the rest is canceled then
};

enum class LoopKind : std::uint8_t { while_true, until, times, for_each };
struct Loop {
  LoopKind kind = LoopKind::until;
  std::optional<expr::Program> condition;   // while: before, until: after each iteration
  std::optional<expr::Template> times;      // a number
  std::optional<expr::Template> items;      // for_each: a list
  std::string as;                           // for_each: another name of the root `item`
  std::optional<expr::Program> break_when;  // after each iteration
  std::optional<expr::Template> delay;      // between iterations: seconds or ISO 8601 text
  std::optional<expr::Template> collect;    // of each iteration, for the list `results`
  std::uint32_t max_iterations = 1000;
  BodyNumber body = 0;
};

struct Map {
  std::optional<expr::Template> items;    // a list, or an object whose items are {key, value}
  std::string as;                         // another name of the root `item`
  std::optional<expr::Template> collect;  // what each item gives; absent: the result of the body
  std::uint32_t max_concurrency = 100;
  std::uint32_t max_failures = 0;  // more of them fail the map
  std::uint32_t batch_size = 0;    // 0: items one by one, else lists of that many
  BodyNumber body = 0;
};

struct Try {
  BodyNumber body = 0;
};

struct Critical {
  std::optional<expr::Template> key;
  BodyNumber body = 0;
};

struct Subworkflow {
  std::optional<expr::Template> workflow;  // name or id
  std::optional<expr::Template> version;   // number of a revision; absent: the latest
  bool detached = false;
  std::uint32_t max_depth = 32;
};

enum class OnTimeout : std::uint8_t { fail, proceed, approve, reject };

struct EventWait {
  std::optional<expr::Template> name;
  std::optional<expr::Template> correlation;  // text; absent: only events sent to the run itself
  std::optional<expr::Program> filter;        // with the root `event`
  std::uint32_t count = 1;
  OnTimeout on_timeout = OnTimeout::fail;  // fail or proceed (`continue`)
};

struct Approval {
  std::optional<JsonSchema> form;  // what the decision must carry
  std::optional<expr::Template> title;
  std::optional<expr::Template> assignees;  // list of names
  OnTimeout on_timeout = OnTimeout::fail;   // fail, approve or reject
  bool fail_on_reject = true;               // else a rejection completes the task
};

struct Webhook {};  // its call is the task's input: an http request

using Structure = std::variant<std::monostate, Decision, Parallel, Loop, Map, Try, Critical,
                               Subworkflow, EventWait, Approval, Webhook>;

// One clause of `catch`. It matches when an error pattern (as in retry_on) and the condition do.
struct Catch {
  std::vector<std::string> errors;  // empty: all
  std::optional<expr::Program> when;
  std::string as;                    // another name of the root `error`
  std::optional<RetryPolicy> retry;  // first tries the task again
  std::optional<BodyNumber> body;    // then runs these tasks; none: the failure is forgotten
};

struct Cache {
  expr::Template key;
  Duration ttl;
};
struct RateLimit {
  std::uint32_t limit = 1;
  Duration per = std::chrono::seconds(1);
  std::optional<expr::Template> key;  // absent: one limit for all runs of the workflow's task
};
enum class ConcurrencyPolicy : std::uint8_t { queue, reject, replace };
struct Concurrency {
  expr::Template key;
  std::uint32_t limit = 1;
  ConcurrencyPolicy policy = ConcurrencyPolicy::queue;  // of tasks: queue only
};

}  // namespace harmonia::workflow
