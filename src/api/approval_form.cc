#include "api/approval_form.h"

#include <algorithm>
#include <optional>

#include "base/utf8.h"

namespace harmonia::api {
namespace {

constexpr std::string_view prefix = "data.";  // of the names of properties' fields
constexpr std::string_view whole = "data";    // the field of a value that is no object

enum class Control { text, number, check, choice, json };

Control control_of(const Json& schema) {
  if (!schema.is_object()) return Control::json;
  const JsonObject& object = schema.get_object();
  if (const Json* values = object.if_contains("enum"); values != nullptr && values->is_array())
    return Control::choice;
  std::string type = get_string(object, "type");
  if (type == "string") return Control::text;
  if (type == "integer" || type == "number") return Control::number;
  if (type == "boolean") return Control::check;
  return Control::json;
}

const JsonObject* properties_of(const Json& schema) {
  const Json* found = schema.is_object() ? schema.get_object().if_contains("properties") : nullptr;
  return found != nullptr && found->is_object() ? &found->get_object() : nullptr;
}

bool is_required(const Json& schema, std::string_view name) {
  const Json* list = schema.get_object().if_contains("required");
  if (list == nullptr || !list->is_array()) return false;
  const JsonArray& names = list->get_array();
  return std::any_of(names.begin(), names.end(), [name](const Json& one) {
    return one.is_string() && text_view(one.get_string()) == name;
  });
}

// Of an enumeration: strings as they are, other values as JSON.
std::string choice_text(const Json& value) {
  return value.is_string() ? std::string(text_view(value.get_string())) : to_text(value);
}

struct Field {
  std::string name;
  std::string label;
  const Json& schema;
  bool required = false;
};

std::string draw_choice(const Field& field, const std::string& attributes) {
  std::string html = "<select" + attributes + ">\n<option value=\"\"></option>\n";
  for (const Json& value : field.schema.get_object().at("enum").get_array()) {
    html += "<option>" + escape_html(choice_text(value)) + "</option>\n";
  }
  return html + "</select>\n";
}

std::string draw(const Field& field) {
  Control control = control_of(field.schema);
  std::string name = escape_html(field.name);
  std::string attributes = " id=\"" + name + "\" name=\"" + name + "\"";
  std::string label = escape_html(field.label);
  std::string hint;
  if (field.schema.is_object())
    hint = escape_html(get_string(field.schema.get_object(), "description"));
  if (!hint.empty()) hint = "<p class=\"hint\">" + hint + "</p>\n";
  if (control == Control::check) {
    return "<label class=\"check\"><input type=\"checkbox\" value=\"true\"" + attributes + "> " +
           label + "</label>\n" + hint;
  }
  std::string html = "<label for=\"" + name + "\">" + label + (field.required ? " *" : "") +
                     (control == Control::json ? " (JSON)" : "") + "</label>\n" + hint;
  switch (control) {
    case Control::choice: return html + draw_choice(field, attributes);
    case Control::number: return html + "<input type=\"number\" step=\"any\"" + attributes + ">\n";
    case Control::json: return html + "<textarea" + attributes + "></textarea>\n";
    case Control::text:
    case Control::check: break;
  }
  return html + "<input type=\"text\"" + attributes + ">\n";
}

// The value of one field; nothing when it was left empty.
Result<std::optional<Json>> read_value(const Json& schema, const std::string& name,
                                       const std::string& text) {
  if (!is_valid_utf8(text))
    return make_error(error_code::invalid_argument, "the field " + name + " is not UTF-8");
  if (text.empty()) return std::optional<Json>();
  Json plain = json_view(text);
  switch (control_of(schema)) {
    case Control::text: return std::optional(plain);
    case Control::check: return std::optional(Json(text == "true"));
    case Control::choice: {
      for (const Json& value : schema.get_object().at("enum").get_array()) {
        if (choice_text(value) == text) return std::optional(value);
      }
      return std::optional(plain);
    }
    case Control::number: {
      auto number = parse_json(text);
      return std::optional(number.ok() && number->is_number() ? *number : plain);
    }
    case Control::json: {
      auto value = parse_json(text);
      if (value.ok()) return std::optional(std::move(*value));
      return make_error(error_code::malformed_json,
                        "the field " + name + " must be JSON: " + value.error().detail);
    }
  }
  return std::optional<Json>();
}

std::string sent_text(const net::Query& sent, std::string_view name) {
  for (const auto& [key, value] : sent) {
    if (key == name) return value;
  }
  return {};
}

}  // namespace

std::string escape_html(std::string_view text) {
  std::string html;
  for (char c : text) {
    switch (c) {
      case '&': html += "&amp;"; break;
      case '<': html += "&lt;"; break;
      case '>': html += "&gt;"; break;
      case '"': html += "&quot;"; break;
      case '\'': html += "&#39;"; break;
      default: html += c;
    }
  }
  return html;
}

std::string form_fields(const Json& schema) {
  const JsonObject* properties = properties_of(schema);
  if (properties == nullptr) {
    return draw({.name = std::string(whole), .label = "Data", .schema = schema, .required = true});
  }
  std::string html;
  for (const auto& member : *properties) {
    std::string name(text_view(member.key()));
    std::string label = name;
    if (member.value().is_object()) label = get_string(member.value().get_object(), "title", name);
    html += draw({.name = std::string(prefix) + name,
                  .label = std::move(label),
                  .schema = member.value(),
                  .required = is_required(schema, name)});
  }
  return html;
}

Result<Json> read_form_fields(const Json& schema, const net::Query& sent) {
  const JsonObject* properties = properties_of(schema);
  if (properties == nullptr) {
    TRY(auto value, read_value(schema, "data", sent_text(sent, whole)));
    return value.value_or(Json(nullptr));
  }
  JsonObject data;
  for (const auto& member : *properties) {
    std::string name(text_view(member.key()));
    std::string text = sent_text(sent, std::string(prefix) + name);
    // A browser sends nothing for a box that is not checked.
    if (text.empty() && control_of(member.value()) == Control::check) text = "false";
    TRY(auto value, read_value(member.value(), name, text));
    if (value) data[member.key()] = std::move(*value);
  }
  return Json(std::move(data));
}

}  // namespace harmonia::api
