#include "execution/decision.h"

#include <algorithm>

#include "execution/activation.h"
#include "execution/task_steps.h"

namespace harmonia::execution {
namespace {

using workflow::Choice;
using workflow::TaskNumber;

Result<std::vector<const Choice*>> choose_cases(const Draft& draft, TaskRef ref) {
  const auto& decision = draft.task(ref).as<workflow::Decision>();
  std::vector<const Choice*> chosen;
  ScopeActivation activation(draft, ref.scope);
  for (const Choice& choice : decision.cases) {
    auto holds = expr::evaluate_condition(*choice.when, activation);
    if (!holds.ok()) return in_field("cases/" + choice.name, std::move(holds).error());
    if (!*holds) continue;
    chosen.push_back(&choice);
    if (!decision.all_matching) break;
  }
  if (chosen.empty() && decision.otherwise) chosen.push_back(&*decision.otherwise);
  return chosen;
}

std::vector<TaskNumber> targets_of(const std::vector<const Choice*>& choices) {
  std::vector<TaskNumber> targets;
  for (const Choice* choice : choices)
    targets.insert(targets.end(), choice->next.begin(), choice->next.end());
  std::sort(targets.begin(), targets.end());
  targets.erase(std::unique(targets.begin(), targets.end()), targets.end());
  return targets;
}

std::vector<TaskNumber> all_targets(const workflow::Decision& decision) {
  std::vector<const Choice*> choices;
  for (const Choice& choice : decision.cases) choices.push_back(&choice);
  if (decision.otherwise) choices.push_back(&*decision.otherwise);
  return targets_of(choices);
}

// `from` and all that depends on them, sorted.
std::vector<TaskNumber> reachable(const workflow::Definition& definition,
                                  std::vector<TaskNumber> from) {
  std::vector<TaskNumber> reached = from;
  for (std::size_t next = 0; next < from.size(); ++next) {
    for (TaskNumber dependent : definition.tasks[from[next]].dependents) {
      auto place = std::lower_bound(reached.begin(), reached.end(), dependent);
      if (place != reached.end() && *place == dependent) continue;
      reached.insert(place, dependent);
      from.push_back(dependent);
    }
  }
  return reached;
}

SharedJson names_of(const std::vector<const Choice*>& chosen) {
  JsonArray names;
  for (const Choice* choice : chosen) names.emplace_back(json_view(choice->name));
  return share(JsonObject{{"chosen", std::move(names)}});
}

// What an output `{chosen: [names]}` names, whoever gave it; another output chooses nothing.
std::vector<const Choice*> chosen_by(const workflow::Decision& decision, const SharedJson& output) {
  std::vector<const Choice*> chosen;
  const Json* names = output ? find_pointer(*output, "/chosen") : nullptr;
  if (names == nullptr || !names->is_array()) return chosen;
  auto has = [names](const Choice& choice) {
    const JsonArray& list = names->get_array();
    return std::any_of(list.begin(), list.end(), [&](const Json& name) {
      return name.is_string() && text_view(name.get_string()) == choice.name;
    });
  };
  for (const Choice& choice : decision.cases) {
    if (has(choice)) chosen.push_back(&choice);
  }
  if (decision.otherwise && has(*decision.otherwise)) chosen.push_back(&*decision.otherwise);
  return chosen;
}

}  // namespace

void choose(Draft& draft, TaskRef ref) {
  auto chosen = choose_cases(draft, ref);
  if (!chosen.ok()) return attempt_failed(draft, ref, std::move(chosen).error(), false);
  attempt_succeeded(draft, ref, 1, names_of(*chosen));
}

void skip_unchosen(Draft& draft, TaskRef ref) {
  const TaskState& state = draft.task_state(ref);
  bool went_on = state.status == TaskStatus::completed || state.failure_continued;
  if (draft.task(ref).type != workflow::TaskType::decision || !went_on) return;
  if (draft.state().status != RunStatus::running) return;
  const auto& decision = draft.task(ref).as<workflow::Decision>();
  auto kept = reachable(draft.definition(), targets_of(chosen_by(decision, state.output)));
  for (TaskNumber target : all_targets(decision)) {
    TaskRef other{.scope = ref.scope, .task = target};
    if (std::binary_search(kept.begin(), kept.end(), target)) continue;
    if (draft.task_state(other).status != TaskStatus::pending) continue;
    draft.emit(TaskSkipped{
        .task = other, .reason = "the decision '" + draft.task(ref).id + "' did not choose it"});
  }
}

}  // namespace harmonia::execution
