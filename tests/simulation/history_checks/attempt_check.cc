#include "tests/simulation/history_checks/attempt_check.h"

#include <algorithm>
#include <cmath>

#include "tests/simulation/broken_law.h"

namespace harmonia::simulation {
namespace {

using namespace execution;

constexpr const char* retry_law = "retries";
constexpr const char* time_law = "time";
constexpr const char* handler_law = "handlers";

enum class Answer { yes, no, unknown };

// The error with which an attempt ended.
struct Failure {
  const RunRecord& run;
  const TaskRecord& task;
  const Error& error;
  Timestamp at;
  std::vector<SentReport> reports;  // that may have told it: a runner may contradict itself
};

// Whether a repeat may help, as whoever failed says.
Answer is_retryable(const Failure& failure) {
  const std::string& code = failure.error.code;
  const TaskRecord& task = failure.task;
  if (task.standing == Standing::attempting) {
    if (code == "timeout" || code == "worker_lost") return Answer::yes;
    auto says = [](const SentReport& report) { return report.retryable; };
    const auto& reports = failure.reports;
    if (reports.empty()) return Answer::unknown;
    if (std::all_of(reports.begin(), reports.end(), says)) return Answer::yes;
    return std::none_of(reports.begin(), reports.end(), says) ? Answer::no : Answer::unknown;
  }
  bool is_own = failure.error.instance.empty() || failure.error.instance == task.path;
  if (task.standing == Standing::working)
    return code == "expression" || code == "loop_limit" ? Answer::unknown : Answer::yes;
  if (task.standing != Standing::awaiting) return Answer::unknown;
  switch (task.waits_for) {
    case WaitsFor::event:
    case WaitsFor::approval:
    case WaitsFor::callback: return code == "timeout" && is_own ? Answer::yes : Answer::no;
    default: return Answer::unknown;
  }
}

Answer wants(const RetrySpec& policy, const Failure& failure) {
  if (failure.task.attempt == 0 || failure.task.attempt > policy.max_retries) return Answer::no;
  if (policy.retry_on.empty()) return is_retryable(failure);
  return covers(policy.retry_on, failure.error.code) ? Answer::yes : Answer::no;
}

// The formula of the page, with every factor that the jitter may take, and what a report asked for.
bool fits_delay(const RetrySpec& policy, const Failure& failure,
                const std::optional<Duration>& retry_after, Duration delay) {
  double base = policy.initial_delay *
                std::pow(policy.multiplier, static_cast<double>(failure.task.attempt) - 1);
  base = std::min(base, policy.max_delay);
  double least = std::min(policy.max_delay, base * (1 - policy.jitter));
  double most = std::min(policy.max_delay, base * (1 + policy.jitter));
  constexpr double day = 86400;
  // The error of a body or of another run may have asked for a pause, too.
  bool has_inner =
      failure.task.standing == Standing::working || failure.task.spec->type == "subworkflow";
  if (has_inner) most = day;
  if (retry_after) {
    double asked = std::min(to_seconds(*retry_after), day);
    least = std::max(least, asked);
    most = std::max(most, asked);
  }
  constexpr double rounding = 2e-6;
  double seconds = to_seconds(delay);
  return seconds >= least - rounding && seconds <= most + rounding;
}

bool fits_delay(const RetrySpec& policy, const Failure& failure, Duration delay) {
  const auto& reports = failure.reports;
  if (reports.empty()) return fits_delay(policy, failure, std::nullopt, delay);
  return std::any_of(reports.begin(), reports.end(), [&](const SentReport& report) {
    return fits_delay(policy, failure, report.retry_after, delay);
  });
}

// Whether a clause takes the error over.
Answer matches(const CatchSpec& clause, const Error& error) {
  if (!clause.errors.empty() && !covers(clause.errors, error.code)) return Answer::no;
  if (clause.when.empty()) return Answer::yes;
  if (clause.when == "error.code != 'rejected'")
    return error.code != "rejected" ? Answer::yes : Answer::no;
  return Answer::unknown;
}

std::string describe(const Failure& failure) {
  return name_of(failure.run, failure.task.ref) + " failed with " + failure.error.code;
}

// A retry was planned: a policy must want it, and want it then.
void check_planned(const Failure& failure, Timestamp retry_at) {
  const TaskSpec& spec = *failure.task.spec;
  auto allows = [&](const RetrySpec& policy) {
    return wants(policy, failure) != Answer::no &&
           fits_delay(policy, failure, retry_at - failure.at);
  };
  if (spec.retry && allows(*spec.retry)) return;
  for (const CatchSpec& clause : spec.catches) {
    if (clause.retry && matches(clause, failure.error) != Answer::no && allows(*clause.retry))
      return;
  }
  break_law(retry_law, describe(failure) + " and is tried again after " +
                           to_human(retry_at - failure.at) + ", which no policy says");
}

// No retry was planned: none may be due.
void check_given_up(const Failure& failure) {
  const TaskSpec& spec = *failure.task.spec;
  bool due = spec.retry && wants(*spec.retry, failure) == Answer::yes;
  expect(!due, retry_law, [&] { return describe(failure) + " for good with a retry left"; });
}

// The first clause that matches takes over.
void check_clause(const Failure& failure, std::uint32_t chosen) {
  const auto& clauses = failure.task.spec->catches;
  expect(matches(clauses[chosen], failure.error) != Answer::no, handler_law, [&] {
    return describe(failure) + " and goes to clause " + std::to_string(chosen) +
           ", which does not match";
  });
  for (std::uint32_t i = 0; i < chosen; ++i) {
    expect(matches(clauses[i], failure.error) != Answer::yes, handler_law, [&] {
      return describe(failure) + " and passes clause " + std::to_string(i) + ", which matches";
    });
  }
  const auto& retry = clauses[chosen].retry;
  bool due = retry && wants(*retry, failure) == Answer::yes;
  expect(!due, retry_law,
         [&] { return describe(failure) + " and is handled with a retry of the clause left"; });
}

// No clause took it.
void check_uncaught(const Failure& failure, bool is_incident) {
  for (const CatchSpec& clause : failure.task.spec->catches) {
    Answer answer = matches(clause, failure.error);
    if (answer == Answer::unknown) break;  // its condition may have failed: others are not asked
    expect(answer == Answer::no, handler_law,
           [&] { return describe(failure) + " and no clause took it, though one matches"; });
  }
  expect(is_incident || failure.task.spec->on_error != "incident", handler_law,
         [&] { return describe(failure) + " and no incident was raised"; });
}

// Whether the work of a task has just failed, not its handler and not what an operator gave up.
bool is_work(const TaskRecord& task) {
  if (task.standing == Standing::handling || task.standing == Standing::cleaning) return false;
  return task.standing != Standing::awaiting || task.waits_for != WaitsFor::incident;
}

std::vector<SentReport> reports_of(const Witness& witness, const RunRecord& run,
                                   const TaskRecord& task, const Error& error) {
  std::vector<SentReport> told;
  auto found = witness.reports.find({run.id, task.ref, task.attempt});
  if (task.standing != Standing::attempting || found == witness.reports.end()) return told;
  for (const SentReport& report : found->second) {
    if (!report.success && report.code == error.code) told.push_back(report);
  }
  return told;
}

// What only time decides must not come early.
void check_not_early(const Failure& failure, const Witness& witness) {
  const TaskRecord& task = failure.task;
  const std::string& code = failure.error.code;
  bool waits = task.standing == Standing::attempting ||
               (task.standing == Standing::awaiting && task.waits_for != WaitsFor::child &&
                task.waits_for != WaitsFor::incident);
  if (code == "timeout" && waits) {
    expect(task.deadline && failure.at >= *task.deadline, time_law,
           [&] { return describe(failure) + " before its time was over"; });
  }
  if (code != "worker_lost" || task.standing != Standing::attempting) return;
  auto sign = witness.signs_of_life.find({failure.run.id, task.ref, task.attempt});
  bool silent = task.spec->heartbeat_timeout && sign != witness.signs_of_life.end() &&
                failure.at >= sign->second + *task.spec->heartbeat_timeout;
  expect(silent, time_law, [&] { return describe(failure) + " though its runner was heard"; });
}

class Visitor {
 public:
  Visitor(const RunRecord& run, const Event& event, const Witness& witness)
      : run_(run), event_(event), witness_(witness) {}

