#include "tests/simulation/history_checks/order_check.h"

#include <algorithm>
#include <set>

#include "tests/simulation/broken_law.h"

namespace harmonia::simulation {
namespace {

using namespace execution;

constexpr const char* law = "order";

enum class Verdict { undecided, start, skip };

bool has_succeeded(const TaskRecord& task) {
  return task.standing == Standing::completed ||
         (task.standing == Standing::failed && task.continued);
}
bool has_failed(const TaskRecord& task) {
  return task.standing == Standing::failed || task.standing == Standing::canceled;
}

Verdict need(std::size_t count, std::size_t succeeded, std::size_t possible) {
  if (succeeded >= count) return Verdict::start;
  return possible < count ? Verdict::skip : Verdict::undecided;
}

// The table of the page, line by line.
Verdict judge(const ScopeRecord& scope, const TaskRecord& task) {
  std::size_t total = task.spec->predecessors.size();
  if (total == 0) return Verdict::start;
  std::size_t done = 0;
  std::size_t succeeded = 0;
  std::size_t failed = 0;
  std::size_t failed_for_good = 0;
  for (std::size_t position : task.spec->predecessors) {
    const TaskRecord& before = scope.tasks[position];
    done += is_over(before.standing) ? 1 : 0;
    succeeded += has_succeeded(before) ? 1 : 0;
    failed += has_failed(before) ? 1 : 0;
    failed_for_good += has_failed(before) && !has_succeeded(before) ? 1 : 0;
  }
  std::size_t open = total - done;
  switch (task.spec->join) {
    case Join::all_success:
      if (succeeded == total) return Verdict::start;
      return done > succeeded ? Verdict::skip : Verdict::undecided;
    case Join::none_failed:
      if (failed_for_good > 0) return Verdict::skip;
      return open == 0 ? Verdict::start : Verdict::undecided;
    case Join::all_done: return open == 0 ? Verdict::start : Verdict::undecided;
    case Join::any_success: return need(1, succeeded, succeeded + open);
    case Join::one_failed:
      if (failed > 0) return Verdict::start;
      return open == 0 ? Verdict::skip : Verdict::undecided;
    case Join::at_least: return need(task.spec->at_least, succeeded, succeeded + open);
  }
  break_law(law, "an unknown rule");
}

// A failing scope that cancels: only those that are meant for failures still begin.
bool is_held_back(const RunRecord& run, const ScopeRecord& scope, const TaskRecord& task) {
  return cancels(run, scope) && task.spec->join != Join::one_failed &&
         task.spec->join != Join::all_done;
}

// Positions of all that a decision leads to, as it chose.
std::set<std::size_t> chosen_paths(const ScopeRecord& scope, const TaskRecord& decision) {
  std::vector<std::size_t> open;
  const Json* names = decision.output ? find_pointer(*decision.output, "/chosen") : nullptr;
  for (const CaseSpec& one : decision.spec->cases) {
    bool chosen =
        names != nullptr && names->is_array() &&
        std::any_of(names->get_array().begin(), names->get_array().end(), [&](const Json& name) {
          return name.is_string() && text_view(name.get_string()) == one.name;
        });
    if (chosen) open.insert(open.end(), one.next.begin(), one.next.end());
  }
  std::set<std::size_t> reached(open.begin(), open.end());
  while (!open.empty()) {
    std::size_t from = open.back();
    open.pop_back();
    for (std::size_t i = 0; i < scope.tasks.size(); ++i) {
      const auto& before = scope.tasks[i].spec->predecessors;
      bool follows = std::find(before.begin(), before.end(), from) != before.end();
      if (follows && reached.insert(i).second) open.push_back(i);
    }
  }
  return reached;
}

bool is_target(const TaskSpec& decision, std::size_t position) {
  return std::any_of(decision.cases.begin(), decision.cases.end(), [&](const CaseSpec& one) {
    return std::find(one.next.begin(), one.next.end(), position) != one.next.end();
  });
}

// A decision that went on and did not choose it.
bool is_not_chosen(const ScopeRecord& scope, const TaskRecord& task) {
  std::size_t position = task.ref.task - scope.body->first;
  return std::any_of(scope.tasks.begin(), scope.tasks.end(), [&](const TaskRecord& other) {
    return other.spec->type == "decision" && is_target(*other.spec, position) &&
           has_succeeded(other) && !chosen_paths(scope, other).contains(position);
  });
}

// What a condition gives, where it is one of those that can be read here.
enum class Condition { holds, does_not, fails, unknown };
Condition evaluate_condition(const RunRecord& run, const TaskSpec& spec) {
  if (!spec.when) return Condition::holds;
  if (spec.when->find("input.missing") != std::string::npos) return Condition::fails;
  if (*spec.when != "input.flag") return Condition::unknown;
  const Json* flag = find_pointer(*run.input, "/flag");
  if (flag == nullptr || !flag->is_bool()) return Condition::fails;
  return flag->get_bool() ? Condition::holds : Condition::does_not;
}

std::string describe(const RunRecord& run, const ScopeRecord& scope, const TaskRecord& task) {
  std::string text = name_of(run, task.ref) + " (join ";
  constexpr std::string_view names[] = {"all_success", "none_failed", "all_done",
                                        "any_success", "one_failed",  "at_least"};
  text += names[static_cast<std::size_t>(task.spec->join)];
  for (std::size_t position : task.spec->predecessors) {
    const TaskRecord& before = scope.tasks[position];
    text.append(", ").append(before.spec->id).append(" is ").append(to_string(before.standing));
    if (before.continued) text += " and continued";
  }
  return text + ")";
}

bool is_failure(const EventBody& body) {
  return std::holds_alternative<TaskFailed>(body) || std::holds_alternative<ErrorCaught>(body) ||
         std::holds_alternative<CleanupStarted>(body) ||
         std::holds_alternative<IncidentRaised>(body);
}

void check_begin(const RunRecord& run, const ScopeRecord& scope, const TaskRecord& task,
                 const EventBody& body) {
  expect(run.goes_on(), law, [&] {
    return name_of(run, task.ref) + " begins while the run is " +
           std::string(to_string(run.status));
  });
  expect(judge(scope, task) == Verdict::start, law,
         [&] { return describe(run, scope, task) + " begins too early"; });
  expect(!is_held_back(run, scope, task), law,
         [&] { return describe(run, scope, task) + " begins in a scope that fails"; });
  expect(!is_not_chosen(scope, task), law,
         [&] { return describe(run, scope, task) + " begins and was not chosen"; });
  Condition condition = evaluate_condition(run, *task.spec);
  expect(condition != Condition::does_not && (condition != Condition::fails || is_failure(body)),
         law, [&] { return name_of(run, task.ref) + " begins against its condition"; });
}

void check_skip(const RunRecord& run, const ScopeRecord& scope, const TaskRecord& task) {
  if (task.standing == Standing::awaiting && task.waits_for == WaitsFor::incident) return;
  expect(task.standing == Standing::pending, law, [&] {
    return name_of(run, task.ref) + " is skipped and was " + std::string(to_string(task.standing));
  });
  if (is_held_back(run, scope, task) || is_not_chosen(scope, task)) return;
  Verdict verdict = judge(scope, task);
  if (verdict == Verdict::skip) return;
  Condition condition = evaluate_condition(run, *task.spec);
  bool by_condition = condition == Condition::does_not || condition == Condition::unknown;
  expect(verdict == Verdict::start && by_condition, law,
         [&] { return describe(run, scope, task) + " is skipped and could still begin"; });
}

}  // namespace

void OrderCheck::before(const RunRecord& run, const Event& event) {
  auto ref = event_task(event.body);
  if (!ref) return;
  const TaskRecord* task = run.find_task(*ref);
  const ScopeRecord* scope = run.find_scope(ref->scope);
  if (task == nullptr || !scope->open) return;  // the ledger says what is wrong
  if (std::holds_alternative<TaskSkipped>(event.body)) return check_skip(run, *scope, *task);
  if (task->standing == Standing::pending) check_begin(run, *scope, *task, event.body);
}

void OrderCheck::after_commit(const RunRecord& run, const std::vector<Event>&) {
  if (!run.goes_on()) return;
  for (const auto& [_, scope] : run.scopes) {
    if (!scope.open) continue;
    for (const TaskRecord& task : scope.tasks) {
      if (task.standing != Standing::pending) continue;
      bool waits = judge(scope, task) == Verdict::undecided && !is_held_back(run, scope, task) &&
                   !is_not_chosen(scope, task);
      expect(waits, law, [&] { return describe(run, scope, task) + " is left pending"; });
    }
  }
}

}  // namespace harmonia::simulation
