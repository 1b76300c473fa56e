#include "workflow/legacy_expression.h"
#include "workflow/normalise_context.h"

namespace harmonia::workflow {
namespace {

// Members of a task that are never evaluated.
constexpr auto plain_fields = std::to_array<std::string_view>(
    {"id", "name", "description", "type", "depends_on", "join", "component", "action", "as", "form",
     "metadata", "retry_policy", "mode", "on_error"});
// Members that are an expression as a whole, with or without ${...}.
constexpr auto condition_fields =
    std::to_array<std::string_view>({"when", "while", "break_when", "filter"});

// Calls `visit` for each map of tasks within a task.
template <class Visit>
void for_each_body(JsonObject& task, const std::string& pointer, Visit visit) {
  auto visit_member = [&](JsonObject& owner, std::string_view field, const std::string& at) {
    Json* body = owner.if_contains(json_view(field));
    if (body != nullptr && body->is_object()) visit(body->get_object(), child_pointer(at, field));
  };
  visit_member(task, "do", pointer);
  visit_member(task, "finally", pointer);
  if (Json* branches = task.if_contains("branches"); branches != nullptr && branches->is_object()) {
    for (auto& branch : branches->get_object())
      visit_member(branches->get_object(), text_view(branch.key()),
                   child_pointer(pointer, "branches"));
  }
  Json* clauses = task.if_contains("catch");
  if (clauses == nullptr) return;
  std::string at = child_pointer(pointer, "catch");
  if (clauses->is_object()) visit_member(clauses->get_object(), "do", at);
  if (!clauses->is_array()) return;
  std::size_t index = 0;
  for (Json& clause : clauses->get_array()) {
    std::string place = child_pointer(at, std::to_string(index++));
    if (clause.is_object()) visit_member(clause.get_object(), "do", place);
  }
}

class TextPass {
 public:
  explicit TextPass(NormaliseContext& context)
      : context_(context), placeholders_(placeholder_names(context)) {
    names_.is_task = placeholders_.is_task;
    names_.is_input = placeholders_.is_input;
    names_.is_legacy =
        context.is(Dialect::steps) || context.is(Dialect::graph) || context.is(Dialect::parameters);
  }

  // Ids of all tasks, and the names that bodies give to items and errors.
  void note_tasks(JsonObject& tasks, const std::string& pointer) {
    for (auto& member : tasks) {
      context_.task_ids.emplace(text_view(member.key()));
      if (!member.value().is_object()) continue;
      JsonObject& task = member.value().get_object();
      note_name(task);
      if (Json* clauses = task.if_contains("catch"); clauses != nullptr && clauses->is_array()) {
        for (const Json& clause : clauses->get_array()) {
          if (clause.is_object()) note_name(clause.get_object());
        }
      }
      for_each_body(task, child_pointer(pointer, text_view(member.key())),
                    [&](JsonObject& body, const std::string& at) { note_tasks(body, at); });
    }
  }

  void tasks(JsonObject& tasks, const std::string& pointer) {
    for (auto& member : tasks) {
      if (member.value().is_object())
        task(member.value().get_object(), child_pointer(pointer, text_view(member.key())));
    }
  }

  void value(Json& value, const std::string& pointer) {
    if (value.is_object()) {
      for (auto& member : value.get_object())
        this->value(member.value(), child_pointer(pointer, text_view(member.key())));
    } else if (value.is_array()) {
      std::size_t index = 0;
      for (Json& item : value.get_array())
        this->value(item, child_pointer(pointer, std::to_string(index++)));
    } else if (value.is_string()) {
      text(value, pointer);
    }
  }

 private:
  void note_name(const JsonObject& object) {
    std::string as = get_string(object, "as");
    if (!as.empty()) names_.bound.insert(std::move(as));
  }

  void task(JsonObject& task, const std::string& pointer) {
    bool is_loop = get_string(task, "type") == "loop";
    for (auto& member : task) {
      std::string_view field = text_view(member.key());
      std::string at = child_pointer(pointer, field);
      if (fields::contains(condition_fields, field) || (field == "until" && is_loop)) {
        condition(member.value(), at);
      } else if (field == "cases" || field == "catch") {
        clauses(member.value(), at);
      } else if (field == "compensate") {
        if (member.value().is_object()) this->task(member.value().get_object(), at);
      } else if (!is_body(field) && !fields::contains(plain_fields, field)) {
        value(member.value(), at);
      }
    }
    for_each_body(task, pointer, [&](JsonObject& body, const std::string& at) { tasks(body, at); });
  }

  static bool is_body(std::string_view field) {
    return field == "do" || field == "finally" || field == "branches" || field == "default";
  }

  // Objects with `when`: cases of a decision, clauses of a catch.
  void clauses(Json& list, const std::string& pointer) {
    if (list.is_object()) return clause(list, pointer);
    if (!list.is_array()) return;
    std::size_t index = 0;
    for (Json& one : list.get_array()) clause(one, child_pointer(pointer, std::to_string(index++)));
  }
  void clause(Json& one, const std::string& pointer) {
    if (!one.is_object()) return;
    if (Json* when = one.get_object().if_contains("when"))
      condition(*when, child_pointer(pointer, "when"));
  }

  void condition(Json& value, const std::string& pointer) {
    if (!value.is_string()) return;
    std::string_view source = text_view(value.get_string());
    bool is_bare = source.find("${") == std::string_view::npos;
    if (!is_bare) return text(value, pointer);
    if (!context_.dialects.empty()) {
      auto translated = translate_placeholders_in_expression(source, placeholders_);
      if (!accept(translated, value, pointer)) return;
      if (*translated) {
        value = json_view(**translated);
        tell_placeholders();
      }
    }
    take(translate_legacy(text_view(value.get_string()), names_), value, pointer);
  }

