#include "tests/simulation/coverage.h"

#include <algorithm>

namespace harmonia::simulation {
namespace {

using Required = std::pair<std::string_view, std::vector<std::string_view>>;

const std::vector<Required>& required() {
  static const std::vector<Required> list = {
      {"event",
       {"execution_started",  "task_scheduled",    "task_waiting",        "attempt_failed",
        "task_completed",     "task_failed",       "task_skipped",        "task_canceled",
        "execution_paused",   "execution_resumed", "execution_completed", "execution_failed",
        "execution_canceled", "task_started",      "task_queued",         "task_awaiting",
        "task_deferred",      "scope_opened",      "scope_closed",        "error_caught",
        "cleanup_started",    "undo_registered",   "signal_received",     "signal_taken",
        "incident_raised",    "execution_queued",  "execution_admitted",  "execution_failing"}},
      {"task type completed",
       {"standard", "set", "wait", "terminate", "join", "decision", "parallel", "loop", "map",
        "try", "critical", "subworkflow", "event", "approval", "webhook"}},
      {"task type failed",
       {"standard", "set", "wait", "fail", "parallel", "loop", "map", "try", "critical",
        "subworkflow", "event", "approval", "webhook"}},
      {"waits for", {"event", "approval", "callback", "incident", "lock", "child"}},
      {"join began",
       {"all_success", "none_failed", "all_done", "any_success", "one_failed", "at_least"}},
      {"command",
       {"start", "pause", "resume", "cancel", "signal", "decide_approval", "callback",
        "resolve_incident", "event", "report"}},
      {"refusal",
       {"pause wrong_state", "resume wrong_state", "cancel wrong_state", "signal wrong_state",
        "decide_approval stale", "callback stale", "resolve_incident stale", "start storage",
        "start overloaded", "start idempotency_mismatch", "pause storage", "signal overloaded",
        "event storage"}},
      {"fault",
       {"commits fail", "written all the same", "disk is full", "reads fail", "calls are slow",
        "die before commit", "die after commit", "die at handout", "die at announcement",
        "die at answer", "crash", "clock goes back", "long jump", "boot failed", "power fails",
        "power fails within a commit"}},
      {"power", {"the commit is there", "the commit is lost"}},
      {"pages without a sync", {"kept", "lost", "halved", "garbled"}},
      {"runner",
       {"success", "failure", "permanent", "retry-after", "late", "contradiction", "heartbeat",
        "after cancel", "handed out again"}},
      {"end", {"completed", "failed", "canceled", "terminated"}},
      {"error",
       {"timeout", "worker_lost", "expression", "rejected", "concurrency_limit", "loop_limit",
        "http_503", "canceled"}},
      {"scope", {"root", "work", "handler", "cleanup", "undo", "on_failure"}},
      {"store", {"memory", "sqlite"}},
      {"policy", {"queue", "reject", "replace"}},
      {"rest", {"checked", "with time to wait for"}},
      {"repeat", {"same receipt"}},
  };
  return list;
}

std::string_view name_of(Join join) {
  constexpr std::string_view names[] = {"all_success", "none_failed", "all_done",
                                        "any_success", "one_failed",  "at_least"};
  return names[static_cast<std::size_t>(join)];
}

std::string_view name_of(workflow::BodyRole role) {
  constexpr std::string_view names[] = {"root", "work", "handler", "cleanup", "undo", "on_failure"};
  return names[static_cast<std::size_t>(role)];
}

}  // namespace

void Coverage::note(std::string_view family, std::string_view name, std::uint64_t times) {
  if (times == 0) return;
  auto found = counts_.find(family);
  if (found == counts_.end()) found = counts_.try_emplace(std::string(family)).first;
  auto place = found->second.find(name);
  if (place == found->second.end()) place = found->second.try_emplace(std::string(name)).first;
  place->second += times;
}

void Coverage::add(const Coverage& other) {
  for (const auto& [family, names] : other.counts_) {
    for (const auto& [name, count] : names) counts_[family][name] += count;
  }
}

std::string Coverage::table() const {
  std::string text;
  for (const auto& [family, names] : counts_) {
    text += family + "\n";
    for (const auto& [name, count] : names) {
      std::string number = std::to_string(count);
      text += "  " + std::string(number.size() < 10 ? 10 - number.size() : 0, ' ') + number + "  " +
              name + "\n";
    }
  }
  return text;
}

std::vector<std::string> Coverage::missing() const {
  std::vector<std::string> names;
  for (const auto& [family, list] : required()) {
    auto found = counts_.find(family);
    for (std::string_view name : list) {
      bool seen = found != counts_.end() && found->second.contains(name);
      if (!seen) names.push_back(std::string(family) + ": " + std::string(name));
    }
  }
  return names;
}

std::string Coverage::to_lines() const {
  std::string text;
  for (const auto& [family, names] : counts_) {
    for (const auto& [name, count] : names)
      text += family + "\t" + name + "\t" + std::to_string(count) + "\n";
  }
  return text;
}

void Coverage::add_lines(std::string_view lines) {
  while (!lines.empty()) {
    std::string_view line = lines.substr(0, lines.find('\n'));
    lines.remove_prefix(std::min(lines.size(), line.size() + 1));
    auto first = line.find('\t');
    auto second = line.find('\t', first + 1);
    if (second == std::string_view::npos) continue;
    counts_[std::string(line.substr(0, first))]
           [std::string(line.substr(first + 1, second - first - 1))] +=
        std::stoull(std::string(line.substr(second + 1)));
  }
}

void HistoryCoverage::before(const RunRecord& run, const execution::Event& event) {
  auto ref = event_task(event.body);
  const TaskRecord* task = ref ? run.find_task(*ref) : nullptr;
  if (task == nullptr) return;
  before_ = task->standing;
  if (before_ == Standing::pending && !std::holds_alternative<execution::TaskSkipped>(event.body))
    coverage_.note("join began", name_of(task->spec->join));
}

void HistoryCoverage::after(const RunRecord& run, const execution::Event& event) {
  coverage_.note("event", event_name(event.body));
  if (const auto* failed = std::get_if<execution::AttemptFailed>(&event.body))
    coverage_.note("error", failed->error.code);
  if (const auto* failed = std::get_if<execution::TaskFailed>(&event.body))
    coverage_.note("error", failed->error.code);
  if (const auto* failed = std::get_if<execution::ExecutionFailed>(&event.body))
    coverage_.note("error", failed->error.code);
  if (const auto* awaiting = std::get_if<execution::TaskAwaiting>(&event.body))
    coverage_.note("waits for", to_string(awaiting->waits_for));
  if (std::holds_alternative<execution::IncidentRaised>(event.body))
    coverage_.note("waits for", "incident");
  if (const auto* opened = std::get_if<execution::ScopeOpened>(&event.body))
    coverage_.note("scope", name_of(run.find_scope(opened->scope)->body->role));
  if (event.seq == 1) coverage_.note("scope", "root");
  if (run.has_ended()) coverage_.note("end", to_string(run.status));
  if (std::holds_alternative<execution::ExecutionQueued>(event.body))
    coverage_.note("policy", run.spec->concurrency_policy);
  auto ref = event_task(event.body);
  const TaskRecord* task = ref ? run.find_task(*ref) : nullptr;
  if (task == nullptr) return;
  coverage_.note("transition",
                 std::string(to_string(before_)) + " to " + std::string(to_string(task->standing)));
  if (task->standing == Standing::completed && before_ != Standing::completed) {
    coverage_.note("task type completed", task->spec->type);
    if (task->spec->type == "terminate") coverage_.note("end", "terminated");
  }
  if (task->standing == Standing::failed) coverage_.note("task type failed", task->spec->type);
}

}  // namespace harmonia::simulation
