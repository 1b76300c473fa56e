#include <algorithm>
#include <array>
#include <map>

#include "workflow/compile.h"

// Tasks that can never run, whatever the data. What a task may come to is judged too generously
// where it is not certain, so that what is said to be impossible is.
namespace harmonia::workflow {
namespace {

// What a task may come to. One that can do none of the last three never ends: the run ends first.
struct Fate {
  bool runs = false;
  bool succeeds = false;  // for the joins behind it: also failed with on_error: continue
  bool fails = false;
  bool skips = false;
};

// Which outcomes of a decision leave room for a task. A decision of mode first has one outcome: a
// case, behind those the default (or nothing), and the last bit for a decision that did not
// complete.
using Outcomes = std::uint64_t;
constexpr Outcomes not_completed = Outcomes{1} << 63;
constexpr std::size_t cases_max = 60;
// Only so many decisions are kept in mind for each task.
constexpr std::size_t decisions_max = 16;
using Needs = std::map<TaskNumber, Outcomes>;

Outcomes bit(std::size_t outcome) { return Outcomes{1} << outcome; }

class ReachabilityCheck {
 public:
  explicit ReachabilityCheck(DefinitionBuilder& builder)
      : builder_(builder),
        tasks_(builder.definition.tasks),
        fates_(tasks_.size()),
        needs_(tasks_.size()),
        after_decision_(tasks_.size()),
        roots_(tasks_.size()),
        lost_(tasks_.size()) {}

  void run() {
    for (TaskNumber number : builder_.order) visit(number);
    for (auto& [number, cause] : causes_) report(number, cause);
  }

 private:
  struct Cause {
    std::string pointer;
    std::string message;
    std::string hint;
  };

  void visit(TaskNumber number) {
    const Task& task = tasks_[number];
    for (TaskNumber predecessor : task.depends_on) {
      bool is_decision = tasks_[predecessor].type == TaskType::decision;
      if (is_decision || after_decision_[predecessor]) after_decision_[number] = true;
    }
    Fate& fate = fates_[number];
    bool canceled =
        builder_.definition.bodies[task.body].on_child_failure == OnChildFailure::cancel;
    fate.skips = !task.depends_on.empty() || task.when || canceled;
    roots_[number] = number;
    if (!can_be_released(number)) return;
    auto when = task.when ? constant_value(*task.when) : std::nullopt;
    if (when && !*when) {
      note(number, "/when", "its condition is always false", "");
      return;
    }
    fate.runs = true;
    foresee(task, fate);
  }

  // What comes of a task that runs.
  static void foresee(const Task& task, Fate& fate) {
    bool mended = task.on_error != OnError::fail || !task.catches.empty();
    bool ends_run = task.type == TaskType::terminate;
    fate.fails = may_fail(task);
    fate.succeeds = (fate.fails && mended) || (task.type != TaskType::fail && !ends_run);
    if (task.on_error == OnError::incident) fate.skips = true;
  }

  static bool may_fail(const Task& task) {
    bool when_fails = task.when && !task.when->is_constant();
    bool output_fails = task.output && !task.output->is_constant();
    if (when_fails || output_fails || task.finally) return true;
    switch (task.type) {
      case TaskType::join:
      case TaskType::terminate: return false;
      case TaskType::set: return !task.values || !task.values->is_constant();
      default: return true;
    }
  }

  bool can_be_released(TaskNumber number) {
    const Task& task = tasks_[number];
    if (task.depends_on.empty()) return true;
    return predecessors_allow(number) && decisions_allow(number);
  }

  std::size_t count(const Task& task, bool Fate::*outcome) const {
    return static_cast<std::size_t>(
        std::count_if(task.depends_on.begin(), task.depends_on.end(),
                      [&](TaskNumber predecessor) { return fates_[predecessor].*outcome; }));
  }

  // How many predecessors must succeed.
  static std::size_t needed(const Task& task) {
    switch (task.join.kind) {
      case JoinKind::all_success: return task.depends_on.size();
      case JoinKind::any_success: return 1;
      case JoinKind::at_least: return task.join.count;
      case JoinKind::none_failed:
      case JoinKind::all_done:
      case JoinKind::one_failed: return 0;
    }
    return 0;
  }

  bool predecessors_allow(TaskNumber number) {
    const Task& task = tasks_[number];
    if (task.join.kind == JoinKind::one_failed) {
      if (count(task, &Fate::fails) > 0) return true;
      return blame(
          number, [](const Fate& fate) { return fate.fails; },
          "join is one_failed, but nothing it depends on can fail",
          "all_success, all_done or none_failed may be meant");
    }
    if (needed(task) > 0) {
      if (count(task, &Fate::succeeds) >= needed(task)) return true;
      return blame(
          number, [](const Fate& fate) { return fate.succeeds; }, "", "");
    }
    bool failures_stop = task.join.kind == JoinKind::none_failed;
    auto is_fine = [failures_stop](const Fate& fate) {
      return fate.succeeds || fate.skips || (!failures_stop && fate.fails);
    };
    bool all_fine =
        std::all_of(task.depends_on.begin(), task.depends_on.end(),
                    [&](TaskNumber predecessor) { return is_fine(fates_[predecessor]); });
    return all_fine || blame(number, is_fine, "", "");
  }

