#include "tests/language_use.h"

#include "workflow/definition_schema.h"

namespace harmonia {
namespace {

using Names = std::set<std::string, std::less<>>;

class Vocabulary {
 public:
  explicit Vocabulary(const Json& schema) : schema_(schema) {
    note(schema, "workflow");
    constexpr std::string_view prefix = "task_";
    for (const auto& definition : schema.at("$defs").get_object()) {
      std::string_view name = text_view(definition.key());
      if (name.starts_with(prefix))
        note(definition.value(), std::string(name.substr(prefix.size())));
    }
    note(*find_pointer(schema, "/$defs/common"), "task");
    note(*find_pointer(schema, "/$defs/type"), "type");
  }

  const Names& names() const { return names_; }

 private:
  void note(const Json& schema, const std::string& owner) {
    if (!schema.is_object()) return;
    const JsonObject& object = schema.get_object();
    if (const Json* reference = object.if_contains("$ref")) follow(*reference, owner);
    if (const Json* fields = object.if_contains("properties")) note_fields(*fields, owner);
    if (const Json* items = object.if_contains("items")) note(*items, owner);
    if (const Json* choices = object.if_contains("enum")) {
      for (const Json& choice : choices->get_array())
        names_.insert(owner + "=" + std::string(text_view(choice.get_string())));
    }
    if (const Json* options = object.if_contains("anyOf")) {
      for (const Json& option : options->get_array()) note(option, owner);
    }
  }

  void note_fields(const Json& fields, const std::string& owner) {
    for (const auto& member : fields.get_object()) {
      std::string field(text_view(member.key()));
      std::string target = get_string(member.value().get_object(), "$ref");
      if (target.starts_with("#/$defs/common/")) continue;
      names_.insert(owner + "." + field);
      note(member.value(), field == "retry" ? "retry_policy" : field);
    }
  }

  // Bodies hold tasks, which are looked at by themselves.
  void follow(const Json& reference, const std::string& owner) {
    std::string_view target = text_view(reference.get_string());
    if (target == "#/$defs/body" || target == "#/$defs/task") return;
    note(*find_pointer(schema_, target.substr(1)), owner);
  }

  const Json& schema_;
  Names names_;
};

}  // namespace

void LanguageUse::note(const Json& value, const std::string& owner) {
  if (value.is_array()) {
    for (const Json& item : value.get_array()) note(item, owner);
  }
  if (!value.is_object()) return;
  for (const auto& member : value.get_object()) {
    std::string field(text_view(member.key()));
    names_.insert(owner + "." + field);
    if (member.value().is_string())
      names_.insert(field + "=" + std::string(text_view(member.value().get_string())));
    note_field(field, member.value());
  }
}

void LanguageUse::note_field(const std::string& field, const Json& value) {
  static const Names bodies = {"tasks", "do", "finally", "on_failure"};
  if (bodies.contains(field) && value.is_object()) return note_body(value);
  if (field == "compensate") return note_task(value);
  if (field != "branches") return note(value, field == "retry" ? "retry_policy" : field);
  for (const auto& branch : value.get_object()) note_body(branch.value());
}

void LanguageUse::note_body(const Json& body) {
  for (const auto& member : body.get_object()) note_task(member.value());
}

void LanguageUse::note_task(const Json& task) {
  std::string type = get_string(task.get_object(), "type", "standard");
  note(task, type == "custom" ? "standard" : type);
  for (const auto& member : task.get_object())
    names_.insert("task." + std::string(text_view(member.key())));
}

std::set<std::string, std::less<>> language_vocabulary() {
  auto schema = parse_json(workflow::definition_schema());
  ASSERT(schema.ok());
  return Vocabulary(*schema).names();
}

}  // namespace harmonia
