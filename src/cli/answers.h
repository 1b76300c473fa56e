#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "base/result.h"
#include "cli/command_line.h"
#include "server/run_view.h"

namespace harmonia::cli {

// What the command line says beforehand to the questions a run will ask: --approve, --reject,
// --event, --resolve.
class Answers {
 public:
  // The error says which option is wrong.
  static Result<Answers> read(const RunCommand& command);

  // What is sent to a run at once; it keeps them until a task takes them.
  const std::vector<execution::Signal>& events() const { return events_; }

  // What is said about a task that waits; nothing: it was not thought of. A task is given by its
  // path, its id, or `*`. An incident is tried again once for each --resolve, so that a task that
  // always fails does not run for ever.
  std::optional<execution::CommandBody> answer_to(const server::TaskView& task);

 private:
  struct Decision {
    std::string task;
    bool approved = false;
    SharedJson data = {};
    std::string comment = {};
  };
  struct Resolution {
    std::string task;
    execution::IncidentAction action = execution::IncidentAction::retry;
    std::set<std::string> used = {};  // paths
  };

  std::vector<Decision> decisions_;
  std::vector<Resolution> resolutions_;
  std::vector<execution::Signal> events_;
};

// retry, skip, complete or fail.
std::optional<execution::IncidentAction> parse_incident_action(std::string_view text);

// How to answer a waiting task beforehand: `--approve check`. Empty: it can't be done here.
std::string option_for(const server::TaskView& task);

}  // namespace harmonia::cli
