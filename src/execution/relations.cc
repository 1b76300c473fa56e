#include "execution/relations.h"

#include "execution/activation.h"
#include "execution/composite.h"
#include "execution/task_keys.h"
#include "execution/task_steps.h"

namespace harmonia::execution {
namespace {

using workflow::Subworkflow;
using workflow::Task;

Result<std::string> as_key(const Json& value, std::string_view field) {
  if (value.is_string()) return std::string(text_view(value.get_string()));
  if (value.is_number() || value.is_bool()) return to_text(value);
  return make_error(error_code::expression,
                    std::string(field) + ": expected text, found " + to_text(value));
}

// The key of the lock a task needs; empty: none. Keys of critical sections are shared between all
// workflows, those of tasks between the runs of one.
Result<std::string> lock_key(const Draft& draft, TaskRef ref) {
  const Task& task = draft.task(ref);
  if (const auto* critical = std::get_if<workflow::Critical>(&task.structure)) {
    TRY(Json value, render_field(draft, ref, *critical->key, "key"));
    TRY(std::string key, as_key(value, "key"));
    return "critical/" + key;
  }
  if (!task.concurrency) return std::string();
  TRY(Json value, render_field(draft, ref, task.concurrency->key, "concurrency/key"));
  TRY(std::string key, as_key(value, "concurrency/key"));
  return "task/" + to_string(draft.state().workflow) + "/" +
         place_of(draft.definition(), ref.task) + "/" + key;
}

// The id of a child follows from its parent: starting it twice is starting it once. The number of
// the scope tells a body that is tried again from the one before, whose tasks have the same paths.
ExecutionId child_id(const Draft& draft, TaskRef ref, std::uint32_t attempt) {
  std::string seed = to_string(draft.state().id) + "/" +
                     path_of(draft.definition(), draft.state(), ref) + "#" +
                     std::to_string(attempt);
  if (ref.scope != root_scope) seed += "@" + std::to_string(ref.scope);
  return {uuid_from_text(seed)};
}

Result<Json> child_input(const Draft& draft, TaskRef ref, std::uint32_t attempt) {
  const Task& task = draft.task(ref);
  const auto& sub = task.as<Subworkflow>();
  std::uint32_t depth = draft.state().parent ? draft.state().parent->depth + 1 : 1;
  if (depth > sub.max_depth) {
    return make_error(error_code::depth_limit, "this would be a subworkflow of depth " +
                                                   std::to_string(depth) + ", and max_depth is " +
                                                   std::to_string(sub.max_depth));
  }
  JsonObject input;
  TRY(Json name, render_field(draft, ref, *sub.workflow, "workflow"));
  if (!name.is_string()) {
    return make_error(error_code::expression,
                      "workflow: expected a name or an id, found " + to_text(name));
  }
  input["workflow"] = std::move(name);
  if (sub.version) {
    TRY(input["version"], render_field(draft, ref, *sub.version, "version"));
  }
  TRY(SharedJson given, evaluate_input(draft, ref));
  input["input"] = *given;
  input["depth"] = std::int64_t{depth};
  if (sub.detached) input["detached"] = true;
  input["execution"] = to_string(child_id(draft, ref, attempt));
  return Json(std::move(input));
}

}  // namespace

bool ask_for_lock(Draft& draft, TaskRef ref, std::uint32_t attempt) {
  auto key = lock_key(draft, ref);
  if (!key.ok()) {
    attempt_failed(draft, ref, std::move(key).error(), false);
    return true;
  }
  if (key->empty()) return false;
  draft.emit(TaskAwaiting{.task = ref,
                          .attempt = attempt,
                          .waits_for = WaitsFor::lock,
                          .input = share(JsonObject{{"key", *key}})});
  return true;
}

void begin_locked(Draft& draft, TaskRef ref, std::uint32_t attempt) {
  if (holds_scopes(draft.task(ref).type)) return begin_composite(draft, ref, attempt);
  begin_work(draft, ref, attempt);
}

void begin_subworkflow(Draft& draft, TaskRef ref, std::uint32_t attempt) {
  auto input = child_input(draft, ref, attempt);
  if (!input.ok()) return attempt_failed(draft, ref, std::move(input).error(), false);
  std::optional<Timestamp> deadline;
  if (draft.task(ref).timeout) deadline = draft.now() + *draft.task(ref).timeout;
  draft.emit(TaskAwaiting{.task = ref,
                          .attempt = attempt,
                          .waits_for = WaitsFor::child,
                          .input = share(std::move(*input)),
                          .deadline = deadline});
}

Result<bool> ask_for_turn(Draft& draft) {
  const auto& concurrency = draft.definition().concurrency;
  if (!concurrency) return false;
  ScopeActivation activation(draft, root_scope);
  auto value = expr::render(concurrency->key, activation);
  if (!value.ok()) return in_field("concurrency/key", std::move(value).error());
  TRY(std::string key, as_key(*value, "concurrency/key"));
  draft.emit(ExecutionQueued{.key = "run/" + to_string(draft.state().workflow) + "/" + key,
                             .limit = concurrency->limit,
                             .policy = concurrency->policy});
  return true;
}

}  // namespace harmonia::execution
