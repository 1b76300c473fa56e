#include "workflow/normalise_context.h"

// Dialect 3: a list of tasks, each with `id` or `name`; dependencies may name either.
namespace harmonia::workflow {
namespace {

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

// The ids of a list of tasks, and what dependencies may call them.
struct TaskNames {
  std::vector<std::string> ids;  // "" for a task that has none
  NameMap by_name;               // "" when several tasks have the name
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
  Json* dependencies = task.find("depends_on");
  if (dependencies == nullptr || !dependencies->is_array()) return;
  for (Json& dependency : dependencies->get_array()) {
    if (!dependency.is_string()) continue;
    auto known = names.by_name.find(text_view(dependency.get_string()));
    if (known != names.by_name.end() && !known->second.empty())
      dependency = json_view(known->second);
  }
}

}  // namespace

Json normalise_list(NormaliseContext& context, const JsonArray& tasks, const TasksPlace& at) {
  TaskNames names = name_tasks(context, tasks, at.original);
  JsonObject map;
  for (std::size_t i = 0; i < tasks.size(); ++i) {
    if (names.ids[i].empty()) continue;
    TaskPlace place{.id = names.ids[i],
                    .canonical = child_pointer(at.canonical, names.ids[i]),
                    .original = child_pointer(at.original, std::to_string(i))};
    FieldSet task = normalise_task(context, tasks[i].get_object(), place);
    const Json* id = task.find("id");
    if (id != nullptr && id->is_string()) task.erase("id");
    resolve_names(names, task);
    map.emplace(place.id, std::move(task.fields));
  }
  if (context.is(Dialect::graph)) invert_edges(context, map, at, names.by_name);
  context.tell("the list of tasks became a map by id");
  return map;
}

}  // namespace harmonia::workflow
