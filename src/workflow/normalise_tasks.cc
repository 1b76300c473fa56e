#include <map>

#include "workflow/condition.h"
#include "workflow/normalise_context.h"

namespace harmonia::workflow {
namespace {

bool is_task_field(std::string_view name) { return fields::contains(fields::task, name); }

bool is_retry_field(std::string_view name) { return fields::contains(fields::retry_policy, name); }
bool is_join_field(std::string_view name) { return name == "at_least"; }

bool is_id_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

// "Fetch data" -> fetch_data.
std::string id_from_name(std::string_view name) {
  std::string id;
  for (char c : name) {
    if (!is_id_char(c)) {
      if (!id.empty() && id.back() != '_') id += '_';
    } else {
      id += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
  }
  while (!id.empty() && id.back() == '_') id.pop_back();
  bool bad_start = id.empty() || !(id[0] == '_' || (id[0] >= 'a' && id[0] <= 'z'));
  return bad_start ? "task_" + id : id;
}

bool is_valid_id(std::string_view id) {
  bool letters = std::all_of(id.begin(), id.end(), is_id_char);
  return letters && !id.empty() && !(id[0] >= '0' && id[0] <= '9') && id[0] != '-';
}

// Translates every string of a value; findings have the original's pointers.
void translate_strings(NormaliseContext& context, Json& value, const std::string& original) {
  if (value.is_object()) {
    for (auto& member : value.get_object()) {
      translate_strings(context, member.value(), child_pointer(original, text_view(member.key())));
    }
  } else if (value.is_array()) {
    std::size_t index = 0;
    for (Json& item : value.get_array()) {
      translate_strings(context, item, child_pointer(original, std::to_string(index++)));
    }
  } else if (value.is_string()) {
    auto translated = translate_placeholders(text_view(value.get_string()), context.names);
    if (!translated.ok()) {
      context.findings.error(original, translated.error().detail,
                             "known are {{ x }}, {{ task.output.y }} and {{ x | default(80) }}");
    } else if (*translated) {
      value = json_view(**translated);
      context.tell("`{{ ... }}` became `${...}`");
    }
  }
}

// "a, b" -> ["a", "b"].
void split_dependencies(NormaliseContext& context, FieldSet& task) {
  const Json* value = task.find("depends_on");
  if (value == nullptr || !value->is_string()) return;
  JsonArray names;
  std::string_view rest = text_view(value->get_string());
  while (!rest.empty()) {
    std::size_t comma = std::min(rest.find(','), rest.size());
    std::string_view name = rest.substr(0, comma);
    while (name.starts_with(' ')) name.remove_prefix(1);
    while (name.ends_with(' ')) name.remove_suffix(1);
    if (!name.empty()) names.emplace_back(json_view(name));
    rest.remove_prefix(std::min(comma + 1, rest.size()));
  }
  task.fields["depends_on"] = std::move(names);
  context.tell("`dependencies` given as one text were split at the commas");
}

void translate_hours(NormaliseContext& context, FieldSet& task) {
  const Json* hours = task.find("hours");
  if (hours == nullptr) return;
  if (!hours->is_number()) {
    context.findings.error(original_of(context, task, "hours"), "hours must be a number");
    task.fields.erase("hours");
    return;
  }
  constexpr std::int64_t seconds_per_hour = 3600;
  constexpr std::int64_t hours_max = 1'000'000'000;
  bool whole = hours->is_int64() && hours->get_int64() >= 0 && hours->get_int64() <= hours_max;
  Json seconds = whole ? Json(hours->get_int64() * seconds_per_hour)
                       : Json(hours->to_number<double>() * static_cast<double>(seconds_per_hour));
  task.fields["hours"] = std::move(seconds);
  move_field(context, task, "hours", "timeout");
  context.tell("`hours` became `timeout` in seconds");
}

void translate_template_fields(NormaliseContext& context, FieldSet& task, const std::string& id) {
  if (task.has("dependencies")) {
    move_field(context, task, "dependencies", "depends_on");
    split_dependencies(context, task);
    context.tell("`dependencies` became `depends_on`");
  }
  if (task.has("parameters")) {
    move_field(context, task, "parameters", "input");
    context.tell("`parameters` of tasks became `input`");
  }
  translate_hours(context, task);
  if (task.fields.erase("status") > 0)
    context.tell("`status` of tasks was left out: a definition has none");
  bool standard = !task.has("type") || get_string(task.fields, "type") == "standard";
  if (!task.has("action") && standard) {
    task.fields["action"] = id;
    context.tell("tasks without `action` got their id as action");
  }
  for (std::string_view field : {"input", "when", "output"}) {
    auto found = task.fields.find(json_view(field));
    if (found != task.fields.end())
      translate_strings(context, found->value(), original_of(context, task, field));
  }
}

// `metadata.condition` as `when`.
void translate_condition_field(NormaliseContext& context, FieldSet& task) {
  Json* metadata = task.fields.if_contains("metadata");
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
  if (context.template_form) translate_strings(context, found->value(), original);
  auto when = translate_condition(found->value());
  if (!when.ok()) {
    context.findings.error(original, when.error().detail, "write it as `when`, in CEL");
  } else {
    task.fields["when"] = json_view(*when);
    context.out.pointers.note(child_pointer(task.canonical, "when"), original);
    context.tell("`metadata.condition` became `when`");
  }
  object.erase(found);
}

void rename_nested(NormaliseContext& context, FieldSet& task, std::string_view field,
                   bool (*is_known)(std::string_view)) {
  auto found = task.fields.find(json_view(field));
  if (found == task.fields.end() || !found->value().is_object()) return;
  FieldSet nested{.fields = {},
                  .canonical = child_pointer(task.canonical, field),
                  .original = original_of(context, task, field)};
  FieldSet renamed =
      rename_fields(context, found->value().get_object(), std::move(nested), is_known);
  found->value() = std::move(renamed.fields);
}

struct TaskPlace {
  std::string id;
  TasksPlace tasks;      // of the map it stands in, or will stand in
  std::string original;  // its own

  std::string canonical() const { return child_pointer(tasks.canonical, id); }
};

FieldSet normalise_task(NormaliseContext& context, const JsonObject& source,
                        const TaskPlace& place);

// A member that holds a map of tasks.
void normalise_body(NormaliseContext& context, Json& tasks, const TasksPlace& place) {
  if (!tasks.is_object() && !tasks.is_array()) return;
  context.out.pointers.note(place.canonical, place.original);
  Json normal = normalise_tasks(context, tasks, place);
  tasks = std::move(normal);
}

TasksPlace inner_place(const TasksPlace& outer, std::string_view name) {
  return {.canonical = child_pointer(outer.canonical, name),
          .original = child_pointer(outer.original, name)};
}

void normalise_catch(NormaliseContext& context, Json& clauses, const TasksPlace& place) {
  if (!clauses.is_array()) return;
  std::size_t index = 0;
  for (Json& clause : clauses.get_array()) {
    TasksPlace at = inner_place(place, std::to_string(index++));
    if (!clause.is_object()) continue;
    Json* tasks = clause.get_object().if_contains("do");
    if (tasks != nullptr) normalise_body(context, *tasks, inner_place(at, "do"));
  }
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
      FieldSet undo{.fields = {}, .canonical = place.canonical, .original = place.original};
      undo = rename_fields(context, member.value().get_object(), std::move(undo), is_task_field);
      member.value() = std::move(undo.fields);
    }
  }
}

FieldSet normalise_task(NormaliseContext& context, const JsonObject& source,
                        const TaskPlace& place) {
  FieldSet task{.fields = {}, .canonical = place.canonical(), .original = place.original};
  context.out.pointers.note(task.canonical, task.original);
  task = rename_fields(context, source, std::move(task), is_task_field);
  rename_nested(context, task, "retry_policy", is_retry_field);
  rename_nested(context, task, "join", is_join_field);
  if (context.template_form) translate_template_fields(context, task, place.id);
  translate_condition_field(context, task);
  normalise_inner_tasks(context, task);
  return task;
}

// The ids of a list of tasks, and what dependencies may call them.
struct TaskNames {
  std::vector<std::string> ids;                // "" for a task that has none
  std::map<std::string, std::string> by_name;  // "" when several tasks have the name
};

std::string id_of(NormaliseContext& context, const Json& task, const std::string& original) {
  if (!task.is_object()) {
    context.findings.error(original, "a task is an object");
    return {};
  }
  std::string id = get_string(task.get_object(), "id");
  if (!id.empty()) return id;
  std::string name = get_string(task.get_object(), "name");
  if (name.empty()) {
    context.findings.error(original, "a task in a list needs an `id` or a `name`");
    return {};
  }
  if (is_valid_id(name)) return name;
  id = id_from_name(name);
  context.tell("the task '" + name + "' got the id '" + id + "'");
  return id;
}

TaskNames name_tasks(NormaliseContext& context, const JsonArray& tasks,
                     const std::string& original) {
  TaskNames names;
  std::map<std::string, std::size_t> seen;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    std::string place = child_pointer(original, std::to_string(i));
    std::string id = id_of(context, tasks[i], place);
    if (!id.empty() && !seen.emplace(id, i).second) {
      context.findings.error(place, "two tasks have the id '" + id + "'",
                             "give each an `id` of its own");
      id.clear();
    }
    if (!id.empty()) {
      std::string name = get_string(tasks[i].get_object(), "name");
      auto [found, is_new] = names.by_name.emplace(name, id);
      if (!is_new) found->second.clear();
    }
    names.ids.push_back(std::move(id));
  }
  for (const auto& [id, index] : seen) names.by_name[id] = id;
  return names;
}

