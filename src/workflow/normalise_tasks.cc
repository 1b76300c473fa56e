#include "workflow/condition.h"
#include "workflow/normalise_context.h"

namespace harmonia::workflow {
namespace {

bool is_retry_field(std::string_view name) { return fields::contains(fields::retry_policy, name); }
bool is_clause_field(std::string_view name) { return fields::contains(fields::catch_clause, name); }
bool is_join_field(std::string_view name) { return name == "at_least"; }

// `metadata.condition` as `when`.
void translate_condition_field(NormaliseContext& context, FieldSet& task) {
  Json* metadata = task.find("metadata");
  if (metadata == nullptr || !metadata->is_object()) return;
  JsonObject& object = metadata->get_object();
  auto found = object.find("condition");
  if (found == object.end()) return;
  std::string original = child_pointer(original_of(context, task, "metadata"), "condition");
  if (task.has("when")) {
    context.findings.error_at_key(
        original, "'metadata.condition' and 'when' mean the same and are both given",
        "keep `when`");
    return;
  }
  if (!found->value().is_string()) translate_operands(context, found->value(), original);
  auto when = translate_condition(found->value());
  object.stable_erase(found);
  if (!when.ok()) {
    context.findings.error(original, when.error().detail, "write it as `when`, in CEL");
  } else {
    task.put("when", json_view(*when));
    context.out.pointers.note(child_pointer(task.canonical, "when"), original);
    context.tell("`metadata.condition` became `when`");
  }
}

TasksPlace inner_place(const TasksPlace& outer, std::string_view name) {
  return {.canonical = child_pointer(outer.canonical, name),
          .original = child_pointer(outer.original, name)};
}

// A member that is an object with names of its own.
void rename_nested(NormaliseContext& context, Json* value, const TasksPlace& place,
                   bool (*is_known)(std::string_view)) {
  if (value == nullptr || !value->is_object()) return;
  FieldSet nested{.fields = {}, .canonical = place.canonical, .original = place.original};
  FieldSet renamed = rename_fields(context, value->get_object(), std::move(nested), is_known);
  *value = std::move(renamed.fields);
}

// A member that holds a map of tasks.
void normalise_body(NormaliseContext& context, Json& tasks, const TasksPlace& place) {
  if (!tasks.is_object() && !tasks.is_array()) return;
  context.out.pointers.note(place.canonical, place.original);
  Json normal = normalise_tasks(context, tasks, place);
  tasks = std::move(normal);
}

void normalise_clause(NormaliseContext& context, Json& clause, const TasksPlace& place) {
  if (!clause.is_object()) return;
  rename_nested(context, &clause, place, is_clause_field);
  JsonObject& fields = clause.get_object();
  rename_nested(context, fields.if_contains("retry"), inner_place(place, "retry"), is_retry_field);
  if (Json* tasks = fields.if_contains("do"))
    normalise_body(context, *tasks, inner_place(place, "do"));
}

void normalise_catch(NormaliseContext& context, Json& clauses, const TasksPlace& place) {
  if (!clauses.is_array()) return normalise_clause(context, clauses, place);
  std::size_t index = 0;
  for (Json& clause : clauses.get_array())
    normalise_clause(context, clause, inner_place(place, std::to_string(index++)));
}

void normalise_branches(NormaliseContext& context, Json& branches, const TasksPlace& place) {
  if (!branches.is_object()) return;
  for (auto& branch : branches.get_object())
    normalise_body(context, branch.value(), inner_place(place, text_view(branch.key())));
}

// The tasks within a task.
void normalise_inner_tasks(NormaliseContext& context, FieldSet& task) {
  for (auto& member : task.fields) {
    std::string_view field = text_view(member.key());
    TasksPlace place{.canonical = child_pointer(task.canonical, field),
                     .original = original_of(context, task, field)};
    if (field == "do" || field == "finally") {
      normalise_body(context, member.value(), place);
    } else if (field == "branches") {
      normalise_branches(context, member.value(), place);
    } else if (field == "catch") {
      normalise_catch(context, member.value(), place);
    } else if (field == "compensate" && member.value().is_object()) {
      TaskPlace at{.id = "compensate", .canonical = place.canonical, .original = place.original};
      FieldSet undo = normalise_task(context, member.value().get_object(), at);
      member.value() = std::move(undo.fields);
    }
  }
}

Json normalise_map(NormaliseContext& context, const JsonObject& tasks, const TasksPlace& at) {
  JsonObject map;
  NameMap ids;
  for (const auto& [key, value] : tasks) {
    std::string id(text_view(key));
    ids.emplace(id, id);
    TaskPlace place{.id = id,
                    .canonical = child_pointer(at.canonical, id),
                    .original = child_pointer(at.original, id)};
    if (!value.is_object()) {
      map.emplace(key, value);
      continue;
    }
    FieldSet task = normalise_task(context, value.get_object(), place);
    // The Python form repeats the key; a different id is for the check to refuse.
    if (get_string(task.fields, "id") == place.id) task.erase("id");
    map.emplace(key, std::move(task.fields));
  }
  if (context.is(Dialect::graph)) invert_edges(context, map, at, ids);
  return map;
}

}  // namespace

bool is_task_field(std::string_view name) {
  constexpr auto times = std::to_array<std::string_view>(
      {"timeout_ms", "timeout_seconds", "timeout_minutes", "timeout_hours"});
  return fields::contains(fields::task, name) || fields::contains(times, name);
}

FieldSet normalise_task(NormaliseContext& context, const JsonObject& source,
                        const TaskPlace& place) {
  FieldSet task{.fields = {}, .canonical = place.canonical, .original = place.original};
  context.out.pointers.note(task.canonical, task.original);
  task = rename_fields(context, source, std::move(task), is_task_field);
  auto place_of = [&](std::string_view field) {
    return TasksPlace{.canonical = child_pointer(task.canonical, field),
                      .original = original_of(context, task, field)};
  };
  rename_nested(context, task.find("retry_policy"), place_of("retry_policy"), is_retry_field);
  rename_nested(context, task.find("join"), place_of("join"), is_join_field);
  translate_time_fields(context, task);
  if (task.has("params")) {
    move_field(context, task, "params", "input");
    context.tell("`params` of tasks became `input`");
  }
  if (context.is(Dialect::graph)) translate_graph_fields(context, task);
  if (context.is(Dialect::ui)) translate_ui_fields(context, task, place.id);
  translate_condition_field(context, task);
  normalise_inner_tasks(context, task);
  return task;
}

Json normalise_tasks(NormaliseContext& context, const Json& tasks, const TasksPlace& place) {
  if (tasks.is_array()) return normalise_list(context, tasks.get_array(), place);
  if (tasks.is_object()) return normalise_map(context, tasks.get_object(), place);
  return tasks;
}

}  // namespace harmonia::workflow