  void operator()(const ExecutionStarted& started) const {
    check_deadline(started.deadline, run_.spec->timeout, "the run");
  }
  void operator()(const TaskScheduled& event) const {
    const TaskRecord* task = begin(event.task);
    if (task != nullptr) check_deadline(event.deadline, task->spec->timeout, task->path);
  }
  void operator()(const TaskQueued& event) const { begin(event.task); }
  void operator()(const TaskStarted& event) const {
    const TaskRecord* task = begin(event.task);
    if (task != nullptr) check_deadline(event.deadline, task->spec->timeout, task->path);
  }
  void operator()(const TaskWaiting& event) const {
    const TaskRecord* task = begin(event.task);
    const Json* length = task == nullptr ? nullptr : task->spec->json->if_contains("duration");
    if (length == nullptr || !length->is_number()) return;
    expect(event.due == event_.at + from_seconds(length->to_number<double>()), time_law,
           [&] { return name_of(run_, event.task) + " does not sleep as long as it says"; });
  }
  void operator()(const TaskAwaiting& event) const {
    const TaskRecord* task = begin(event.task);
    if (task == nullptr) return;
    if (event.waits_for == WaitsFor::callback) {
      expect(event.deadline == task->deadline, time_law,
             [&] { return name_of(run_, event.task) + " gets another deadline with its answer"; });
    } else if (event.waits_for != WaitsFor::lock) {
      check_deadline(event.deadline, task->spec->timeout, task->path);
    }
  }
  void operator()(const TaskDeferred& event) const {
    const TaskRecord* task = run_.find_task(event.task);
    if (task == nullptr) return;
    const Json* delay = task->spec->json->if_contains("delay");
    bool at_once = event.due == event_.at + Duration(1);
    bool as_said = delay != nullptr && delay->is_number() &&
                   event.due == event_.at + from_seconds(delay->to_number<double>());
    expect(at_once || as_said, time_law,
           [&] { return name_of(run_, event.task) + " is deferred for another time than said"; });
  }
  void operator()(const ScopeOpened& event) const {
    const TaskRecord* owner = event.owner ? run_.find_task(*event.owner) : nullptr;
    if (owner == nullptr || owner->standing != Standing::working || !owner->due) return;
    expect(owner->spec->type == "map" || event_.at >= *owner->due, time_law,
           [&] { return name_of(run_, *event.owner) + " goes on before its delay is over"; });
  }
  void operator()(const TaskCompleted& event) const {
    const TaskRecord* task = run_.find_task(event.task);
    if (task == nullptr || task->standing != Standing::sleeping) return;
    expect(event_.at >= *task->due, time_law,
           [&] { return name_of(run_, event.task) + " wakes before its time"; });
  }
  void operator()(const AttemptFailed& event) const {
    auto failure = failure_of(event.task, event.error);
    if (failure) check_planned(*failure, event.retry_at);
  }
  void operator()(const ErrorCaught& event) const {
    auto failure = failure_of(event.task, event.error);
    if (!failure) return;
    check_given_up(*failure);
    check_clause(*failure, event.clause);
  }
  void operator()(const IncidentRaised& event) const { given_up(event.task, event.error, true); }
  void operator()(const TaskFailed& event) const { given_up(event.task, event.error, false); }
  void operator()(const CleanupStarted& event) const {
    if (event.error && !event.canceled) given_up(event.task, *event.error, false);
  }
  void operator()(const auto&) const {}

