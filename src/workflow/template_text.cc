#include "workflow/template_text.h"

#include <array>
#include <optional>

#include "expr/lexer.h"
#include "workflow/fields.h"
#include "workflow/legacy_expression.h"
#include "workflow/placeholders.h"

namespace harmonia::workflow {
namespace {

using expr::Token;
using expr::TokenKind;

constexpr auto parameter_roots = std::to_array<std::string_view>({"params", "param", "parameters"});
constexpr auto expression_members = std::to_array<std::string_view>(
    {"when", "while", "until", "break_when", "filter", "condition", "breakWhen"});

std::string replaced(std::string text, std::string_view what, std::string_view with) {
  std::size_t at = 0;
  while ((at = text.find(what, at)) != std::string::npos) {
    text.replace(at, what.size(), with);
    at += with.size();
  }
  return text;
}

// A text of a value, so that what evaluates the definition gives it back as it is.
std::string inert(std::string_view text) {
  std::string quiet = replaced(std::string(text), "${", "$${");
  return replaced(std::move(quiet), "{{", "${\"\\u007b\\u007b\"}");
}

Json inert_value(const Json& value) {
  if (value.is_string()) return json_view(inert(text_view(value.get_string())));
  if (value.is_array()) {
    JsonArray list;
    for (const Json& item : value.get_array()) list.push_back(inert_value(item));
    return list;
  }
  if (!value.is_object()) return value;
  JsonObject object;
  for (const auto& member : value.get_object())
    object.emplace(member.key(), inert_value(member.value()));
  return object;
}

// As part of an expression.
std::string literal(const Json& value) {
  std::string text = replaced(to_cel_literal(value), "{{", "\\u007b\\u007b");
  text = replaced(std::move(text), "${", "\\u0024{");
  bool is_plain = value.is_string() || value.is_bool() || value.is_null() ||
                  (value.is_number() && !text.starts_with('-'));
  return is_plain ? text : "(" + text + ")";
}

std::string as_text(const Json& value) {
  return value.is_string() ? std::string(text_view(value.get_string())) : to_text(value);
}

// A path that begins with a parameter: the tokens from `params` on.
struct ParameterPath {
  std::string_view name;
  const Json* value = nullptr;  // what the path leads to; null when the name is unknown
  std::size_t end = 0;          // the first token behind it
};

std::vector<Token> tokens_of(std::string_view expression) {
  std::vector<Token> tokens;
  expr::Lexer lexer(expression);
  while (true) {
    Token token = lexer.next();
    bool is_arrow =
        token.kind == TokenKind::error && expression.substr(token.range.offset).starts_with("=>");
    if (token.kind == TokenKind::end || (token.kind == TokenKind::error && !is_arrow))
      return tokens;
    if (is_arrow) lexer = expr::Lexer(expression, token.range.offset + 2);
    tokens.push_back(token);
  }
}

bool is(const std::vector<Token>& tokens, std::size_t index, TokenKind kind) {
  return index < tokens.size() && tokens[index].kind == kind;
}

bool is_word(const std::vector<Token>& tokens, std::size_t index) {
  return is(tokens, index, TokenKind::identifier) || is(tokens, index, TokenKind::reserved);
}

std::optional<ParameterPath> path_at(const std::vector<Token>& tokens, std::size_t index,
                                     const TemplateText::Values& values) {
  bool is_root = is(tokens, index, TokenKind::identifier) &&
                 fields::contains(parameter_roots, tokens[index].text) &&
                 !(index > 0 && is(tokens, index - 1, TokenKind::dot));
  if (!is_root || !is(tokens, index + 1, TokenKind::dot) || !is_word(tokens, index + 2))
    return std::nullopt;
  ParameterPath path{.name = tokens[index + 2].text, .value = values(tokens[index + 2].text)};
  path.end = index + 3;
  // Members behind it, as far as they are data.
  while (path.value != nullptr && path.value->is_object() && is(tokens, path.end, TokenKind::dot) &&
         is_word(tokens, path.end + 1) && !is(tokens, path.end + 2, TokenKind::left_paren)) {
    const Json* member = path.value->get_object().if_contains(json_view(tokens[path.end + 1].text));
    if (member == nullptr) break;
    path.value = member;
    path.end += 2;
  }
  return path;
}

// `{{ x }}` and `{{ x | default(80) }}`: the name, and where it ends.
struct Braces {
  std::string_view name;
  std::string_view inside;
  std::size_t begin = 0;
  std::size_t end = 0;
};

std::string_view trim(std::string_view text) {
  constexpr std::string_view blanks = " \t\r\n";
  std::size_t begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

std::optional<Braces> braces_at(std::string_view text, std::size_t from) {
  std::size_t begin = text.find("{{", from);
  if (begin == std::string_view::npos) return std::nullopt;
  std::size_t close = text.find("}}", begin);
  if (close == std::string_view::npos) return std::nullopt;
  std::string_view inside = text.substr(begin + 2, close - begin - 2);
  std::string_view name = trim(inside.substr(0, inside.find('|')));
  for (std::string_view root : parameter_roots) {
    if (name.starts_with(root) && name.substr(root.size()).starts_with("."))
      name.remove_prefix(root.size() + 1);
  }
  return Braces{.name = name, .inside = inside, .begin = begin, .end = close + 2};
}

class Expansion {
 public:
  explicit Expansion(const TemplateText::Values& values) : values_(values) {}

  // A text with ${...} and {{ ... }}.
  Json text(std::string_view source) const {
    auto parts = split_text(source);
    if (parts.size() == 1 && parts[0].is_expression) return whole(parts[0].text);
    std::string result;
    for (const RawPart& part : parts) {
      if (!part.is_expression) {
        result += braces(part.text);
      } else if (const Json* value = single(part.text)) {
        result += inert(as_text(*value));
      } else {
        result += "${" + expression(part.text) + "}";
      }
    }
    if (parts.size() != 1) return json_view(result);
    auto only = braces_at(source, 0);
    bool is_whole = only && only->begin == 0 && only->end == source.size();
    const Json* value = is_whole ? value_of(*only) : nullptr;
    return value != nullptr ? inert_value(*value) : Json(json_view(result));
  }

  // An expression with the values as literals.
  std::string expression(std::string_view source) const {
    auto tokens = tokens_of(source);
    std::string result;
    std::size_t copied = 0;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      auto path = path_at(tokens, i, values_);
      if (!path || path->value == nullptr) continue;
      result += source.substr(copied, tokens[i].range.offset - copied);
      result += literal(*path->value);
      const Token& last = tokens[path->end - 1];
      copied = last.range.offset + last.range.length;
      i = path->end - 1;
    }
    result += source.substr(copied);
    return result;
  }

  // An expression as a whole in which {{ x }} may stand.
  std::string expression_with_braces(std::string_view source) const {
    std::string result;
    std::size_t copied = 0;
    for (auto found = braces_at(source, 0); found; found = braces_at(source, found->end)) {
      const Json* value = value_of(*found);
      if (value == nullptr) continue;
      result += source.substr(copied, found->begin - copied);
      result += literal(*value);
      copied = found->end;
    }
    result += source.substr(copied);
    return expression(result);
  }

 private:
  Json whole(std::string_view source) const {
    if (const Json* value = single(source)) return inert_value(*value);
    return json_view("${" + expression(source) + "}");
  }

  // The value when an expression is nothing but one parameter.
  const Json* single(std::string_view source) const {
    auto tokens = tokens_of(source);
    auto path = path_at(tokens, 0, values_);
    return path && path->end == tokens.size() ? path->value : nullptr;
  }

  // A parameter that has no value leaves `| default(80)` to be seen.
  const Json* value_of(const Braces& braces) const {
    const Json* value = values_(braces.name);
    bool has_filter = braces.inside.find('|') != std::string_view::npos;
    return value != nullptr && value->is_null() && has_filter ? nullptr : value;
  }

  std::string braces(std::string_view source) const {
    std::string result;
    std::size_t copied = 0;
    for (auto found = braces_at(source, 0); found; found = braces_at(source, found->end)) {
      const Json* value = value_of(*found);
      if (value == nullptr) continue;
      result += source.substr(copied, found->begin - copied);
      result += inert(as_text(*value));
      copied = found->end;
    }
    result += source.substr(copied);
    return result;
  }

  const TemplateText::Values& values_;
};

}  // namespace

Json TemplateText::expand(std::string_view text, bool is_expression) const {
  Expansion expansion(values_);
  auto only = braces_at(text, 0);
  bool is_whole = only && only->begin == 0 && only->end == text.size();
  if (!is_expression || is_whole) return expansion.text(text);
  return json_view(expansion.expression_with_braces(text));
}

std::vector<std::string> TemplateText::unknown_names(std::string_view text,
                                                     bool is_expression) const {
  std::vector<std::string> unknown;
  auto look = [&](std::string_view expression) {
    auto tokens = tokens_of(expression);
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      auto path = path_at(tokens, i, values_);
      if (path && path->value == nullptr) unknown.emplace_back(path->name);
    }
  };
  if (is_expression) look(text);
  if (is_expression) return unknown;
  for (const RawPart& part : split_text(text)) {
    if (part.is_expression) look(part.text);
  }
  return unknown;
}

void for_each_text(Json& value, const std::string& pointer, const VisitText& visit) {
  if (value.is_array()) {
    std::size_t index = 0;
    for (Json& item : value.get_array())
      for_each_text(item, pointer + "/" + std::to_string(index++), visit);
  } else if (value.is_object()) {
    for (auto& member : value.get_object()) {
      std::string_view name = text_view(member.key());
      std::string at = pointer + "/" + escape_pointer_token(name);
      bool is_bare = member.value().is_string() && fields::contains(expression_members, name) &&
                     text_view(member.value().get_string()).find("${") == std::string_view::npos;
      if (is_bare) {
        visit(member.value(), at, true);
      } else {
        for_each_text(member.value(), at, visit);
      }
    }
  } else if (value.is_string()) {
    visit(value, pointer, false);
  }
}

}  // namespace harmonia::workflow
