#include "workflow/normalise_context.h"

// Dialect 2, of the UI and of template files: dependencies, parameters, hours, status, and no
// action.
namespace harmonia::workflow {
namespace {

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
  task.put("depends_on", std::move(names));
  context.tell("`dependencies` given as one text were split at the commas");
}

struct TimeField {
  std::string_view name;
  std::int64_t numerator;  // seconds of `denominator` units
  std::int64_t denominator;
};
constexpr auto time_fields = std::to_array<TimeField>({{"timeout_ms", 1, 1000},
                                                       {"timeout_seconds", 1, 1},
                                                       {"timeout_minutes", 60, 1},
                                                       {"timeout_hours", 3600, 1},
                                                       {"hours", 3600, 1}});

Json in_seconds(const Json& number, const TimeField& unit) {
  constexpr std::int64_t whole_max = 1'000'000'000;
  bool whole = number.is_int64() && number.get_int64() >= 0 && number.get_int64() <= whole_max &&
               number.get_int64() * unit.numerator % unit.denominator == 0;
  if (whole) return Json(number.get_int64() * unit.numerator / unit.denominator);
  return Json(number.to_number<double>() * static_cast<double>(unit.numerator) /
              static_cast<double>(unit.denominator));
}

}  // namespace

void translate_time_fields(NormaliseContext& context, FieldSet& set) {
  for (const TimeField& unit : time_fields) {
    const Json* value = set.find(unit.name);
    if (value == nullptr) continue;
    std::string name(unit.name);
    if (value->is_null()) {
      set.erase(unit.name);
    } else if (!value->is_number()) {
      refuse_field(context, set, unit.name, name + " must be a number",
                   "times can't be computed when a workflow runs; in a template, parameters may "
                   "stand for them");
    } else {
      Json seconds = in_seconds(*value, unit);
      set.put(unit.name, std::move(seconds));
      move_field(context, set, unit.name, "timeout");
      context.tell("`" + name + "` became `timeout` in seconds");
    }
  }
}

void translate_ui_fields(NormaliseContext& context, FieldSet& task, const std::string& id) {
  if (task.has("dependencies")) {
    move_field(context, task, "dependencies", "depends_on");
    split_dependencies(context, task);
    context.tell("`dependencies` became `depends_on`");
  }
  if (task.has("parameters")) {
    move_field(context, task, "parameters", "input");
    context.tell("`parameters` of tasks became `input`");
  }
  if (task.has("status")) {
    task.erase("status");
    context.tell("`status` of tasks was left out: a definition has none");
  }
  bool standard = !task.has("type") || get_string(task.fields, "type") == "standard";
  if (!task.has("action") && standard) {
    task.put("action", json_view(id));
    context.tell("tasks without `action` got their id as action");
  }
}

}  // namespace harmonia::workflow
