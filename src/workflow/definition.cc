#include "workflow/definition.h"

#include <algorithm>

namespace harmonia::workflow {

std::string_view to_string(TaskType type) {
  switch (type) {
    case TaskType::standard: return "standard";
    case TaskType::set: return "set";
    case TaskType::wait: return "wait";
    case TaskType::fail: return "fail";
    case TaskType::terminate: return "terminate";
    case TaskType::join: return "join";
    case TaskType::decision: return "decision";
    case TaskType::parallel: return "parallel";
    case TaskType::loop: return "loop";
    case TaskType::map: return "map";
    case TaskType::try_block: return "try";
    case TaskType::critical: return "critical";
    case TaskType::subworkflow: return "subworkflow";
    case TaskType::event: return "event";
    case TaskType::approval: return "approval";
    case TaskType::webhook: return "webhook";
  }
  return {};
}

std::optional<TaskNumber> Definition::find_task(BodyNumber body, std::string_view id) const {
  ASSERT(body < bodies.size());
  const std::vector<TaskNumber>& sorted = bodies[body].by_id;
  ASSERT(sorted.size() == bodies[body].tasks.size());
  auto found = std::lower_bound(
      sorted.begin(), sorted.end(), id,
      [this](TaskNumber number, std::string_view wanted) { return tasks[number].id < wanted; });
  if (found == sorted.end() || tasks[*found].id != id) return std::nullopt;
  return *found;
}

}  // namespace harmonia::workflow