// Dependencies that name a task by its name.
void resolve_names(const TaskNames& names, FieldSet& task) {
  auto found = task.fields.find("depends_on");
  if (found == task.fields.end() || !found->value().is_array()) return;
  for (Json& dependency : found->value().get_array()) {
    if (!dependency.is_string()) continue;
    auto known = names.by_name.find(std::string(text_view(dependency.get_string())));
    if (known != names.by_name.end() && !known->second.empty())
      dependency = json_view(known->second);
  }
}

Json normalise_list(NormaliseContext& context, const JsonArray& tasks, const TasksPlace& at) {
  TaskNames names = name_tasks(context, tasks, at.original);
  JsonObject map;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    if (names.ids[i].empty()) continue;
    TaskPlace place{
        .id = names.ids[i], .tasks = at, .original = child_pointer(at.original, std::to_string(i))};
    FieldSet task = normalise_task(context, tasks[i].get_object(), place);
    const Json* id = task.find("id");
    if (id != nullptr && id->is_string()) task.fields.erase("id");
    resolve_names(names, task);
    map.emplace(place.id, std::move(task.fields));
  }
  context.tell("the list of tasks became a map by id");
  return map;
}

Json normalise_map(NormaliseContext& context, const JsonObject& tasks, const TasksPlace& at) {
  JsonObject map;
  for (const auto& [key, value] : tasks) {
    TaskPlace place{.id = std::string(text_view(key)),
                    .tasks = at,
                    .original = child_pointer(at.original, text_view(key))};
    if (!value.is_object()) {
      map.emplace(key, value);
      continue;
    }
    FieldSet task = normalise_task(context, value.get_object(), place);
    // The Python form repeats the key; a different id is for the check to refuse.
    if (get_string(task.fields, "id") == place.id) task.fields.erase("id");
    map.emplace(key, std::move(task.fields));
  }
  return map;
}

}  // namespace

Json normalise_tasks(NormaliseContext& context, const Json& tasks, const TasksPlace& place) {
  if (tasks.is_array()) return normalise_list(context, tasks.get_array(), place);
  if (tasks.is_object()) return normalise_map(context, tasks.get_object(), place);
  return tasks;
}

}  // namespace harmonia::workflow
