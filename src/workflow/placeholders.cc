#include "workflow/placeholders.h"

#include <algorithm>
#include <vector>

#include "base/utf8.h"

namespace harmonia::workflow {
namespace {

constexpr std::string_view blanks = " \t\r\n";

std::string_view trim(std::string_view text) {
  std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

bool is_name_char(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
         c == '-';
}

bool is_identifier(std::string_view name) {
  return !name.empty() && !(name[0] >= '0' && name[0] <= '9') &&
         name.find('-') == std::string_view::npos;
}

// A path such as a.b[0].c: its first name and what follows as CEL.
struct PathParts {
  std::string first;
  std::string rest;
};

std::string member_access(std::string_view name) {
  if (is_identifier(name)) return "." + std::string(name);
  return "[" + to_cel_literal(Json(json_view(name))) + "]";
}

std::optional<PathParts> split_path(std::string_view text) {
  PathParts parts;
  bool first = true;
  while (!text.empty()) {
    if (text[0] == '[' && !first) {
      std::size_t end = text.find(']');
      if (end == std::string_view::npos || end < 2) return std::nullopt;
      if (text.substr(1, end - 1).find_first_not_of("0123456789") != std::string_view::npos)
        return std::nullopt;
      parts.rest += text.substr(0, end + 1);
      text.remove_prefix(end + 1);
      continue;
    }
    if (!first) {
      if (text[0] != '.') return std::nullopt;
      text.remove_prefix(1);
    }
    std::size_t length = 0;
    while (length < text.size() && is_name_char(text[length])) ++length;
    if (length == 0) return std::nullopt;
    if (first) {
      parts.first = text.substr(0, length);
    } else {
      parts.rest += member_access(text.substr(0, length));
    }
    first = false;
    text.remove_prefix(length);
  }
  if (first) return std::nullopt;
  return parts;
}

// 80, 'text', "text", true, false, none.
std::optional<std::string> translate_literal(std::string_view text) {
  if (text == "true" || text == "True") return "true";
  if (text == "false" || text == "False") return "false";
  if (text == "none" || text == "None" || text == "null") return "null";
  if (text.size() >= 2 && (text[0] == '\'' || text[0] == '"') && text.back() == text[0]) {
    std::string_view inside = text.substr(1, text.size() - 2);
    if (inside.find_first_of("\\'\"") != std::string_view::npos) return std::nullopt;
    return to_cel_literal(Json(json_view(inside)));
  }
  auto number = parse_json(text);
  if (!number.ok() || !number->is_number()) return std::nullopt;
  return std::string(text);
}

Error untranslatable(std::string_view inside) {
  return make_error(error_code::invalid_definition,
                    "the placeholder {{" + utf8_prefix(inside, 100) + "}} can't be translated");
}

bool is_any_of(std::string_view name, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// The CEL expression for what stands between {{ and }}.
Result<std::string> translate_expression(std::string_view inside, const PlaceholderNames& names) {
  std::size_t bar = inside.find('|');
  auto path = split_path(trim(inside.substr(0, bar)));
  if (!path) return untranslatable(inside);
  std::optional<std::string> fallback;
  if (bar != std::string_view::npos) {
    std::string_view filter = trim(inside.substr(bar + 1));
    constexpr std::string_view known_filter = "default(";
    if (!filter.starts_with(known_filter) || !filter.ends_with(')')) return untranslatable(inside);
    filter.remove_prefix(known_filter.size());
    fallback = translate_literal(trim(filter.substr(0, filter.size() - 1)));
    if (!fallback) return untranslatable(inside);
  }
  std::string expression;
  bool is_path = !path->rest.empty();
  if (names.is_task(path->first)) {
    expression = "tasks" + member_access(path->first) + path->rest;
  } else if (is_path && is_any_of(path->first, {"input", "parameters", "params", "param"})) {
    expression = "input" + path->rest;
  } else if (is_path && path->first == "workflow" && path->rest.starts_with(".input.")) {
    expression = path->rest.substr(1);
  } else if (is_path && is_any_of(path->first, {"tasks", "env", "item", "execution", "workflow"})) {
    expression = path->first + path->rest;
  } else {
    expression = "input" + member_access(path->first) + path->rest;
    const Json* declared = path->rest.empty() ? names.input_default(path->first) : nullptr;
    if (!fallback && declared != nullptr) fallback = to_cel_literal(*declared);
  }
  if (fallback) return "default(" + expression + ", " + *fallback + ")";
  return expression;
}

}  // namespace

namespace {

struct Frame {
  std::string_view before;
  std::string_view behind;
};

Result<std::optional<std::string>> translate_framed(std::string_view text, Frame frame,
                                                    const PlaceholderNames& names) {
  if (text.find("{{") == std::string_view::npos) return std::optional<std::string>();
  std::string translated;
  while (true) {
    std::size_t begin = text.find("{{");
    translated += text.substr(0, begin);
    if (begin == std::string_view::npos) break;
    std::size_t end = text.find("}}", begin);
    if (end == std::string_view::npos) return untranslatable(text.substr(begin + 2));
    TRY(auto expression, translate_expression(text.substr(begin + 2, end - begin - 2), names));
    translated.append(frame.before).append(expression).append(frame.behind);
    text.remove_prefix(end + 2);
  }
  return std::optional<std::string>(std::move(translated));
}

}  // namespace

Result<std::optional<std::string>> translate_placeholders(std::string_view text,
                                                          const PlaceholderNames& names) {
  return translate_framed(text, {.before = "${", .behind = "}"}, names);
}

Result<std::optional<std::string>> translate_placeholders_in_expression(
    std::string_view text, const PlaceholderNames& names) {
  return translate_framed(text, {.before = "", .behind = ""}, names);
}

bool has_known_placeholder(std::string_view text, const PlaceholderNames& names) {
  while (true) {
    std::size_t begin = text.find("{{");
    if (begin == std::string_view::npos) return false;
    std::size_t end = text.find("}}", begin);
    if (end == std::string_view::npos) return false;
    std::string_view inside = text.substr(begin + 2, end - begin - 2);
    auto path = split_path(trim(inside.substr(0, inside.find('|'))));
    if (path && (names.is_task(path->first) || names.is_input(path->first))) return true;
    text.remove_prefix(end + 2);
  }
}

std::string to_cel_literal(const Json& value) {
  // JSON's literals are CEL's, but for the solidus-free subset of escapes that both share; numbers
  // too large for int are unsigned in CEL.
  if (value.is_uint64()) return std::to_string(value.get_uint64()) + "u";
  return to_text(value);
}

}  // namespace harmonia::workflow
