#include "execution/task_keys.h"

#include "execution/activation.h"

namespace harmonia::execution {
namespace {

Result<std::string> evaluate(const workflow::Definition& definition, const State& state,
                             TaskRef ref, const expr::Template& key) {
  ScopeActivation activation(definition, state, ref.scope);
  TRY(Json value, expr::render(key, activation));
  return value.is_string() ? std::string(text_view(value.get_string())) : to_text(value);
}

std::string prefix_of(const workflow::Definition& definition, const State& state, TaskRef ref) {
  return to_string(state.workflow) + "/" + place_of(definition, ref.task) + "/";
}

}  // namespace

std::string place_of(const workflow::Definition& definition, workflow::TaskNumber number) {
  const auto& task = definition.tasks[number];
  const auto& body = definition.bodies[task.body];
  std::string outer = body.owner ? place_of(definition, *body.owner) : std::string();
  outer += body.label;
  if (outer.empty()) return task.id;
  return outer + (body.role == workflow::BodyRole::undo ? "." : "/") + task.id;
}

Result<std::string> rate_limit_key(const workflow::Definition& definition, const State& state,
                                   TaskRef ref) {
  const auto& limit = definition.tasks[ref.task].rate_limit;
  ASSERT(limit.has_value());
  std::string key = prefix_of(definition, state, ref);
  if (!limit->key) return key;
  TRY(std::string own, evaluate(definition, state, ref, *limit->key));
  return key + own;
}

Result<std::string> cache_key(const workflow::Definition& definition, const State& state,
                              TaskRef ref) {
  const auto& cache = definition.tasks[ref.task].cache;
  ASSERT(cache.has_value());
  TRY(std::string own, evaluate(definition, state, ref, cache->key));
  return prefix_of(definition, state, ref) + own;
}

}  // namespace harmonia::execution
