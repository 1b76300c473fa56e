#include "execution/activation.h"

namespace harmonia::execution {
namespace {

using Member = expr::LazyObject::Member;

Member computed(Json value) {
  return {.json = nullptr, .object = nullptr, .computed = std::move(value)};
}
Member borrowed(const Json& value) {
  return {.json = &value, .object = nullptr, .computed = std::nullopt};
}

std::optional<Member> borrowed(const SharedJson& value) {
  if (!value) return std::nullopt;
  return borrowed(*value);
}

std::optional<Member> time_member(const std::optional<Timestamp>& time) {
  if (!time) return std::nullopt;
  return computed(Json(to_rfc3339(*time)));
}

Json error_json(const Error& error) {
  return JsonObject{{"code", error.code}, {"message", error.detail}, {"task", error.instance}};
}

Json text_json(std::string_view text) { return Json(json_view(text)); }

}  // namespace

std::optional<Member> ScopeActivation::TaskObject::member(std::string_view name) const {
  if (name == "output") return borrowed(state_.output);
  if (name == "status") return computed(text_json(to_string(state_.status)));
  if (name == "attempt") return computed(Json(std::int64_t{state_.attempt}));
  if (name == "started_at") return time_member(state_.started_at);
  if (name == "ended_at") return time_member(state_.ended_at);
  if (name == "error") {
    if (!state_.error) return std::nullopt;
    return computed(error_json(*state_.error));
  }
  if (!state_.output || !state_.output->is_object()) return std::nullopt;
  const Json* field = state_.output->get_object().if_contains(json_view(name));
  if (field == nullptr) return std::nullopt;
  return borrowed(*field);
}

std::vector<std::string> ScopeActivation::TaskObject::names() const {
  std::vector<std::string> names = {"status", "attempt"};
  if (state_.output) names.emplace_back("output");
  if (state_.error) names.emplace_back("error");
  if (state_.started_at) names.emplace_back("started_at");
  if (state_.ended_at) names.emplace_back("ended_at");
  return names;
}

std::optional<Member> ScopeActivation::TasksObject::member(std::string_view name) const {
  const Draft& draft = activation_.draft_;
  const Scope& scope = draft.state().scope(activation_.scope_);
  auto number = draft.definition().find_task(scope.body, name);
  if (!number) return std::nullopt;
  TaskRef ref{.scope = activation_.scope_, .task = *number};
  return Member{.json = nullptr,
                .object = &objects_.emplace_back(draft.task_state(ref)),
                .computed = std::nullopt};
}

std::vector<std::string> ScopeActivation::TasksObject::names() const {
  const auto& definition = activation_.draft_.definition();
  std::vector<std::string> names;
  for (auto number :
       definition.bodies[activation_.draft_.state().scope(activation_.scope_).body].tasks) {
    names.push_back(definition.tasks[number].id);
  }
  return names;
}

std::optional<Member> ScopeActivation::root(std::string_view name) const {
  const State& state = draft_.state();
  const auto& definition = draft_.definition();
  if (name == "input") return borrowed(state.input);
  if (name == "tasks") return Member{.json = nullptr, .object = &tasks_, .computed = std::nullopt};
  if (name == "context") return borrowed(state.context);
  if (name == "env") return borrowed(state.env);
  if (name == "params" || name == "param") return computed(JsonObject{});
  if (name == "workflow") {
    return computed(JsonObject{{"id", to_string(state.workflow)},
                               {"name", definition.name},
                               {"version", definition.version},
                               {"revision", std::int64_t{state.revision}}});
  }
  if (name == "execution") {
    return computed(
        JsonObject{{"id", to_string(state.id)}, {"started_at", to_rfc3339(state.created_at)}});
  }
  if (name == "error") {
    const auto& failure = state.scope(scope_).failure;
    if (!failure) return std::nullopt;
    return computed(error_json(*failure));
  }
  if (name == "result" && result_ != nullptr) return borrowed(*result_);
  return std::nullopt;
}

}  // namespace harmonia::execution
