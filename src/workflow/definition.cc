#include "workflow/definition.h"

#include <algorithm>

namespace harmonia::workflow {

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
