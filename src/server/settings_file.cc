#include "server/settings_file.h"

#include <optional>

#include "base/json.h"
#include "server/text_file.h"
#include "workflow/parse.h"

namespace harmonia::server {
namespace {

std::optional<std::string> scalar_text(const Json& value) {
  if (const auto* text = value.if_string()) return std::string(text_view(*text));
  if (value.is_bool() || value.is_number()) return to_text(value);
  return std::nullopt;
}

std::optional<std::string> value_text(const Json& value) {
  const auto* list = value.if_array();
  if (list == nullptr) return scalar_text(value);
  std::string joined;
  for (const Json& item : *list) {
    auto text = scalar_text(item);
    if (!text) return std::nullopt;
    if (!joined.empty()) joined += ',';
    joined += *text;
  }
  return joined;
}

bool begins_with_key(std::string_view line, std::string_view key) {
  std::size_t start = line.find_first_not_of(" \t{,");
  if (start == std::string_view::npos) return false;
  line.remove_prefix(start);
  bool is_quoted = line.front() == '"' || line.front() == '\'';
  if (is_quoted) line.remove_prefix(1);
  if (!line.starts_with(key)) return false;
  line.remove_prefix(key.size());
  if (is_quoted && !line.empty()) line.remove_prefix(1);
  std::size_t next = line.find_first_not_of(" \t");
  return next != std::string_view::npos && line[next] == ':';
}

// Settings have no nested objects, so the first line that begins with the key is the key's.
int line_of_key(std::string_view text, std::string_view key) {
  int number = 1;
  while (!text.empty()) {
    std::size_t end = text.find('\n');
    if (begins_with_key(text.substr(0, end), key)) return number;
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
    ++number;
  }
  return 1;
}

}  // namespace

Result<SettingsFile> read_settings_file(const std::string& path) {
  constexpr std::size_t size_max = 1u << 20;
  TRY(std::string text, read_text_file(path, size_max));
  auto parsed = workflow::parse_yaml(text);
  if (!parsed) {
    return make_error(error_code::invalid_argument, path + ": " + parsed.error().detail);
  }
  SettingsFile file{.path = path, .entries = {}};
  if (parsed->is_null()) return file;
  const auto* object = parsed->if_object();
  if (object == nullptr) {
    return make_error(error_code::invalid_argument,
                      path + ": must hold settings as `name: value` lines");
  }
  for (const auto& member : *object) {
    std::string_view name = text_view(member.key());
    auto value = value_text(member.value());
    file.entries.push_back({.name = std::string(name),
                            .text = value.value_or(""),
                            .is_scalar = value.has_value(),
                            .line = line_of_key(text, name)});
  }
  return file;
}

}  // namespace harmonia::server
