#include "tests/simulation/results.h"

#include <algorithm>

namespace harmonia::simulation {
namespace {

using execution::ScopeOutcome;

bool is_last(const BodySpec& body, std::size_t position) {
  return std::none_of(body.tasks.begin(), body.tasks.end(), [&](const TaskSpec& other) {
    const auto& before = other.predecessors;
    return std::find(before.begin(), before.end(), position) != before.end();
  });
}

// The outputs of the last tasks by id; none when one of them is not known.
std::optional<Json> outputs_of_last(const ScopeRecord& scope) {
  JsonObject outputs;
  for (std::size_t i = 0; i < scope.tasks.size(); ++i) {
    const TaskRecord& task = scope.tasks[i];
    if (task.standing != Standing::completed || !is_last(*scope.body, i)) continue;
    if (!task.output) return std::nullopt;
    outputs[task.spec->id] = *task.output;
  }
  return Json(std::move(outputs));
}

Json failed_item(const Error& error) {
  return JsonObject{{"error", JsonObject{{"code", error.code}, {"message", error.detail}}}};
}

}  // namespace

std::optional<Json> result_of_body(const ScopeRecord& scope) {
  std::vector<std::size_t> last;
  for (std::size_t i = 0; i < scope.tasks.size(); ++i) {
    if (is_last(*scope.body, i)) last.push_back(i);
  }
  if (last.size() != 1) return outputs_of_last(scope);
  const TaskRecord& task = scope.tasks[last.front()];
  if (task.standing != Standing::completed) return Json(nullptr);
  if (!task.output) return std::nullopt;
  return *task.output;
}

std::vector<const ScopeRecord*> work_of(const RunRecord& run, const TaskRecord& task) {
  std::vector<const ScopeRecord*> scopes;
  for (const auto& [_, scope] : run.scopes) {
    if (scope.owner == task.ref && scope.body->role == workflow::BodyRole::work &&
        scope.attempt == task.attempt)
      scopes.push_back(&scope);
  }
  return scopes;
}

std::optional<std::size_t> total_of(const TaskRecord& task) {
  const JsonObject& json = *task.spec->json;
  if (!task.input) return std::nullopt;
  if (task.spec->type == "map" && task.input->is_array()) {
    auto batch = static_cast<std::size_t>(task.spec->number_of("batch_size", 1));
    return (task.input->get_array().size() + batch - 1) / batch;
  }
  if (task.spec->type != "loop") return std::nullopt;
  if (json.contains("for_each") && task.input->is_array()) return task.input->get_array().size();
  if (const Json* times = json.if_contains("times"); times != nullptr && times->is_number())
    return times->to_number<std::size_t>();
  return std::nullopt;
}

std::optional<Json> result_of_holder(const RunRecord& run, const TaskRecord& task) {
  auto scopes = work_of(run, task);
  const std::string& type = task.spec->type;
  if (type == "parallel") {
    JsonObject outputs;
    std::size_t index = 0;
    for (const auto& [name, _] : task.spec->json->at("branches").get_object()) {
      const ScopeRecord* scope = index < scopes.size() ? scopes[index] : nullptr;
      ++index;
      if (scope != nullptr && scope->outcome == ScopeOutcome::completed && scope->output)
        outputs[name] = *scope->output;
    }
    return Json(std::move(outputs));
  }
  if (type == "map") {
    JsonArray list;
    for (const ScopeRecord* scope : scopes) {
      if (scope->outcome == ScopeOutcome::completed && scope->output) {
        list.push_back(*scope->output);
      } else {
        if (!scope->close_error) return std::nullopt;
        list.push_back(failed_item(*scope->close_error));
      }
    }
    return Json(std::move(list));
  }
  SharedJson last;
  std::int64_t completed = 0;
  JsonArray results;
  for (const ScopeRecord* scope : scopes) {
    if (scope->outcome != ScopeOutcome::completed) continue;
    ++completed;
    last = scope->output;
    results.push_back(last ? *last : Json(nullptr));
  }
  Json given = last ? *last : Json(nullptr);
  if (type != "loop") return given;
  JsonObject output{{"iterations", completed}, {"last", std::move(given)}};
  if (task.spec->json->contains("collect")) output["results"] = std::move(results);
  return Json(std::move(output));
}

std::optional<Json> result_of_run(const RunRecord& run) {
  return outputs_of_last(*run.find_scope(execution::root_scope));
}

}  // namespace harmonia::simulation
