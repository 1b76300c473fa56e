#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "workflow/fields.h"
#include "workflow/normalise.h"
#include "workflow/placeholders.h"

// What the parts of the normaliser share. Internal to normalise*.cc, dialect_*.cc and
// translate_texts.cc.
namespace harmonia::workflow {

// The dialects, numbered as in docs/language.md. A document may be in several of them: a template
// file holds a workflow in the form of the UI.
enum class Dialect : std::uint8_t {
  list,        // 3: `tasks` is a list
  ui,          // 2: tasks with dependencies, parameters, hours, status
  graph,       // 4: tasks with next, config, and join as a list
  steps,       // 5: steps with transitions
  parameters,  // 6: parameters, or a template file around a workflow
};

struct NormaliseContext {
  Findings& findings;  // pointers into the original
  Normalised& out;
  std::set<Dialect> dialects = {};
  std::vector<std::string> camel_names = {};  // that were rewritten
  // What `{{ x }}` and `state.x` may name.
  std::set<std::string, std::less<>> task_ids = {};
  JsonObject input_fields = {};  // the properties of `input_schema`
  // Ids of tasks whose failure some condition asks for: it must not end the run.
  std::set<std::string, std::less<>> watched = {};

  bool is(Dialect dialect) const { return dialects.contains(dialect); }

  // Each sentence is told once.
  void tell(std::string sentence);
};

// An object on its way to canonical names: its members as they are now, and its two pointers.
struct FieldSet {
  JsonObject fields;
  std::string canonical;
  std::string original;

  bool has(std::string_view name) const { return fields.contains(json_view(name)); }
  const Json* find(std::string_view name) const { return fields.if_contains(json_view(name)); }
  Json* find(std::string_view name) { return fields.if_contains(json_view(name)); }
  void put(std::string_view name, Json value) { fields[json_view(name)] = std::move(value); }
  void erase(std::string_view name);
};

// The members of `source`, camelCase names of known fields in snake_case.
template <class Known>
FieldSet rename_fields(NormaliseContext& context, const JsonObject& source, FieldSet set,
                       Known is_known) {
  for (const auto& [key, value] : source) {
    std::string name(text_view(key));
    std::string snake = fields::snake_case(name);
    bool rename = snake != name && is_known(snake);
    if (rename) {
      context.out.pointers.note(child_pointer(set.canonical, snake),
                                child_pointer(set.original, name));
      auto& told = context.camel_names;
      if (std::find(told.begin(), told.end(), name) == told.end()) told.push_back(name);
    }
    const std::string& kept = rename ? snake : name;
    if (set.has(kept)) {
      context.findings.error_at_key(child_pointer(set.original, name),
                                    "the field '" + kept + "' is given twice",
                                    "as " + kept + " and as " + name);
      continue;
    }
    set.fields.emplace(kept, value);
  }
  return set;
}

// normalise.cc
bool is_workflow_field(std::string_view name);
// The author's pointer of a member.
std::string original_of(const NormaliseContext& context, const FieldSet& set,
                        std::string_view field);
// Renames one member; a finding when the other name is taken too.
void move_field(NormaliseContext& context, FieldSet& set, std::string_view from,
                std::string_view to);
// A finding about a member, and the member is gone.
void refuse_field(NormaliseContext& context, FieldSet& set, std::string_view field,
                  std::string message, std::string hint = {});
bool has_any(const JsonObject& object, const auto& names) {
  return std::any_of(names.begin(), names.end(),
                     [&](std::string_view name) { return object.contains(json_view(name)); });
}

// The two pointers of a map of tasks.
struct TasksPlace {
  std::string canonical;
  std::string original;
};
struct TaskPlace {
  std::string id;
  std::string canonical;
  std::string original;
};

// normalise_tasks.cc
// The tasks, and those within them, as a map of normalised tasks; `tasks` itself when it is no list
// and no map.
Json normalise_tasks(NormaliseContext& context, const Json& tasks, const TasksPlace& place);
FieldSet normalise_task(NormaliseContext& context, const JsonObject& source,
                        const TaskPlace& place);
bool is_task_field(std::string_view name);

// dialect_list.cc: a list of tasks as a map by id.
Json normalise_list(NormaliseContext& context, const JsonArray& tasks, const TasksPlace& at);

// dialect_ui.cc
void translate_ui_fields(NormaliseContext& context, FieldSet& task, const std::string& id);
// timeout_ms, timeout_seconds, timeout_minutes, timeout_hours and hours as `timeout`.
void translate_time_fields(NormaliseContext& context, FieldSet& set);

// dialect_graph.cc
bool is_graph_task(const JsonObject& task);
void translate_graph_fields(NormaliseContext& context, FieldSet& task);
// Turns `next` of the tasks round and takes `join` lists as predecessors; the tasks are by id.
// `name_of` gives the id of what an edge names.
using NameMap = std::map<std::string, std::string, std::less<>>;
void invert_edges(NormaliseContext& context, JsonObject& tasks, const TasksPlace& place,
                  const NameMap& ids);

// dialect_steps.cc: `steps` and `error_handlers` become `tasks` and `on_failure`. False, with
// findings, when there is no such translation.
bool translate_steps(NormaliseContext& context, FieldSet& workflow);

// dialect_parameters.cc
// The fields of a workflow in snake case; of a template file, of the workflow inside it together
// with what the file says about it.
FieldSet unwrap_template(NormaliseContext& context, const JsonObject& document);
// `parameters` of a workflow as fields of its input.
void translate_parameters(NormaliseContext& context, FieldSet& workflow);
// `{x: {type, description, default, required}}` as a JSON Schema of an object. Those that do not
// say are required when they have no default, or never.
enum class Unsaid : std::uint8_t { required_without_default, optional };
JsonObject schema_of_fields(const JsonObject& described, Unsaid unsaid);

// translate_texts.cc
PlaceholderNames placeholder_names(const NormaliseContext& context);
// `{{ ... }}` and the expressions of other dialects in every text that is
// evaluated, once all tasks have their ids.
void translate_texts(NormaliseContext& context, JsonObject& workflow);
// The operands of a condition that is an object, before it becomes CEL.
void translate_operands(NormaliseContext& context, Json& condition, const std::string& original);

}  // namespace harmonia::workflow
