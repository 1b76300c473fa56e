#include "scenario/simulated_ports.h"

namespace harmonia::scenario {
namespace {

// `a[3]/b` as `a[*]/b`.
std::string with_stars(std::string_view path) {
  std::string pattern;
  while (!path.empty()) {
    auto open = path.find('[');
    auto close = path.find(']', open);
    if (close == std::string_view::npos) break;
    pattern.append(path.substr(0, open)).append("[*]");
    path.remove_prefix(close + 1);
  }
  return pattern.append(path);
}

}  // namespace

const std::vector<ScriptedOutcome>* ScriptedDispatcher::find_script(
    const std::string& task_path) const {
  std::string_view path = task_path;
  std::string pattern = with_stars(path);
  std::string_view last = path.substr(path.rfind('/') + 1);
  for (std::string_view name : {path, std::string_view(pattern), last}) {
    if (auto found = scripts_.find(name); found != scripts_.end()) return &found->second;
  }
  return nullptr;
}

void ScriptedDispatcher::forget_pending() {
  pending_.clear();
  if (keeps_times_) return;
  for (auto& [_, begin] : begins_) begin.at.reset();
}

void ScriptedDispatcher::dispatch(engine::Assignment assignment) {
  Begin first{.order = begins_.size(), .at = clock_.now()};
  auto [place, is_new] = begins_.try_emplace(assignment.key, first);
  bool is_again = !place->second.at.has_value();
  if (is_again) place->second.at = clock_.now();
  if (is_new || is_again) {
    new_effects_.push_back(assignment.task_path + "#" + std::to_string(assignment.key.attempt) +
                           " " + assignment.component +
                           (assignment.action.empty() ? "" : "." + assignment.action) +
                           (is_again ? " again" : ""));
  }
  ScriptedOutcome outcome;
  outcome.output = *assignment.input;
  // Attempts beyond the script do as its last line says; tasks without a script echo their input.
  if (const auto* script = find_script(assignment.task_path)) {
    std::size_t index = std::min<std::size_t>(assignment.key.attempt, script->size()) - 1;
    outcome = (*script)[index];
  }
  if (outcome.kind == ScriptedOutcome::Kind::hang) return;
  pending_[assignment.key] = {.finishes_at = *place->second.at + outcome.after,
                              .order = place->second.order,
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
