#include "execution/activation.h"

#include <algorithm>

#include "execution/token.h"

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

std::optional<Member> ScopeActivation::KeptTaskObject::member(std::string_view name) const {
  if (const Json* field = task_.if_contains(json_view(name))) return borrowed(*field);
  const Json* output = task_.if_contains("output");
  if (output == nullptr || !output->is_object()) return std::nullopt;
  const Json* field = output->get_object().if_contains(json_view(name));
  if (field == nullptr) return std::nullopt;
  return borrowed(*field);
}

std::vector<std::string> ScopeActivation::KeptTaskObject::names() const {
  std::vector<std::string> names;
  for (const auto& member : task_) names.emplace_back(text_view(member.key()));
  return names;
}

namespace {

// A member of what was kept for the compensation that runs in this scope.
const Json* kept_for(const Scope& scope, std::string_view kind, std::string_view name) {
  if (!scope.undoes || !scope.undoes->view) return nullptr;
  const Json* all = scope.undoes->view->get_object().if_contains(json_view(kind));
  return all == nullptr ? nullptr : all->get_object().if_contains(json_view(name));
}

}  // namespace

// The task of this name that is nearest: in the scope itself, else in one around it.
std::optional<Member> ScopeActivation::TasksObject::member(std::string_view name) const {
  const State& state = activation_.state_;
  const auto& definition = activation_.definition_;
  for (std::optional<ScopeId> at = activation_.scope_; at;) {
    const Scope& scope = state.scope(*at);
    if (auto number = definition.find_task(scope.body, name)) {
      TaskRef ref{.scope = *at, .task = *number};
      return Member{.json = nullptr,
                    .object = &objects_.emplace_back(state.task(definition, ref)),
                    .computed = std::nullopt};
    }
    if (const Json* kept = kept_for(scope, "tasks", name)) {
      return Member{.json = nullptr,
                    .object = &kept_.emplace_back(kept->get_object()),
                    .computed = std::nullopt};
    }
    at = scope.parent;
  }
  return std::nullopt;
}

std::vector<std::string> ScopeActivation::TasksObject::names() const {
  const State& state = activation_.state_;
  const auto& definition = activation_.definition_;
  std::vector<std::string> names;
  for (std::optional<ScopeId> at = activation_.scope_; at;) {
    const Scope& scope = state.scope(*at);
    for (auto number : definition.bodies[scope.body].tasks)
      names.push_back(definition.tasks[number].id);
    at = scope.parent;
  }
  return names;
}

namespace {

Member loop_member(std::uint32_t index, const SharedJson& last) {
  return computed(JsonObject{{"index", std::int64_t{index}},
                             {"iteration", std::int64_t{index} + 1},
                             {"last", last ? *last : Json(nullptr)}});
}

// Items of a batch are a slice of the list.
Member item_member(const workflow::Task& owner, const Json& items, std::uint32_t index) {
  const JsonArray& list = items.get_array();
  const auto* map = std::get_if<workflow::Map>(&owner.structure);
  if (map == nullptr || map->batch_size == 0) return borrowed(list[index]);
  std::size_t first = std::size_t{index} * map->batch_size;
  std::size_t end = std::min(first + map->batch_size, list.size());
  JsonArray batch;
  for (std::size_t i = first; i < end; ++i) batch.push_back(list[i]);
  return computed(std::move(batch));
}

std::string_view item_name(const workflow::Task& owner) {
  if (const auto* map = std::get_if<workflow::Map>(&owner.structure)) return map->as;
  if (const auto* loop = std::get_if<workflow::Loop>(&owner.structure)) return loop->as;
  return {};
}

}  // namespace

// What the task around a scope adds: its item, its count, the error it handles.
std::optional<Member> ScopeActivation::root_of_owner(const Scope& scope,
                                                     std::string_view name) const {
  const auto& owner = definition_.tasks[scope.owner->task];
  const TaskState& state = state_.task(definition_, *scope.owner);
  auto role = definition_.bodies[scope.body].role;
  if (role != workflow::BodyRole::work) {
    if (!state.progress || !state.progress->caught) return std::nullopt;
    bool handles = role == workflow::BodyRole::handler;
    bool named = handles && owner.catches[state.progress->clause].as == name;
    if (name == "error" || named) return computed(error_json(*state.progress->caught));
    return std::nullopt;
  }
  if (name == "loop" && owner.type == workflow::TaskType::loop)
    return loop_member(scope.index, state.progress->last);
  bool has_items = state.input && state.input->is_array();
  if (!has_items) return std::nullopt;
  if (name == "index") return computed(Json(std::int64_t{scope.index}));
  if (name == "item" || name == item_name(owner))
    return item_member(owner, *state.input, scope.index);
  return std::nullopt;
}

std::optional<Member> ScopeActivation::root_of_scope(const Scope& scope,
                                                     std::string_view name) const {
  if (scope.owner) {
    if (auto found = root_of_owner(scope, name)) return found;
  }
  if (name == "error" && scope.failure) return computed(error_json(*scope.failure));
  return std::nullopt;
}

// Names that depend on the place, from the inside out.
std::optional<Member> ScopeActivation::outer_root(std::string_view name) const {
  for (std::optional<ScopeId> at = scope_; at;) {
    const Scope& scope = state_.scope(*at);
    if (auto found = root_of_scope(scope, name)) return found;
    if (const Json* kept = kept_for(scope, "roots", name)) return borrowed(*kept);
    at = scope.parent;
  }
  return std::nullopt;
}

namespace {

Json json_of(const Member& member) {
  if (member.json != nullptr) return *member.json;
  if (member.computed) return *member.computed;
  JsonObject object;
  for (const std::string& name : member.object->names()) {
    if (auto inner = member.object->member(name)) object[json_view(name)] = json_of(*inner);
  }
  return object;
}

}  // namespace

SharedJson ScopeActivation::view_for(const workflow::UndoView& wanted) const {
  JsonObject view;
  JsonObject tasks;
  for (const std::string& id : wanted.tasks) {
    if (auto task = tasks_.member(id)) tasks[json_view(id)] = json_of(*task);
  }
  if (!tasks.empty()) view["tasks"] = std::move(tasks);
  JsonObject roots;
  for (const std::string& name : wanted.roots) {
    if (auto found = outer_root(name)) roots[json_view(name)] = json_of(*found);
  }
  if (!roots.empty()) view["roots"] = std::move(roots);
  return view.empty() ? nullptr : share(std::move(view));
}

std::optional<Member> ScopeActivation::callback() const {
  if (!task_) return std::nullopt;
  return computed(JsonObject{{"url", callback_url(definition_, state_, *task_)}});
}

std::optional<Member> ScopeActivation::root(std::string_view name) const {
  const State& state = state_;
  const auto& definition = definition_;
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
  if (name == "result" && result_ != nullptr) return borrowed(*result_);
  if (name == "event" && event_ != nullptr) return borrowed(*event_);
  if (name == "callback") return callback();
  bool is_error = name == "error" || (!error_name_.empty() && name == error_name_);
  if (is_error && error_ != nullptr) return computed(error_json(*error_));
  if (name == "loop" && loop_) {
    const auto& progress = state_.task(definition_, *loop_).progress;
    return loop_member(progress->opened, progress->last);
  }
  return outer_root(name);
}

}  // namespace harmonia::execution
