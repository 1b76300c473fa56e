#include "base/utf8.h"
#include "workflow/normalise_context.h"

// Dialect 4: tasks with a free text as type, `config`, edges forward by `next`, and `join` as a
// list of predecessors.
namespace harmonia::workflow {
namespace {

// What the free texts met as types are taken for. The table is in docs/language.md.
struct TypeGuess {
  std::string_view type;
  std::string_view component;
  std::string_view action;
};
constexpr auto guesses = std::to_array<TypeGuess>({{"api_request", "http", "request"},
                                                   {"api_call", "http", "request"},
                                                   {"http_request", "http", "request"},
                                                   {"http", "http", "request"},
                                                   {"rest", "http", "request"},
                                                   {"data_transform", "transform", "cel"},
                                                   {"transform", "transform", "cel"},
                                                   {"transformation", "transform", "cel"},
                                                   {"notification", "notify", "send"},
                                                   {"notify", "notify", "send"},
                                                   {"email", "notify", "send"},
                                                   {"log", "log", "write"},
                                                   {"logging", "log", "write"},
                                                   {"script", "script", "run"},
                                                   {"command", "script", "run"},
                                                   {"delay", "wait", ""},
                                                   {"sleep", "wait", ""}});

// Types of the language, whose `config` holds their fields.
constexpr auto structural = std::to_array<std::string_view>(
    {"set", "wait", "fail", "terminate", "join", "decision", "parallel", "loop", "map", "try",
     "critical", "subworkflow", "event", "approval", "webhook"});

const TypeGuess* guess_of(std::string_view type) {
  for (const TypeGuess& guess : guesses) {
    if (guess.type == type) return &guess;
  }
  return nullptr;
}

// Moves the members of `config` up to the task.
void spread_config(NormaliseContext& context, FieldSet& task) {
  const Json* config = task.find("config");
  if (config == nullptr || !config->is_object()) return;
  JsonObject members = config->get_object();
  std::string original = original_of(context, task, "config");
  task.erase("config");
  for (auto& member : members) {
    std::string name = fields::snake_case(text_view(member.key()));
    if (name == "seconds" || name == "delay_seconds" || name == "duration_seconds")
      name = "duration";
    std::string place = child_pointer(original, text_view(member.key()));
    if (task.has(name)) {
      context.findings.error_at_key(place, "the field '" + name + "' is given twice");
      continue;
    }
    task.put(name, std::move(member.value()));
    context.out.pointers.note(child_pointer(task.canonical, name), std::move(place));
  }
}

void tell_type(NormaliseContext& context, std::string_view type, std::string_view became) {
  std::string sentence = "the type '";
  sentence.append(type).append("' of tasks became ").append(became);
  context.tell(std::move(sentence));
}

void take_type(NormaliseContext& context, FieldSet& task, const std::string& type) {
  const TypeGuess* guess = guess_of(type);
  if (guess != nullptr && guess->component == "wait") {
    task.put("type", "wait");
    spread_config(context, task);
    return tell_type(context, type, "wait");
  }
  task.erase("type");
  std::string component = guess != nullptr ? std::string(guess->component) : type;
  std::string became = "component " + component;
  task.put("component", json_view(component));
  context.out.pointers.note(child_pointer(task.canonical, "component"),
                            child_pointer(task.original, "type"));
  if (guess != nullptr && !task.has("action")) {
    task.put("action", json_view(guess->action));
    became.append(", action ").append(guess->action);
  }
  tell_type(context, type, became);
}

// A data_transform says what to do in words of its own.
void check_transform(NormaliseContext& context, const FieldSet& task) {
  if (get_string(task.fields, "component") != "transform") return;
  const Json* input = task.find("input");
  bool has_expression =
      input != nullptr && input->is_object() && input->get_object().contains("expression");
  if (has_expression || get_string(task.fields, "action") != "cel") return;
  context.findings.warning(
      input == nullptr ? task.original : original_of(context, task, "input"),
      "this transformation can't be translated: the action cel of transform needs `expression`",
      "write what it computes as expression: \"${...}\"");
}

struct Edge {
  std::string to;     // as written
  std::string place;  // the author's
};

// The names in `next` or in a list `join`; the field is gone then.
std::vector<Edge> take_names(NormaliseContext& context, JsonObject& task, const TasksPlace& place,
                             std::string_view field) {
  std::vector<Edge> edges;
  Json* value = task.if_contains(json_view(field));
  if (value == nullptr || (field == "join" && !value->is_array())) return edges;
  std::string original = child_pointer(place.original, field);
  JsonArray names;
  if (value->is_array()) names = value->get_array();
  if (value->is_string()) names.push_back(*value);
  bool is_list = value->is_array();
  bool understood = is_list || value->is_string() || value->is_null();
  if (!understood) {
    context.findings.error(original, "next must name tasks: an id or a list of ids",
                           "for edges with conditions write a task of type decision");
  }
  std::size_t index = 0;
  for (const Json& name : names) {
    std::string at = is_list ? child_pointer(original, std::to_string(index++)) : original;
    if (name.is_string()) {
      edges.push_back({.to = std::string(text_view(name.get_string())), .place = std::move(at)});
    } else {
      context.findings.error(std::move(at),
                             std::string(field).append(" must name tasks by their ids"),
                             "for edges with conditions write a task of type decision");
    }
  }
  task.stable_erase(task.find(json_view(field)));
  return edges;
}

struct Dependency {
  std::string task;
  std::string predecessor;
  std::string place;  // the author's
};

// Adds a predecessor, unless it is there.
void depend(NormaliseContext& context, JsonObject& tasks, const std::string& tasks_pointer,
            Dependency added) {
  // Not by operator[]: it may move all tasks, also for a name that is there, and the caller walks
  // over them.
  Json* fields = tasks.if_contains(json_view(added.task));
  if (fields == nullptr || !fields->is_object()) return;
  auto [list, is_new] = fields->get_object().emplace("depends_on", JsonArray());
  if (!list->value().is_array()) return;
  JsonArray& names = list->value().get_array();
  Json name = json_view(added.predecessor);
  if (std::find(names.begin(), names.end(), name) != names.end()) return;
  std::string pointer = child_pointer(child_pointer(tasks_pointer, added.task), "depends_on");
  context.out.pointers.note(child_pointer(pointer, std::to_string(names.size())),
                            std::move(added.place));
  names.push_back(std::move(name));
}

// The id an edge means; "" and a finding when there is none.
std::string target_of(NormaliseContext& context, const Edge& edge, const NameMap& ids) {
  auto found = ids.find(edge.to);
  if (found != ids.end() && !found->second.empty()) return found->second;
  std::vector<std::string_view> known;
  for (const auto& [name, id] : ids) known.push_back(name);
  context.findings.error(edge.place, "there is no task '" + utf8_prefix(edge.to, 80) + "'",
                         did_you_mean(nearest_name(edge.to, known)));
  return {};
}

}  // namespace

bool is_graph_task(const JsonObject& task) {
  const Json* join = task.if_contains("join");
  return task.contains("next") || task.contains("config") || (join != nullptr && join->is_array());
}

void translate_graph_fields(NormaliseContext& context, FieldSet& task) {
  std::string type = get_string(task.fields, "type");
  bool is_structural = fields::contains(structural, type);
  if (is_structural) {
    spread_config(context, task);
  } else if (!type.empty() && type != "standard" && type != "custom" && !task.has("component")) {
    take_type(context, task, type);
  }
  if (task.has("config")) {
    move_field(context, task, "config", "input");
    context.tell("`config` of tasks became `input`");
  }
  check_transform(context, task);
}

void invert_edges(NormaliseContext& context, JsonObject& tasks, const TasksPlace& place,
                  const NameMap& ids) {
  for (auto& member : tasks) {
    if (!member.value().is_object()) continue;
    std::string id(text_view(member.key()));
    TasksPlace at{.canonical = child_pointer(place.canonical, id),
                  .original = context.out.pointers.original(child_pointer(place.canonical, id))};
    for (const Edge& edge : take_names(context, member.value().get_object(), at, "next")) {
      std::string target = target_of(context, edge, ids);
      if (!target.empty()) depend(context, tasks, place.canonical, {target, id, edge.place});
      context.tell("edges forward by `next` became `depends_on` of the tasks they lead to");
    }
    for (const Edge& edge : take_names(context, member.value().get_object(), at, "join")) {
      std::string source = target_of(context, edge, ids);
      if (!source.empty()) depend(context, tasks, place.canonical, {id, source, edge.place});
      context.tell("`join` as a list of tasks became `depends_on`");
    }
  }
}

}  // namespace harmonia::workflow
