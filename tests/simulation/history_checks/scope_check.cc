#include "tests/simulation/history_checks/scope_check.h"

#include <algorithm>

#include "tests/simulation/broken_law.h"
#include "tests/simulation/results.h"

namespace harmonia::simulation {
namespace {

using namespace execution;
using workflow::BodyRole;

constexpr const char* law = "scopes";

struct Counts {
  std::size_t all = 0;
  std::size_t open = 0;
  std::size_t completed = 0;
  std::size_t failed = 0;
};

Counts count(const RunRecord& run, const TaskRecord& task) {
  Counts counts;
  for (const ScopeRecord* scope : work_of(run, task)) {
    ++counts.all;
    counts.open += scope->open ? 1 : 0;
    counts.completed += scope->outcome == ScopeOutcome::completed ? 1 : 0;
    counts.failed += scope->outcome == ScopeOutcome::failed ? 1 : 0;
  }
  return counts;
}

// Branches that must complete.
std::size_t needed(const TaskSpec& parallel) {
  std::size_t branches = parallel.work.size();
  const Json* join = parallel.json->if_contains("join");
  if (join == nullptr) return branches;
  if (join->is_object()) return static_cast<std::size_t>(get_int(join->get_object(), "at_least"));
  return text_view(join->get_string()) == "any" ? 1 : branches;
}

class Visitor {
 public:
  Visitor(const RunRecord& run, const Event& event) : run_(run), event_(event) {}

  void operator()(const ScopeOpened& opened) const {
    require(opened.scope == run_.last_scope + 1, "has a number out of order");
    if (!opened.owner) return;  // UndoCheck
    const TaskRecord* owner = run_.find_task(*opened.owner);
    if (owner == nullptr || is_over(owner->standing)) return;  // the ledger says what is wrong
    const BodySpec& body = run_.spec->bodies[opened.body];
    if (body.role == BodyRole::work) check_work(opened, *owner, body);
    if (body.role == BodyRole::handler) {
      bool fits = owner->standing == Standing::handling &&
                  owner->spec->catches[owner->clause].body == &body && owner->handlers_opened == 0;
      require(fits, "opens a handler that is not the one of its clause, or a second time");
    }
    if (body.role == BodyRole::cleanup) {
      bool fits = owner->standing == Standing::cleaning && owner->spec->finally == &body &&
                  owner->cleanups_opened == 0;
      require(fits, "opens `finally` out of turn");
    }
  }

  void operator()(const ScopeClosed& closed) const {
    const ScopeRecord* scope = run_.find_scope(closed.scope);
    if (scope == nullptr || !scope->open) return;
    if (closed.outcome == ScopeOutcome::canceled) return check_losers(*scope);
    bool all_over = std::all_of(scope->tasks.begin(), scope->tasks.end(),
                                [](const TaskRecord& task) { return is_over(task.standing); });
    require(all_over, "closes a scope with open tasks");
    require(scope->follow_ups == 0, "closes a scope that is being undone");
    bool collects = scope->owner && scope->body->role == BodyRole::work &&
                    run_.find_task(*scope->owner)->spec->json->contains("collect");
    bool failed = closed.outcome == ScopeOutcome::failed;
    require(failed || !scope->failing, "completes a scope that a task has failed");
    require(!failed || scope->failing || collects, "fails a scope in which nothing failed");
    if (failed && scope->failing)
      require(closed.error && closed.error->code == scope->failure->code,
              "closes a scope with another error than its first one");
    if (failed) return;
    if (collects) return check_collected(*scope, closed);
    auto result = result_of_body(*scope);
    require(!result || (closed.output && json_equal(*result, *closed.output)),
            "closes a scope with another result than its last tasks gave");
  }

  void operator()(const TaskCompleted& completed) const {
    const TaskRecord* task = run_.find_task(completed.task);
    if (task == nullptr || task->standing != Standing::working) return;
    check_completion(*task);
  }
  void operator()(const CleanupStarted& started) const {
    const TaskRecord* task = run_.find_task(started.task);
    if (task == nullptr || task->standing != Standing::working || started.error) return;
    check_completion(*task);
  }
  void operator()(const AttemptFailed& failed) const { check_failure(failed.task, failed.error); }
  void operator()(const ErrorCaught& caught) const { check_failure(caught.task, caught.error); }
  void operator()(const IncidentRaised& raised) const { check_failure(raised.task, raised.error); }
  void operator()(const TaskFailed& failed) const {
    check_failure(failed.task, failed.error);
    const TaskRecord* task = run_.find_task(failed.task);
    if (task == nullptr) return;
    require(failed.fails_scope == (task->spec->on_error != "continue"),
            "does not do with a failure what `on_error` says");
  }
  void operator()(const auto&) const {}

 private:
  void require(bool holds, const char* what) const {
    expect(holds, law, [&] {
      return name_of(run_) + ": event " + std::to_string(event_.seq) + " (" +
             std::string(event_name(event_.body)) + " " + event_.path + ") " + what;
    });
  }

  void check_work(const ScopeOpened& opened, const TaskRecord& owner, const BodySpec& body) const {
    require(owner.standing == Standing::working && run_.goes_on(),
            "opens a body of a task that does not work");
    const auto& bodies = owner.spec->work;
    bool known = std::find(bodies.begin(), bodies.end(), &body) != bodies.end();
    require(known, "opens a body that is not the task's");
    require(opened.index == owner.scopes_opened, "opens a body out of order");
    const std::string& type = owner.spec->type;
    if (type == "parallel")
      return require(opened.index < bodies.size() && bodies[opened.index] == &body,
                     "opens a branch out of order");
    if (type == "loop") return check_iteration(owner);
    if (type == "map") return check_item(owner);
    require(opened.index == 0, "opens a body a second time");
  }

