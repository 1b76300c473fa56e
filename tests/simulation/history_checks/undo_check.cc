#include "tests/simulation/history_checks/undo_check.h"

#include <algorithm>

#include "tests/simulation/broken_law.h"
#include "tests/simulation/results.h"

namespace harmonia::simulation {
namespace {

using namespace execution;
using workflow::BodyRole;

constexpr const char* undo_law = "compensations";
constexpr const char* end_law = "end";

bool all_over(const ScopeRecord& scope) {
  return std::all_of(scope.tasks.begin(), scope.tasks.end(),
                     [](const TaskRecord& task) { return is_over(task.standing); });
}

bool has_run_on_failure(const RunRecord& run) {
  return std::any_of(run.scopes.begin(), run.scopes.end(), [](const auto& entry) {
    return entry.second.body->role == BodyRole::on_failure && !entry.second.open;
  });
}

void check_follow_up(const RunRecord& run, const ScopeOpened& opened) {
  const BodySpec& body = run.spec->bodies[opened.body];
  const ScopeRecord* failed = run.find_scope(opened.parent);
  if (failed == nullptr || !failed->open) return;  // the ledger says what is wrong
  auto require = [&](bool holds, const char* what) {
    expect(holds, undo_law, [&] {
      return name_of(run) + ": scope " + std::to_string(opened.scope) + " (body " +
             std::to_string(opened.body) + ") opens after scope " + std::to_string(failed->id) +
             " " + failed->prefix + ", " + what;
    });
  };
  require(failed->failing, "which has not failed");
  require(all_over(*failed), "which has open tasks");
  require(failed->follow_ups == 0, "while another one follows it");
  if (body.role == BodyRole::undo) {
    require(!failed->undo.empty(), "and nothing is left to undo");
    return require(failed->undo.back().body == opened.body,
                   "though another task was completed later");
  }
  require(body.role == BodyRole::on_failure && failed->id == root_scope, "which leads to no body");
  require(failed->undo.empty(), "before everything is undone");
  require(!has_run_on_failure(run), "a second time");
}

// The compensation gets what was kept for it.
void check_input(const RunRecord& run, const TaskRef& ref, const SharedJson& input) {
  const ScopeRecord* scope = run.find_scope(ref.scope);
  if (scope == nullptr || !scope->undoes) return;
  expect(!scope->undoes->error, undo_law, [&] {
    return name_of(run, ref) + " is handed out, and its input could not be evaluated";
  });
  if (!scope->undoes->input || !input) return;
  expect(json_equal(*input, *scope->undoes->input), undo_law,
         [&] { return name_of(run, ref) + " gets another input than was kept for it"; });
}

void check_kept_input(const RunRecord& run, const UndoRegistered& undo) {
  const TaskRecord* task = run.find_task(undo.task);
  if (task == nullptr || task->spec->compensate == nullptr || !undo.input) return;
  if (task->spec->compensate->tasks.front().type == "webhook") return;
  const Json* written = task->spec->compensate->tasks.front().json->if_contains("input");
  auto value = written == nullptr ? std::nullopt : evaluate_simply(*written, *run.input);
  expect(!value || json_equal(*value, *undo.input), undo_law, [&] {
    return name_of(run, undo.task) + " keeps another input for its compensation than it says";
  });
}

bool is_timeout(const RunRecord& run, const Event& event, const Error& error) {
  return error.code == "timeout" && run.deadline && event.at >= *run.deadline;
}

// The run fails for a reason of its own.
void check_failing(const RunRecord& run, const Event& event, const ExecutionFailing& failing) {
  auto require = [&](bool holds, const char* what) {
    expect(holds, end_law, [&] {
      return name_of(run) + " fails by itself with " + failing.error.code + " " + what;
    });
  };
  const ScopeRecord& root = *run.find_scope(root_scope);
  if (!failing.deadline) {
    bool is_output = failing.error.code == "expression" || failing.error.code == "schema";
    return require(all_over(root) && !root.failing && run.spec->has_output && is_output,
                   "and has no output that could be wrong");
  }
  require(is_timeout(run, event, failing.error) && !run.timed_out, "before its time is over");
  require(*failing.deadline == event.at + *run.spec->timeout,
          "and does not give what follows as much time again");
}

void check_failed(const RunRecord& run, const Event& event, const Error& error) {
  auto require = [&](bool holds, const char* what) {
    expect(holds, end_law, [&] { return name_of(run) + " fails with " + error.code + " " + what; });
  };
  if (run.status == RunStatus::pending) {
    bool denied = error.code == "concurrency_limit" && run.spec->concurrency_policy == "reject";
    return require(denied || is_timeout(run, event, error), "while it waits for its turn");
  }
  const ScopeRecord& root = *run.find_scope(root_scope);
  bool before_begin = run.seq == 1 && error.code == "expression";
  if (before_begin) return;
  require(root.failing, "and nothing failed it");
  require(error.code == root.failure->code, "and its first error was another one");
  // The time of what follows is over, too.
  if (run.timed_out && event.at >= *run.deadline) return;
  require(all_over(root) && root.follow_ups == 0, "before what follows it has ended");
  require(root.undo.empty(), "before everything is undone");
  require(run.spec->on_failure == nullptr || has_run_on_failure(run), "without on_failure");
}

void check_completed(const RunRecord& run, const ExecutionCompleted& completed) {
  auto require = [&](bool holds, const char* what) {
    expect(holds, end_law, [&] { return name_of(run) + " completes " + what; });
  };
  bool terminated = std::any_of(run.scopes.begin(), run.scopes.end(), [](const auto& entry) {
    const auto& tasks = entry.second.tasks;
    return std::any_of(tasks.begin(), tasks.end(), [](const TaskRecord& task) {
      return task.spec->type == "terminate" && task.standing == Standing::completed;
    });
  });
  if (terminated) return;
  const ScopeRecord& root = *run.find_scope(root_scope);
  require(all_over(root) && root.follow_ups == 0, "with open tasks");
  require(!root.failing, "though a task of it failed");
  if (run.spec->has_output) {
    auto said = evaluate_simply(run.spec->json.get_object().at("output"), *run.input);
    return require(!said || json_equal(*said, *completed.output), "with another output than said");
  }
  auto result = result_of_run(run);
  require(!result || json_equal(*result, *completed.output),
          "with another output than its last tasks gave");
}

}  // namespace

void UndoCheck::before(const RunRecord& run, const Event& event) {
  if (const auto* opened = std::get_if<ScopeOpened>(&event.body); opened && !opened->owner)
    return check_follow_up(run, *opened);
  if (const auto* scheduled = std::get_if<TaskScheduled>(&event.body))
    return check_input(run, scheduled->task, scheduled->input);
  if (const auto* undo = std::get_if<UndoRegistered>(&event.body))
    return check_kept_input(run, *undo);
  if (const auto* closed = std::get_if<ScopeClosed>(&event.body)) {
    const ScopeRecord* scope = run.find_scope(closed->scope);
    if (scope == nullptr || closed->outcome != ScopeOutcome::failed || !scope->failing) return;
    expect(scope->undo.empty(), undo_law, [&] {
      return name_of(run) + ": scope " + scope->prefix + " closes before everything is undone";
    });
  }
}

// Whoever completes and can be undone says so in the same commit.
void UndoCheck::after_commit(const RunRecord& run, const std::vector<Event>& events) {
  for (std::size_t i = 0; i < events.size(); ++i) {
    const auto* completed = std::get_if<TaskCompleted>(&events[i].body);
    const TaskRecord* task = completed == nullptr ? nullptr : run.find_task(completed->task);
    if (task == nullptr || task->spec->compensate == nullptr) continue;
    bool registered = std::any_of(events.begin() + static_cast<std::ptrdiff_t>(i), events.end(),
                                  [&](const Event& event) {
                                    const auto* undo = std::get_if<UndoRegistered>(&event.body);
                                    return undo != nullptr && undo->task == completed->task;
                                  });
    expect(registered, undo_law,
           [&] { return name_of(run, completed->task) + " completed and can't be undone"; });
  }
}

void EndCheck::before(const RunRecord& run, const Event& event) {
  if (const auto* failing = std::get_if<ExecutionFailing>(&event.body))
    check_failing(run, event, *failing);
  if (const auto* failed = std::get_if<ExecutionFailed>(&event.body))
    check_failed(run, event, failed->error);
  if (const auto* completed = std::get_if<ExecutionCompleted>(&event.body))
    check_completed(run, *completed);
}

}  // namespace harmonia::simulation