  // Finds the predecessor at fault. One that never runs itself has its cause told already.
  template <class Accepts>
  bool blame(TaskNumber number, Accepts accepts, std::string message, std::string hint) {
    TaskNumber culprit = number;
    for (TaskNumber predecessor : tasks_[number].depends_on) {
      if (accepts(fates_[predecessor])) continue;
      culprit = predecessor;
      if (!fates_[predecessor].runs) break;
    }
    if (!fates_[culprit].runs && culprit != number) {
      roots_[number] = roots_[culprit];
      lost_[roots_[culprit]].push_back(number);
      return false;
    }
    if (message.empty()) {
      bool ends_run = tasks_[culprit].type == TaskType::terminate;
      message = "it needs '" + tasks_[culprit].id +
                (ends_run ? "', which ends the run" : "', which always fails");
      if (!ends_run) hint = "join: one_failed or all_done runs it after a failure";
    }
    note(number, place_of(number, culprit), std::move(message), std::move(hint));
    return false;
  }

  // The name of a predecessor in depends_on, else the whole task.
  std::string place_of(TaskNumber number, TaskNumber predecessor) const {
    const auto& named = builder_.dependencies[number];
    for (std::size_t i = 0; i < named.size(); ++i) {
      if (named[i].name == tasks_[predecessor].id) return "/depends_on/" + std::to_string(i);
    }
    return {};
  }

  // Whether targets of the decision are skipped unless they are chosen. A failure of it that is
  // mended lets them all go on.
  static const Decision* certain_decision(const Task& task) {
    bool mended = task.on_error != OnError::fail || !task.catches.empty();
    return mended ? nullptr : std::get_if<Decision>(&task.structure);
  }

  // The outcomes of a decision that lead straight to a task.
  static Outcomes outcomes_with(const Decision& decision, TaskNumber target, bool& is_target) {
    auto leads_there = [&](const Choice& choice) {
      bool found = std::find(choice.next.begin(), choice.next.end(), target) != choice.next.end();
      is_target = is_target || found;
      return found;
    };
    Outcomes outcomes = 0;
    bool decided = false;  // by a case that always holds
    for (std::size_t i = 0; i < decision.cases.size(); ++i) {
      const Choice& choice = decision.cases[i];
      auto value = choice.when ? constant_value(*choice.when) : std::nullopt;
      bool can_hold = !(value && !*value) && (decision.all_matching || !decided);
      if (leads_there(choice) && can_hold) outcomes |= bit(i);
      if (value && *value) decided = true;
    }
    bool by_default = decision.otherwise && leads_there(*decision.otherwise);
    if (by_default && !decided) outcomes |= bit(decision.cases.size());
    return outcomes;
  }

  bool decisions_allow(TaskNumber number) {
    const Task& task = tasks_[number];
    Needs needs = needs_of_predecessors(task);
    bool possible = true;
    for (TaskNumber predecessor : task.depends_on)
      possible = possible && add_own_decision(number, predecessor, needs);
    if (!possible) return false;
    possible = needed(task) == 0 || cases_allow(number);
    while (needs.size() > decisions_max) needs.erase(needs.begin());
    needs_[number] = std::move(needs);
    return possible;
  }

  // What a decision that chooses this task says about it.
  bool add_own_decision(TaskNumber number, TaskNumber predecessor, Needs& needs) {
    const Task& task = tasks_[number];
    const Decision* decision = certain_decision(tasks_[predecessor]);
    if (decision == nullptr || decision->cases.size() > cases_max) return true;
    // Others may release the task before the decision is made.
    bool waits_for_it = task.join.kind == JoinKind::all_success ||
                        task.join.kind == JoinKind::none_failed ||
                        task.join.kind == JoinKind::all_done;
    bool is_target = false;
    Outcomes outcomes = outcomes_with(*decision, number, is_target);
    // What stands behind a target that was chosen is not skipped.
    bool may_be_kept = std::any_of(
        task.depends_on.begin(), task.depends_on.end(),
        [&](TaskNumber other) { return other != predecessor && after_decision_[other]; });
    if (!is_target || !waits_for_it || may_be_kept) return true;
    bool needs_decision = task.join.kind == JoinKind::all_success;
    if (outcomes == 0 && needs_decision) {
      note(number, "",
           "no case of the decision '" + tasks_[predecessor].id + "' that leads to it can hold",
           "");
      return false;
    }
    if (decision->all_matching) return true;
    if (!needs_decision) outcomes |= not_completed;
    auto [place, is_new] = needs.emplace(predecessor, outcomes);
    if (!is_new) place->second &= outcomes;
    return true;
  }

