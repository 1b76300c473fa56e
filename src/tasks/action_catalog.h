#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "tasks/runner.h"
#include "workflow/json_schema.h"

namespace harmonia::tasks {

// What one component can do, with its input schemas compiled. Immutable.
class ActionCatalog {
 public:
  explicit ActionCatalog(const Runner& runner);

  const std::vector<ActionInfo>& actions() const { return actions_; }

  // The name under which the runner knows the action asked for. `invalid_argument` names what there
  // is.
  Result<std::string> find(std::string_view action) const;
  // `invalid_argument` with a problem for each member that is wrong. `action` is listed or covered
  // by any_action.
  Result<void> check_input(std::string_view action, const Json& input) const;

 private:
  const ActionInfo* info(std::string_view action) const;

  std::string component_;
  std::vector<ActionInfo> actions_;
  std::map<std::string, workflow::JsonSchema, std::less<>> schemas_;
};

}  // namespace harmonia::tasks
