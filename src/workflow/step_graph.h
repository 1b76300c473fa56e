#pragma once

#include <map>
#include <string>
#include <vector>

#include "workflow/normalise_context.h"

// Dialect 5 as it is written: steps and transitions. Internal to dialect_steps.cc,
// step_graph.cc and step_task.cc.
namespace harmonia::workflow {

struct Transition {
  std::size_t from = 0;
  std::size_t to = 0;
  Json condition;        // null: none
  std::string original;  // pointer to it
};

struct Step {
  std::string id;
  std::string type;
  JsonObject source;  // in snake case
  std::string original;
  std::vector<Transition> out;      // in the author's order
  std::vector<std::size_t> before;  // steps with a transition to this one, each once

  bool is(std::string_view name) const { return type == name; }
};

// `error_handlers` of the workflow or of a step.
struct ErrorHandler {
  std::string error_type;  // "" for all
  std::size_t step = 0;
  std::string original;  // pointer to the name of the step
};

struct StepGraph {
  std::vector<Step> steps;
  std::map<std::string, std::size_t, std::less<>> by_id;
  std::vector<ErrorHandler> handlers;
  std::map<std::size_t, std::vector<ErrorHandler>> step_handlers;  // by step

  // The steps that can be reached from some, which are among them.
  std::vector<bool> reachable(const std::vector<std::size_t>& from) const;
};

// What is wrong becomes findings, circles among it; nothing then.
std::optional<StepGraph> read_steps(NormaliseContext& context, FieldSet& workflow);

// step_task.cc: what a step itself does, as a task; its transitions are no part of it.
FieldSet translate_step(NormaliseContext& context, const Step& step,
                        const std::string& tasks_pointer);

// TIMEOUT -> timeout, SERVER_ERROR -> http_5xx; "" for all errors.
std::string error_pattern(std::string_view type);

}  // namespace harmonia::workflow