  void check_iteration(const TaskRecord& loop) const {
    Counts counts = count(run_, loop);
    require(counts.open == 0, "begins an iteration while another one is open");
    require(counts.failed == 0, "begins an iteration after one that failed");
    auto most = static_cast<std::size_t>(loop.spec->number_of("max_iterations", 1000));
    require(counts.all < most, "begins more iterations than max_iterations");
    auto total = total_of(loop);
    require(!total || counts.all < *total, "begins more iterations than there are items");
  }

  void check_item(const TaskRecord& map) const {
    Counts counts = count(run_, map);
    auto most = static_cast<std::size_t>(map.spec->number_of("max_concurrency", 100));
    require(counts.open < most, "begins more items at a time than max_concurrency");
    auto forgiven = static_cast<std::size_t>(map.spec->number_of("max_failures", 0));
    require(counts.failed <= forgiven, "begins an item after more failures than max_failures");
    auto total = total_of(map);
    require(!total || counts.all < *total, "begins more items than there are");
  }

  // Branches are canceled when enough others have completed.
  void check_losers(const ScopeRecord& scope) const {
    const TaskRecord* owner = scope.owner ? run_.find_task(*scope.owner) : nullptr;
    bool enough = owner != nullptr && owner->spec->type == "parallel" &&
                  count(run_, *owner).completed >= needed(*owner->spec);
    require(enough, "cancels a scope that is still needed");
  }

  void check_collected(const ScopeRecord& scope, const ScopeClosed& closed) const {
    const Json& collect = run_.find_task(*scope.owner)->spec->json->at("collect");
    if (!collect.is_string() || collect.get_string() != "${loop.index}") return;
    require(closed.output && json_equal(*closed.output, Json(std::int64_t{scope.index})),
            "collects another index than that of the iteration");
  }

  void check_completion(const TaskRecord& task) const {
    Counts counts = count(run_, task);
    const std::string& type = task.spec->type;
    if (type == "parallel") {
      bool enough = counts.completed >= needed(*task.spec) || task.spec->work.empty();
      return require(enough && counts.open == 0, "completes with too few branches");
    }
    require(counts.open == 0, "completes while a body of it is open");
    auto total = total_of(task);
    if (type == "map") {
      auto forgiven = static_cast<std::size_t>(task.spec->number_of("max_failures", 0));
      require(counts.failed <= forgiven, "completes with more failures than max_failures");
      return require(!total || counts.completed + counts.failed == *total,
                     "completes before all items are done");
    }
    require(counts.failed == 0, "completes though a body of it failed");
    if (type != "loop") return require(counts.completed == 1, "completes without its body");
    bool breaks = task.spec->json->contains("break_when");
    require(!total || breaks || counts.completed == *total,
            "completes before all iterations are done");
  }

  // An attempt of a task that holds others fails because one of them did, or for a reason of its
  // own.
  void check_failure(TaskRef ref, const Error& error) const {
    const TaskRecord* task = run_.find_task(ref);
    if (task == nullptr || task->standing != Standing::working) return;
    Counts counts = count(run_, *task);
    bool own = error.code == "timeout" && task->deadline && event_.at >= *task->deadline;
    if (own || error.code == "expression" || error.code == "loop_limit") return;
    require(counts.failed > 0, "fails though none of its bodies did");
    if (task->spec->type == "parallel")
      require(counts.completed + counts.open < needed(*task->spec),
              "fails though enough branches can complete");
    if (task->spec->type == "map") {
      auto forgiven = static_cast<std::size_t>(task->spec->number_of("max_failures", 0));
      require(counts.failed > forgiven, "fails with no more failures than max_failures");
    }
  }

  const RunRecord& run_;
  const Event& event_;
};

bool has_open(const RunRecord& run, const TaskRecord& task, BodyRole role) {
  return std::any_of(run.scopes.begin(), run.scopes.end(), [&](const auto& entry) {
    return entry.second.open && entry.second.owner == task.ref && entry.second.body->role == role;
  });
}

// What moves an open task on that holds others; the rest are looked at with what is owed.
bool is_moved_on(const RunRecord& run, const TaskRecord& task) {
  switch (task.standing) {
    case Standing::working: return task.due || has_open(run, task, BodyRole::work);
    case Standing::handling: return has_open(run, task, BodyRole::handler);
    case Standing::cleaning: return has_open(run, task, BodyRole::cleanup);
    default: return true;
  }
}

}  // namespace

void ScopeCheck::before(const RunRecord& run, const Event& event) {
  std::visit(Visitor(run, event), event.body);
}

void ScopeCheck::after_commit(const RunRecord& run, const std::vector<Event>&) {
  if (!run.goes_on()) return;
  for (const auto& [_, scope] : run.scopes) {
    if (!scope.open) continue;
    bool all_over = true;
    for (const TaskRecord& task : scope.tasks) {
      all_over = all_over && is_over(task.standing);
      expect(is_moved_on(run, task), law, [&] {
        return name_of(run, task.ref) + " is " + std::string(to_string(task.standing)) +
               ", and nothing moves it on";
      });
    }
    expect(!all_over || scope.follow_ups > 0, law, [&] {
      return name_of(run) + ": scope " + std::to_string(scope.id) + " " + scope.prefix +
             " is open, and all its tasks are over";
    });
  }
}

}  // namespace harmonia::simulation