  // What must have been decided because the predecessors that release the task have run.
  Needs needs_of_predecessors(const Task& task) const {
    bool all = task.join.kind == JoinKind::all_success;
    bool one_failed = task.join.kind == JoinKind::one_failed;
    Needs needs;
    if (!all && !one_failed && needed(task) == 0) return needs;
    bool is_first = true;
    for (TaskNumber predecessor : task.depends_on) {
      const Fate& fate = fates_[predecessor];
      if (!(one_failed ? fate.fails : fate.succeeds)) continue;
      if (all) {
        for (const auto& [decision, outcomes] : needs_[predecessor]) {
          auto [place, is_new] = needs.emplace(decision, outcomes);
          if (!is_new) place->second &= outcomes;
        }
      } else {
        unite(needs, needs_[predecessor], is_first);
      }
      is_first = false;
    }
    return needs;
  }

  static void unite(Needs& needs, const Needs& added, bool is_first) {
    if (is_first) {
      needs = added;
      return;
    }
    for (auto place = needs.begin(); place != needs.end();) {
      auto other = added.find(place->first);
      if (other == added.end()) {
        place = needs.erase(place);
      } else {
        place->second |= other->second;
        ++place;
      }
    }
  }

  // Whether some outcome of each decision leaves as many predecessors as are needed.
  bool cases_allow(TaskNumber number) {
    const Task& task = tasks_[number];
    struct Votes {
      std::array<std::uint32_t, 64> of_outcome = {};
      std::size_t concerned = 0;
    };
    std::map<TaskNumber, Votes> decisions;
    std::size_t able = 0;
    for (TaskNumber predecessor : task.depends_on) {
      if (!fates_[predecessor].succeeds) continue;
      ++able;
      for (const auto& [decision, outcomes] : needs_[predecessor]) {
        Votes& votes = decisions[decision];
        ++votes.concerned;
        for (std::size_t i = 0; i < 64; ++i)
          votes.of_outcome[i] += static_cast<unsigned>((outcomes >> i) & 1);
      }
    }
    for (const auto& [decision, votes] : decisions) {
      std::uint32_t most = *std::max_element(votes.of_outcome.begin(), votes.of_outcome.end());
      if (able - votes.concerned + most >= needed(task)) continue;
      note_exclusive(number, decision);
      return false;
    }
    return true;
  }

  void note_exclusive(TaskNumber number, TaskNumber decision) {
    const auto& predecessors = tasks_[number].depends_on;
    auto outcomes_of = [&](TaskNumber predecessor) {
      auto found = needs_[predecessor].find(decision);
      return found == needs_[predecessor].end() ? ~Outcomes{0} : found->second;
    };
    auto first = std::find_if(predecessors.begin(), predecessors.end(),
                              [&](TaskNumber one) { return outcomes_of(one) != ~Outcomes{0}; });
    auto second = std::find_if(first, predecessors.end(), [&](TaskNumber other) {
      return (outcomes_of(*first) & outcomes_of(other)) == 0;
    });
    std::string which;
    if (second != predecessors.end())
      which = " ('" + tasks_[*first].id + "' and '" + tasks_[*second].id + "')";
    note(number, second != predecessors.end() ? place_of(number, *second) : "",
         "it needs tasks of different cases of the decision '" + tasks_[decision].id + "'" + which +
             ", which chooses one case only",
         "join: none_failed runs it whichever was chosen, any_success as soon as one succeeded");
  }

  void note(TaskNumber number, const std::string& place, std::string message, std::string hint) {
    causes_[number] = {.pointer = builder_.pointers[number] + place,
                       .message = std::move(message),
                       .hint = std::move(hint)};
  }

  void report(TaskNumber number, Cause& cause) {
    const auto& lost = lost_[number];
    // A constant condition is a finding of its own.
    bool is_told = tasks_[number].when && cause.pointer.ends_with("/when");
    if (is_told && lost.empty()) return;
    std::string message = "'" + tasks_[number].id + "' never runs: " + cause.message;
    if (!lost.empty()) {
      message += "; so neither " + std::string(lost.size() == 1 ? "does '" : "do '") +
                 tasks_[lost.front()].id + "'";
      if (lost.size() > 1) message += " and " + std::to_string(lost.size() - 1) + " more behind it";
    }
    builder_.findings.warning(std::move(cause.pointer), std::move(message), std::move(cause.hint));
  }

  DefinitionBuilder& builder_;
  const std::vector<Task>& tasks_;
  std::vector<Fate> fates_;
  std::vector<Needs> needs_;  // what was decided when a task has run
  std::vector<bool> after_decision_;
  std::vector<TaskNumber> roots_;              // the task at fault for one that never runs
  std::vector<std::vector<TaskNumber>> lost_;  // by task at fault: those behind it
  std::map<TaskNumber, Cause> causes_;
};

}  // namespace

void check_reachability(DefinitionBuilder& builder) {
  // With errors the graph is not what its author meant.
  bool is_whole = builder.order.size() == builder.definition.tasks.size();
  if (is_whole && !builder.findings.has_errors()) ReachabilityCheck(builder).run();
}

}  // namespace harmonia::workflow
