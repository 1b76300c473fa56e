#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "base/time.h"
#include "workflow/definition.h"

// A definition as docs/language*.md explain it, read from its JSON by code that shares nothing with
// the compiler of definitions: what the checkers hold histories to. From the compiled definition
// comes only how its tasks and bodies are numbered, because histories name them so.
namespace harmonia::simulation {

struct BodySpec;

enum class Join { all_success, none_failed, all_done, any_success, one_failed, at_least };

struct RetrySpec {
  std::uint32_t max_retries = 3;
  double initial_delay = 1;
  double multiplier = 2;
  double max_delay = 60;
  double jitter = 0;
  std::vector<std::string> retry_on;
};

struct CatchSpec {
  std::vector<std::string> errors = {};
  std::string when = {};  // empty: none
  std::optional<RetrySpec> retry = {};
  const BodySpec* body = nullptr;
};

// Whether an error pattern (`timeout`, `http_5xx`, `http_*`, `*`) covers a code.
bool covers(std::string_view pattern, std::string_view code);
bool covers(const std::vector<std::string>& patterns, std::string_view code);

struct CaseSpec {
  std::string name;
  std::vector<std::size_t> next;  // positions in the body
};

struct TaskSpec {
  std::string id;
  std::string type;  // as written; `standard` when not
  const JsonObject* json = nullptr;
  workflow::TaskNumber number = 0;
  const BodySpec* body = nullptr;

  std::vector<std::size_t> predecessors;  // positions in the body; decisions that name it included
  std::vector<std::size_t> said;          // those of depends_on alone
  Join join = Join::all_success;
  std::size_t at_least = 0;
  std::optional<std::string> when;

  std::optional<RetrySpec> retry;
  std::vector<CatchSpec> catches;
  std::optional<Duration> timeout;
  std::optional<Duration> heartbeat_timeout;
  std::string on_error = "fail";
  std::int64_t priority = 0;
  std::optional<std::int64_t> concurrency_limit;

  std::vector<const BodySpec*> work;  // branches in their order, or the one body
  const BodySpec* finally = nullptr;
  const BodySpec* compensate = nullptr;
  std::vector<CaseSpec> cases;  // of a decision, the default last

  bool is_dispatched() const { return type == "standard" || type == "webhook"; }
  bool holds_scopes() const { return !work.empty(); }
  bool repeats() const { return type == "loop" || type == "map"; }
  // A number of its own fields, or the default.
  std::int64_t number_of(std::string_view field, std::int64_t fallback) const;
};

struct BodySpec {
  workflow::BodyNumber number = 0;
  workflow::BodyRole role = workflow::BodyRole::root;
  std::string label;
  workflow::TaskNumber first = 0;
  std::vector<TaskSpec> tasks;  // in the author's order: number `first` and on
  bool cancels = false;         // on_child_failure: cancel
};

struct WorkflowSpec {
  workflow::SharedDefinition definition;
  Json json;  // the author's text
  std::string name;
  std::vector<BodySpec> bodies;  // by number
  std::optional<std::int64_t> max_parallel;
  std::optional<Duration> timeout;
  std::optional<std::int64_t> concurrency_limit;
  std::string concurrency_policy = "queue";
  const BodySpec* on_failure = nullptr;
  bool has_output = false;
};

// Borrowed texts stay in the result, which must not move: it is shared.
std::shared_ptr<const WorkflowSpec> read_specification(workflow::SharedDefinition definition,
                                                       Json json);

// What `${input.NAME}` gives; other texts and values are themselves. None: it is an expression
// that only the engine evaluates.
std::optional<Json> evaluate_simply(const Json& value, const Json& input);

}  // namespace harmonia::simulation