 private:
  std::optional<Failure> failure_of(TaskRef ref, const Error& error) const {
    const TaskRecord* task = run_.find_task(ref);
    if (task == nullptr || !is_work(*task)) return std::nullopt;
    Failure failure{.run = run_,
                    .task = *task,
                    .error = error,
                    .at = event_.at,
                    .reports = reports_of(witness_, run_, *task, error)};
    check_not_early(failure, witness_);
    return failure;
  }

  void given_up(TaskRef ref, const Error& error, bool is_incident) const {
    auto failure = failure_of(ref, error);
    if (!failure) return;
    check_given_up(*failure);
    check_uncaught(*failure, is_incident);
  }

  // A task begins something; after a failure not before the retry is due.
  const TaskRecord* begin(TaskRef ref) const {
    const TaskRecord* task = run_.find_task(ref);
    if (task == nullptr || task->standing != Standing::retrying) return task;
    expect(event_.at >= *task->due, time_law,
           [&] { return name_of(run_, ref) + " is tried again before its time"; });
    return task;
  }

  void check_deadline(const std::optional<Timestamp>& deadline,
                      const std::optional<Duration>& timeout, const std::string& what) const {
    std::optional<Timestamp> expected;
    if (timeout) expected = event_.at + *timeout;
    expect(deadline == expected, time_law,
           [&] { return name_of(run_) + ": the deadline of " + what + " is not its timeout"; });
  }

  const RunRecord& run_;
  const Event& event_;
  const Witness& witness_;
};

}  // namespace

void AttemptCheck::before(const RunRecord& run, const Event& event) {
  std::visit(Visitor(run, event, witness_), event.body);
}

}  // namespace harmonia::simulation
