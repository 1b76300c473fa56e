#include "tasks/secrets.h"

#include <algorithm>

#include "net/http.h"

namespace harmonia::tasks {
namespace {

constexpr std::string_view opening = "${secret.";
constexpr std::size_t output_value_size_min = 6;

bool is_name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

// The name of the reference that begins at `start`, or "" when it is none.
std::string_view name_at(std::string_view text, std::size_t start) {
  std::size_t begin = start + opening.size();
  std::size_t end = begin;
  while (end < text.size() && is_name_character(text[end])) ++end;
  if (end == text.size() || text[end] != '}') return {};
  return text.substr(begin, end - begin);
}

class Resolver {
 public:
  Resolver(std::span<const engine::SecretUse> uses, const JsonObject& secrets)
      : uses_(uses), secrets_(secrets) {}

  Result<Json> resolve(const Json& value, const std::string& pointer) {
    if (const auto* text = value.if_string()) {
      TRY(std::string resolved, resolve_text(text_view(*text), pointer));
      return Json(json_view(resolved));
    }
    if (const auto* array = value.if_array()) {
      JsonArray resolved;
      for (std::size_t i = 0; i < array->size(); ++i) {
        TRY(Json item, resolve((*array)[i], pointer + "/" + std::to_string(i)));
        resolved.push_back(std::move(item));
      }
      return Json(std::move(resolved));
    }
    if (const auto* object = value.if_object()) {
      JsonObject resolved;
      for (const auto& member : *object) {
        auto token = escape_pointer_token(text_view(member.key()));
        TRY(Json item, resolve(member.value(), pointer + "/" + token));
        resolved.emplace(member.key(), std::move(item));
      }
      return Json(std::move(resolved));
    }
    return value;
  }

  Redactor take_redactor() { return std::move(redactor_); }

 private:
  Result<std::string> resolve_text(std::string_view text, const std::string& pointer) {
    std::string out;
    std::size_t done = 0;
    for (;;) {
      std::size_t start = text.find(opening, done);
      if (start == std::string_view::npos) break;
      std::string_view name = name_at(text, start);
      std::size_t end = start + opening.size();
      if (!is_used(name, pointer)) {
        out.append(text.substr(done, end - done));
      } else {
        TRY(std::string value, find(name, pointer));
        out.append(text.substr(done, start - done)).append(value);
        end += name.size() + 1;
      }
      done = end;
    }
    out.append(text.substr(done));
    return out;
  }

  bool is_used(std::string_view name, std::string_view pointer) const {
    return std::any_of(uses_.begin(), uses_.end(), [&](const engine::SecretUse& use) {
      bool below = pointer.starts_with(use.pointer) &&
                   (pointer.size() == use.pointer.size() || pointer[use.pointer.size()] == '/');
      return below && use.name == name;
    });
  }

  Result<std::string> find(std::string_view name, const std::string& pointer) {
    const Json* found = secrets_.if_contains(json_view(name));
    if (found == nullptr) {
      return make_error(secret_not_found,
                        "the secret '" + std::string(name) +
                            "' is not configured; the server reads it from HARMONIA_SECRET_" +
                            std::string(name),
                        pointer);
    }
    std::string value =
        found->is_string() ? std::string(text_view(found->get_string())) : to_text(*found);
    redactor_.add(name, value);
    return value;
  }

  std::span<const engine::SecretUse> uses_;
  const JsonObject& secrets_;
  Redactor redactor_;
};

void replace_all(std::string& text, const std::string& what, const std::string& by) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at)) {
    text.replace(at, what.size(), by);
    at += by.size();
  }
}

}  // namespace

void Redactor::add(std::string_view name, std::string_view value) {
  if (value.empty()) return;
  std::string quoted;
  append_quoted(quoted, value);
  std::string replacement = "[secret " + std::string(name) + "]";
  bool in_outputs = value.size() >= output_value_size_min;
  for (std::string form :
       {std::string(value), net::percent_encode(value), quoted.substr(1, quoted.size() - 2)}) {
    bool known = std::any_of(forms_.begin(), forms_.end(),
                             [&](const Form& other) { return other.text == form; });
    if (!known) forms_.push_back({std::move(form), replacement, in_outputs});
  }
  std::stable_sort(forms_.begin(), forms_.end(),
                   [](const Form& a, const Form& b) { return a.text.size() > b.text.size(); });
}

std::string Redactor::replace_forms(std::string text, bool is_output) const {
  for (const Form& form : forms_) {
    if (form.in_outputs || !is_output) replace_all(text, form.text, form.replacement);
  }
  return text;
}

std::string Redactor::redact(std::string text) const {
  return replace_forms(std::move(text), false);
}

Json Redactor::redact(Json value) const {
  if (empty()) return value;
  if (const auto* text = value.if_string()) {
    return Json(json_view(replace_forms(std::string(text_view(*text)), true)));
  }
  if (auto* array = value.if_array()) {
    for (Json& item : *array) item = redact(std::move(item));
    return value;
  }
  if (auto* object = value.if_object()) {
    JsonObject redacted;
    for (auto& member : *object) {
      std::string name = replace_forms(std::string(text_view(member.key())), true);
      redacted.insert_or_assign(json_view(name), redact(std::move(member.value())));
    }
    return Json(std::move(redacted));
  }
  return value;
}

void Redactor::redact(Error& error) const {
  error.detail = redact(std::move(error.detail));
  for (Problem& problem : error.problems) {
    problem.message = redact(std::move(problem.message));
    problem.hint = redact(std::move(problem.hint));
  }
}

Result<ResolvedInput> resolve_secrets(const Json& input, std::span<const engine::SecretUse> uses,
                                      const JsonObject& secrets) {
  if (uses.empty()) return ResolvedInput{.input = input, .redactor = {}};
  Resolver resolver(uses, secrets);
  TRY(Json resolved, resolver.resolve(input, ""));
  return ResolvedInput{.input = std::move(resolved), .redactor = resolver.take_redactor()};
}

}  // namespace harmonia::tasks
