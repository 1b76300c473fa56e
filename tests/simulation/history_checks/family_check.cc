#include "tests/simulation/history_checks/family_check.h"

#include "tests/simulation/broken_law.h"

namespace harmonia::simulation {
namespace {

using namespace execution;

constexpr const char* law = "subworkflows";

const TaskRecord* waiting_for_child(const RunRecord& run, TaskRef ref) {
  const TaskRecord* task = run.find_task(ref);
  bool waits =
      task != nullptr && task->standing == Standing::awaiting && task->waits_for == WaitsFor::child;
  return waits ? task : nullptr;
}

// Codes of failures that are the task's own.
bool is_own(const std::string& code) {
  return code == "timeout" || code == "expression" || code == "not_found" || code == "schema" ||
         code == "depth_limit";
}

}  // namespace

void FamilyCheck::before(const RunRecord& run, const Event& event) {
  if (const auto* started = std::get_if<ExecutionStarted>(&event.body))
    return check_start(run, *started);
  if (const auto* awaiting = std::get_if<TaskAwaiting>(&event.body))
    return check_asked(run, *awaiting);
  if (const auto* completed = std::get_if<TaskCompleted>(&event.body))
    return check_completed(run, *completed);
  if (const auto* failed = std::get_if<AttemptFailed>(&event.body))
    return check_failed(run, failed->task, failed->error);
  if (const auto* failed = std::get_if<TaskFailed>(&event.body))
    return check_failed(run, failed->task, failed->error);
  if (const auto* caught = std::get_if<ErrorCaught>(&event.body))
    return check_failed(run, caught->task, caught->error);
  if (const auto* raised = std::get_if<IncidentRaised>(&event.body))
    return check_failed(run, raised->task, raised->error);
}

void FamilyCheck::check_start(const RunRecord& run, const ExecutionStarted& started) const {
  if (!started.parent) return;
  const RunRecord* parent = ledger_.find(started.parent->execution);
  expect(parent != nullptr, law,
         [&] { return name_of(run) + " has a parent that was never started"; });
  // The parent may have gone on meanwhile; what it asked for stands in the id of the child.
  const TaskRecord* task = parent->find_task(started.parent->task);
  if (task == nullptr || task->child != to_string(run.id)) return;
  expect(task->attempt >= started.parent->attempt && task->detached != started.parent->waits, law,
         [&] { return name_of(run) + " is not the child that its parent asked for"; });
  const JsonObject& wanted = task->input->get_object();
  expect(json_equal(wanted.at("input"), *started.input), law,
         [&] { return name_of(run) + " did not get the input its parent gave"; });
  expect(run.spec->name == get_string(wanted, "workflow"), law,
         [&] { return name_of(run) + " is not of the workflow its parent asked for"; });
}

// Each attempt is a new child.
void FamilyCheck::check_asked(const RunRecord& run, const TaskAwaiting& awaiting) {
  if (awaiting.waits_for != WaitsFor::child) return;
  std::string child = get_string(awaiting.input->get_object(), "execution");
  expect(asked_for_.insert(child).second, law, [&] {
    return name_of(run, awaiting.task) + " asks for run " + child + ", which was asked for before";
  });
}

void FamilyCheck::check_completed(const RunRecord& run, const TaskCompleted& completed) const {
  const TaskRecord* task = waiting_for_child(run, completed.task);
  if (task == nullptr) return;
  auto id = parse_id<ExecutionId>(task->child);
  const RunRecord* child = id ? ledger_.find(*id) : nullptr;
  expect(child != nullptr, law, [&] {
    return name_of(run, completed.task) + " completes, and its child was never started";
  });
  if (task->detached || task->spec->json->contains("output")) return;
  expect(child->status == RunStatus::completed, law, [&] {
    return name_of(run, completed.task) + " completes, and its child is " +
           std::string(to_string(child->status));
  });
  expect(completed.output && json_equal(*completed.output, *child->output), law, [&] {
    return name_of(run, completed.task) + " gives something else than its child gave";
  });
}

void FamilyCheck::check_failed(const RunRecord& run, TaskRef ref, const Error& error) const {
  const TaskRecord* task = waiting_for_child(run, ref);
  if (task == nullptr) return;
  auto id = parse_id<ExecutionId>(task->child);
  const RunRecord* child = id ? ledger_.find(*id) : nullptr;
  if (child == nullptr || !child->has_ended()) {
    return expect(is_own(error.code), law, [&] {
      return name_of(run, ref) + " fails with " + error.code + ", and its child goes on";
    });
  }
  if (is_own(error.code)) return;
  bool canceled = child->status == RunStatus::canceled && error.code == "canceled";
  bool failed = child->status == RunStatus::failed && child->error->code == error.code;
  expect(canceled || failed, law, [&] {
    return name_of(run, ref) + " fails with " + error.code + ", its child is " +
           std::string(to_string(child->status));
  });
}

void FamilyCheck::check_at_rest(const std::set<ExecutionId>& by_hand) const {
  for (const auto& [id, run] : ledger_.runs()) {
    if (!run.parent || !run.parent->waits) continue;
    const RunRecord* parent = ledger_.find(run.parent->execution);
    const TaskRecord* task = parent == nullptr || parent->has_ended()
                                 ? nullptr
                                 : waiting_for_child(*parent, run.parent->task);
    bool waits = task != nullptr && task->child == to_string(id);
    expect(waits || run.has_ended(), law,
           [&] { return name_of(run) + " goes on, and nobody waits for it any more"; });
    expect(!waits || !run.has_ended(), law, [&] {
      return name_of(*parent, run.parent->task) + " waits for a child that has ended";
    });
    // A run that waits or waited for its turn can't be told to stand still.
    if (!waits || !run.turn.empty() || by_hand.contains(id)) continue;
    // The end of its own time ends a pause, whatever its parent does.
    if (run.timed_out && run.status == RunStatus::running) continue;
    expect((run.status == RunStatus::paused) == (parent->status == RunStatus::paused), law, [&] {
      return name_of(run) + " is " + std::string(to_string(run.status)) + ", its parent is " +
             std::string(to_string(parent->status));
    });
  }
}

}  // namespace harmonia::simulation
