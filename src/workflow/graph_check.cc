#include <algorithm>
#include <set>
#include <unordered_map>

#include "base/utf8.h"
#include "workflow/compile.h"

namespace harmonia::workflow {
namespace {

constexpr std::size_t cycles_named_max = 10;
constexpr std::size_t cycle_shown_max = 12;  // tasks of one cycle in a message

// The tasks of each body by their ids.
struct BodyIndex {
  std::unordered_map<std::string_view, TaskNumber> numbers;
  std::vector<std::string_view> ids;
};

std::vector<BodyIndex> index_bodies(const Definition& definition) {
  std::vector<BodyIndex> index(definition.bodies.size());
  for (TaskNumber number = 0; number < definition.tasks.size(); ++number) {
    const Task& task = definition.tasks[number];
    index[task.body].numbers[task.id] = number;
    index[task.body].ids.push_back(task.id);
  }
  return index;
}

std::optional<TaskNumber> resolve(const NamedTask& named, const BodyIndex& body,
                                  DefinitionBuilder& builder) {
  auto found = body.numbers.find(named.name);
  if (found != body.numbers.end()) return found->second;
  std::string hint =
      builder.findings.full() ? "" : did_you_mean(nearest_name(named.name, body.ids));
  builder.findings.error(named.pointer, "there is no task '" + utf8_prefix(named.name, 80) + "'",
                         std::move(hint));
  return std::nullopt;
}

bool contains(const std::vector<TaskNumber>& numbers, TaskNumber wanted) {
  return std::find(numbers.begin(), numbers.end(), wanted) != numbers.end();
}

void resolve_dependencies(TaskNumber number, const BodyIndex& body, DefinitionBuilder& builder) {
  Task& task = builder.definition.tasks[number];
  std::set<TaskNumber> seen;
  for (const NamedTask& named : builder.dependencies[number]) {
    auto found = resolve(named, body, builder);
    if (!found) continue;
    if (*found == number) {
      builder.findings.error(named.pointer, "the task '" + task.id + "' depends on itself");
    } else if (!seen.insert(*found).second) {
      builder.findings.error(named.pointer, "'" + named.name + "' stands twice in depends_on");
    } else {
      task.depends_on.push_back(*found);
    }
  }
}

// The targets of a decision depend on it.
void resolve_targets(const ChoiceTargets& targets, const std::vector<BodyIndex>& index,
                     DefinitionBuilder& builder) {
  auto& tasks = builder.definition.tasks;
  auto& decision = std::get<Decision>(tasks[targets.decision].structure);
  bool is_default = targets.choice >= decision.cases.size();
  Choice& choice = is_default ? *decision.otherwise : decision.cases[targets.choice];
  for (const NamedTask& named : targets.names) {
    auto found = resolve(named, index[tasks[targets.decision].body], builder);
    if (!found) continue;
    if (*found == targets.decision) {
      builder.findings.error(named.pointer,
                             "the decision '" + named.name + "' can't choose itself");
      continue;
    }
    if (!contains(choice.next, *found)) choice.next.push_back(*found);
    auto& predecessors = tasks[*found].depends_on;
    if (!contains(predecessors, targets.decision)) predecessors.push_back(targets.decision);
  }
}

void check_join(TaskNumber number, DefinitionBuilder& builder) {
  const Task& task = builder.definition.tasks[number];
  std::size_t predecessors = task.depends_on.size();
  if (task.join.kind != JoinKind::at_least || task.join.count <= predecessors) return;
  builder.findings.error(builder.pointers[number] + "/join",
                         "at_least is " + std::to_string(task.join.count) +
                             ", but the task depends on " + std::to_string(predecessors) +
                             " task(s)",
                         "it can be from 1 to the number of tasks in depends_on");
}

// Each task after its predecessors; tasks of cycles and those behind them are left out.
std::vector<TaskNumber> topological_order(const std::vector<Task>& tasks) {
  std::vector<std::size_t> waiting(tasks.size());
  std::vector<TaskNumber> order;
  for (TaskNumber number = 0; number < tasks.size(); ++number) {
    waiting[number] = tasks[number].depends_on.size();
    if (waiting[number] == 0) order.push_back(number);
  }
  for (std::size_t next = 0; next < order.size(); ++next) {
    for (TaskNumber dependent : tasks[order[next]].dependents) {
      if (--waiting[dependent] == 0) order.push_back(dependent);
    }
  }
  return order;
}

// Follows predecessors within `rest` from `start` until a task comes again: there is the cycle,
// each task depending on the next.
std::vector<TaskNumber> find_cycle(const std::vector<Task>& tasks, const std::vector<bool>& rest,
                                   TaskNumber start) {
  std::vector<TaskNumber> path;
  std::vector<std::size_t> place(tasks.size(), tasks.size());
  TaskNumber at = start;
  while (place[at] == tasks.size()) {
    place[at] = path.size();
    path.push_back(at);
    for (TaskNumber predecessor : tasks[at].depends_on) {
      if (!rest[predecessor]) continue;
      at = predecessor;
      break;
    }
  }
  return {path.begin() + static_cast<std::ptrdiff_t>(place[at]), path.end()};
}

void report_cycle(std::vector<TaskNumber> cycle, DefinitionBuilder& builder) {
  std::rotate(cycle.begin(), std::min_element(cycle.begin(), cycle.end()), cycle.end());
  const auto& tasks = builder.definition.tasks;
  std::string shown;
  for (std::size_t i = 0; i < cycle.size() && i < cycle_shown_max; ++i)
    shown += tasks[cycle[i]].id + " -> ";
  if (cycle.size() > cycle_shown_max) shown += "... -> ";
  const Task& first = tasks[cycle.front()];
  shown += first.id;
  const std::string& next = tasks[cycle[1 % cycle.size()]].id;
  std::string pointer = builder.pointers[cycle.front()];
  for (const NamedTask& named : builder.dependencies[cycle.front()]) {
    if (named.name == next) pointer = named.pointer;
  }
  builder.findings.error(std::move(pointer), "tasks depend on each other in a circle: " + shown,
                         "remove one of these dependencies; what repeats is a loop");
}

// After a cycle is named its tasks leave, so that the next one found is another.
void report_cycles(DefinitionBuilder& builder) {
  const auto& tasks = builder.definition.tasks;
  std::vector<bool> rest(tasks.size(), true);
  std::vector<std::size_t> waiting(tasks.size());
  for (TaskNumber number = 0; number < tasks.size(); ++number)
    waiting[number] = tasks[number].depends_on.size();
  std::vector<TaskNumber> leaving;
  auto leave = [&] {
    while (!leaving.empty()) {
      TaskNumber number = leaving.back();
      leaving.pop_back();
      rest[number] = false;
      for (TaskNumber dependent : tasks[number].dependents) {
        if (rest[dependent] && --waiting[dependent] == 0) leaving.push_back(dependent);
      }
    }
  };
  for (TaskNumber number = 0; number < tasks.size(); ++number) {
    if (waiting[number] == 0) leaving.push_back(number);
  }
  leave();
  std::size_t named = 0;
  for (TaskNumber start = 0; start < tasks.size() && named < cycles_named_max; ++start) {
    if (!rest[start]) continue;
    auto cycle = find_cycle(tasks, rest, start);
    for (TaskNumber number : cycle) {
      rest[number] = false;
      waiting[number] = 0;
    }
    leaving = cycle;
    report_cycle(std::move(cycle), builder);
    ++named;
    leave();
  }
}

}  // namespace

void check_graph(DefinitionBuilder& builder) {
  auto& tasks = builder.definition.tasks;
  auto index = index_bodies(builder.definition);
  for (TaskNumber number = 0; number < tasks.size(); ++number)
    resolve_dependencies(number, index[tasks[number].body], builder);
  for (const ChoiceTargets& targets : builder.targets) resolve_targets(targets, index, builder);
  for (TaskNumber number = 0; number < tasks.size(); ++number) check_join(number, builder);
  for (TaskNumber number = 0; number < tasks.size(); ++number) {
    for (TaskNumber predecessor : tasks[number].depends_on)
      tasks[predecessor].dependents.push_back(number);
  }
  builder.order = topological_order(tasks);
  if (builder.order.size() != tasks.size()) report_cycles(builder);
}

}  // namespace harmonia::workflow
