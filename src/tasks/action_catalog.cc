#include "tasks/action_catalog.h"

#include <algorithm>

#include "expr/text.h"
#include "tasks/text.h"

namespace harmonia::tasks {
namespace {

constexpr std::size_t problems_max = 10;

// "input.headers: ..." for people; the problem keeps the JSON pointer.
std::string in_words(const Problem& problem) {
  std::string path = "input" + problem.pointer;
  std::replace(path.begin(), path.end(), '/', '.');
  return path + ": " + problem.message;
}

}  // namespace

ActionCatalog::ActionCatalog(const Runner& runner)
    : component_(runner.component()), actions_(runner.actions()) {
  for (const ActionInfo& action : actions_) {
    auto schema = workflow::JsonSchema::compile(action.input_schema);
    ASSERT(schema.ok());
    schemas_.emplace(action.name, std::move(schema).value());
  }
}

const ActionInfo* ActionCatalog::info(std::string_view action) const {
  const ActionInfo* any = nullptr;
  for (const ActionInfo& candidate : actions_) {
    if (candidate.name == action) return &candidate;
    if (candidate.name == any_action) any = &candidate;
  }
  return any;
}

Result<std::string> ActionCatalog::find(std::string_view action) const {
  if (info(action) != nullptr) return std::string(action);
  std::vector<std::string> names;
  for (const ActionInfo& candidate : actions_) {
    if (action.empty() && (candidate.is_default || actions_.size() == 1)) return candidate.name;
    names.push_back(candidate.name);
  }
  std::string problem = action.empty()
                            ? "names no action"
                            : "names the action '" + std::string(action) + "', which it has not";
  return make_error(error_code::invalid_argument, "the task of component '" + component_ + "' " +
                                                      problem +
                                                      "; known: " + expr::list_names(names));
}

Result<void> ActionCatalog::check_input(std::string_view action, const Json& input) const {
  if (!input.is_object()) {
    return make_error(error_code::invalid_argument,
                      "the input of " + component_ + "." + std::string(action) +
                          " must be an object, but is " + shortened(to_text(input), 100));
  }
  const ActionInfo* found = info(action);
  ASSERT(found != nullptr);
  auto problems = schemas_.find(found->name)->second.validate(input, problems_max);
  if (problems.empty()) return {};
  Error error = make_error(error_code::invalid_argument, in_words(problems.front()));
  if (problems.size() > 1) {
    error.detail += " (and " + std::to_string(problems.size() - 1) + " more)";
  }
  error.problems = std::move(problems);
  return error;
}

}  // namespace harmonia::tasks
