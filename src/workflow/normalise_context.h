#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "workflow/fields.h"
#include "workflow/normalise.h"
#include "workflow/placeholders.h"

namespace harmonia::workflow {

// What the parts of the normaliser share. Internal to the normalise*.cc files.
struct NormaliseContext {
  Findings& findings;  // pointers into the original
  Normalised& out;
  bool template_form = false;
  PlaceholderNames names = {};
  std::vector<std::string> camel_names = {};  // that were rewritten

  // Each sentence is told once.
  void tell(std::string sentence) {
    auto& told = out.translations;
    if (std::find(told.begin(), told.end(), sentence) == told.end())
      told.push_back(std::move(sentence));
  }
};

// An object on its way to canonical names: its members as they are now, and its two pointers.
struct FieldSet {
  JsonObject fields;
  std::string canonical;
  std::string original;

  bool has(std::string_view name) const { return fields.contains(json_view(name)); }
  const Json* find(std::string_view name) const { return fields.if_contains(json_view(name)); }
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

// The author's pointer of a member.
std::string original_of(const NormaliseContext& context, const FieldSet& set,
                        std::string_view field);
// Renames one member; a finding when the other name is taken too.
void move_field(NormaliseContext& context, FieldSet& set, std::string_view from,
                std::string_view to);

// The two pointers of a map of tasks.
struct TasksPlace {
  std::string canonical;
  std::string original;
};
// The tasks, and those within them, as a map of normalised tasks; `tasks` itself when it is no list
// and no map.
Json normalise_tasks(NormaliseContext& context, const Json& tasks, const TasksPlace& place);

}  // namespace harmonia::workflow
