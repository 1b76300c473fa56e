#include "scenario/simulated_ports.h"

namespace harmonia::scenario {

void ScriptedDispatcher::dispatch(engine::Assignment assignment) {
  auto [place, is_new] = order_.try_emplace(assignment.key, order_.size());
  if (is_new) {
    new_effects_.push_back(assignment.task_path + "#" + std::to_string(assignment.key.attempt) +
                           " " + assignment.component +
                           (assignment.action.empty() ? "" : "." + assignment.action));
  }
  ScriptedOutcome outcome;
  outcome.output = *assignment.input;
  // Attempts beyond the script do as its last line says; tasks without a script echo their input.
  if (auto script = scripts_.find(assignment.task_path);
      script != scripts_.end() && !script->second.empty()) {
    std::size_t index = std::min<std::size_t>(assignment.key.attempt, script->second.size()) - 1;
    outcome = script->second[index];
  }
  if (outcome.kind == ScriptedOutcome::Kind::hang) return;
  pending_[assignment.key] = {.finishes_at = clock_.now() + outcome.after,
                              .order = place->second,
                              .outcome = std::move(outcome)};
}

std::optional<ScriptedDispatcher::Finished> ScriptedDispatcher::take_finished() {
  auto best = pending_.end();
  for (auto it = pending_.begin(); it != pending_.end(); ++it) {
    if (it->second.finishes_at > clock_.now()) continue;
    auto rank = [](const Pending& pending) {
      return std::pair(pending.finishes_at, pending.order);
    };
    if (best == pending_.end() || rank(it->second) < rank(best->second)) best = it;
  }
  if (best == pending_.end()) return std::nullopt;
  Finished finished{.key = best->first, .outcome = std::move(best->second.outcome)};
  pending_.erase(best);
  return finished;
}

std::optional<Timestamp> ScriptedDispatcher::next_finish() const {
  std::optional<Timestamp> next;
  for (const auto& [_, pending] : pending_) {
    if (!next || pending.finishes_at < *next) next = pending.finishes_at;
  }
  return next;
}

}  // namespace harmonia::scenario
