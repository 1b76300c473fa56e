#include <algorithm>
#include <set>
#include <unordered_map>

#include "workflow/compile.h"

namespace harmonia::workflow {
namespace {

constexpr std::size_t cycles_named_max = 10;
constexpr std::size_t cycle_shown_max = 12;  // tasks of one cycle in a message

using TaskNumbers = std::unordered_map<std::string_view, TaskNumber>;

std::string dependency_pointer(const Task& task, std::size_t index) {
  return child_pointer("/tasks", task.id) + "/depends_on/" + std::to_string(index);
}

void resolve_dependencies(TaskNumber number, const TaskNumbers& numbers,
                          const std::vector<std::string_view>& ids, DefinitionBuilder& builder) {
  Task& task = builder.definition.tasks[number];
  std::set<TaskNumber> seen;
  for (const auto& [name, index] : builder.dependencies[number]) {
    std::string pointer = dependency_pointer(task, index);
    auto found = numbers.find(name);
    if (found == numbers.end()) {
      std::string hint = builder.findings.full() ? "" : did_you_mean(nearest_name(name, ids));
      builder.findings.error(std::move(pointer), "there is no task '" + name.substr(0, 80) + "'",
                             std::move(hint));
    } else if (found->second == number) {
      builder.findings.error(std::move(pointer), "the task '" + task.id + "' depends on itself");
    } else if (!seen.insert(found->second).second) {
      builder.findings.error(std::move(pointer), "'" + name + "' stands twice in depends_on");
    } else {
      task.depends_on.push_back(found->second);
    }
  }
}

void check_join(TaskNumber number, DefinitionBuilder& builder) {
  const Task& task = builder.definition.tasks[number];
  std::size_t predecessors = builder.dependencies[number].size();
  if (task.join.kind != JoinKind::at_least || task.join.count <= predecessors) return;
  builder.findings.error(child_pointer("/tasks", task.id) + "/join",
                         "at_least is " + std::to_string(task.join.count) +
                             ", but depends_on names " + std::to_string(predecessors) + " task(s)",
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
  std::size_t index = 0;
  for (const auto& [name, at] : builder.dependencies[cycle.front()]) {
    if (name == next) index = at;
  }
  builder.findings.error(dependency_pointer(first, index),
                         "tasks depend on each other in a circle: " + shown,
                         "remove one of these dependencies");
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
  TaskNumbers numbers;
  std::vector<std::string_view> ids;
  for (TaskNumber number = 0; number < tasks.size(); ++number) {
    numbers[tasks[number].id] = number;
    ids.push_back(tasks[number].id);
  }
  for (TaskNumber number = 0; number < tasks.size(); ++number) {
    resolve_dependencies(number, numbers, ids, builder);
    check_join(number, builder);
  }
  for (TaskNumber number = 0; number < tasks.size(); ++number) {
    for (TaskNumber predecessor : tasks[number].depends_on)
      tasks[predecessor].dependents.push_back(number);
  }
  builder.order = topological_order(tasks);
  if (builder.order.size() != tasks.size()) report_cycles(builder);
}

}  // namespace harmonia::workflow