  void text(Json& value, const std::string& pointer) {
    std::string_view source = text_view(value.get_string());
    if (source.find("{{") != std::string_view::npos) {
      if (context_.dialects.empty()) {
        warn_about_placeholder(source, pointer);
      } else {
        auto translated = outside_expressions(source);
        if (!accept(translated, value, pointer)) return;
        if (*translated != source) {
          value = json_view(*translated);
          tell_placeholders();
        }
      }
    }
    source = text_view(value.get_string());
    if (source.find("${") == std::string_view::npos) return;
    take(translate_legacy_text(source, names_), value, pointer);
  }

  // A text with its placeholders translated; `${{"a": 1}.a}` is an expression, and none.
  Result<std::string> outside_expressions(std::string_view source) const {
    std::string result;
    for (const RawPart& part : split_text(source)) {
      if (part.is_expression) {
        result.append("${").append(part.text).append("}");
        continue;
      }
      TRY(auto translated, translate_placeholders(part.text, placeholders_));
      result += translated ? *translated : std::string(part.text);
    }
    return result;
  }

  // What can't be translated is taken out: the check need not look at it again.
  template <class Translated>
  bool accept(const Result<Translated>& result, Json& value, const std::string& pointer) {
    if (result.ok()) return true;
    value = nullptr;
    context_.findings.error(context_.out.pointers.original(pointer), result.error().detail,
                            "known are {{ x }}, {{ task.output.y }} and {{ x | default(80) }}; in "
                            "a map of tasks, which is no other dialect, {{ }} is text");
    return false;
  }

  void take(Result<LegacyResult> result, Json& value, const std::string& pointer) {
    if (!result.ok()) {
      context_.findings.error(context_.out.pointers.original(pointer), result.error().detail,
                              result.error().instance);
      value = nullptr;
      return;
    }
    if (result->translations.empty()) return;
    value = json_view(result->text);
    for (std::string& sentence : result->translations) context_.tell(std::move(sentence));
    context_.watched.merge(result->watched);
  }

  void tell_placeholders() { context_.tell("`{{ ... }}` became `${...}`"); }

  void warn_about_placeholder(std::string_view source, const std::string& pointer) {
    if (!has_known_placeholder(source, placeholders_)) return;
    context_.findings.warning(context_.out.pointers.original(pointer),
                              "{{ }} is text here: nothing is put in its place",
                              "write ${input.x} or ${tasks.x.output}");
  }

  NormaliseContext& context_;
  PlaceholderNames placeholders_;
  LegacyNames names_;
};

// A task whose failure is looked at must not end the run before.
void let_watched_tasks_fail(NormaliseContext& context, JsonObject& tasks) {
  for (auto& member : tasks) {
    bool is_watched = context.watched.contains(text_view(member.key()));
    if (!is_watched || !member.value().is_object()) continue;
    auto [found, is_new] = member.value().get_object().emplace("on_error", "continue");
    if (is_new)
      context.tell("steps whose success is asked for got `on_error: continue`: " +
                   std::string(text_view(member.key())));
  }
}

}  // namespace

PlaceholderNames placeholder_names(const NormaliseContext& context) {
  PlaceholderNames names;
  names.is_task = [&context](std::string_view name) { return context.task_ids.contains(name); };
  names.is_input = [&context](std::string_view name) {
    return context.input_fields.contains(json_view(name));
  };
  names.input_default = [&context](std::string_view name) -> const Json* {
    const Json* field = context.input_fields.if_contains(json_view(name));
    return field != nullptr && field->is_object() ? field->get_object().if_contains("default")
                                                  : nullptr;
  };
  return names;
}

void translate_operands(NormaliseContext& context, Json& condition, const std::string& original) {
  if (context.dialects.empty()) return;
  if (condition.is_object()) {
    for (auto& member : condition.get_object())
      translate_operands(context, member.value(), child_pointer(original, text_view(member.key())));
  } else if (condition.is_array()) {
    std::size_t index = 0;
    for (Json& item : condition.get_array())
      translate_operands(context, item, child_pointer(original, std::to_string(index++)));
  } else if (condition.is_string()) {
    auto translated =
        translate_placeholders(text_view(condition.get_string()), placeholder_names(context));
    if (!translated.ok()) {
      context.findings.error(original, translated.error().detail);
    } else if (*translated) {
      condition = json_view(**translated);
    }
  }
}

void translate_texts(NormaliseContext& context, JsonObject& workflow) {
  TextPass pass(context);
  for (std::string_view field : {"tasks", "on_failure"}) {
    Json* tasks = workflow.if_contains(json_view(field));
    if (tasks != nullptr && tasks->is_object())
      pass.note_tasks(tasks->get_object(), child_pointer("", field));
  }
  for (std::string_view field : {"tasks", "on_failure"}) {
    Json* tasks = workflow.if_contains(json_view(field));
    if (tasks != nullptr && tasks->is_object())
      pass.tasks(tasks->get_object(), child_pointer("", field));
  }
  for (std::string_view field : {"output", "concurrency"}) {
    if (Json* value = workflow.if_contains(json_view(field)))
      pass.value(*value, child_pointer("", field));
  }
  Json* tasks = workflow.if_contains("tasks");
  if (context.is(Dialect::steps) && tasks != nullptr && tasks->is_object())
    let_watched_tasks_fail(context, tasks->get_object());
}

}  // namespace harmonia::workflow
