#include <algorithm>
#include <charconv>

#include "base/json.h"

// Not Boost's own: that one takes "" for an index and lets large indices wrap around.
namespace harmonia {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }

std::optional<std::string> unescape(std::string_view token) {
  std::string text;
  text.reserve(token.size());
  for (std::size_t i = 0; i < token.size(); ++i) {
    if (token[i] != '~') {
      text += token[i];
      continue;
    }
    if (++i == token.size() || (token[i] != '0' && token[i] != '1')) return std::nullopt;
    text += token[i] == '0' ? '~' : '/';
  }
  return text;
}

const Json* child(const Json& value, std::string_view token) {
  if (value.is_object()) return value.get_object().if_contains(json_view(token));
  if (!value.is_array()) return nullptr;
  auto index = pointer_index(token);
  return index ? value.get_array().if_contains(*index) : nullptr;
}

}  // namespace

const Json* find_pointer(const Json& value, std::string_view pointer) {
  auto tokens = split_pointer(pointer);
  if (!tokens) return nullptr;
  const Json* found = &value;
  for (const std::string& token : *tokens) {
    found = child(*found, token);
    if (found == nullptr) return nullptr;
  }
  return found;
}

std::string escape_pointer_token(std::string_view token) {
  std::string escaped;
  escaped.reserve(token.size());
  for (char c : token) {
    if (c == '~') {
      escaped += "~0";
    } else if (c == '/') {
      escaped += "~1";
    } else {
      escaped += c;
    }
  }
  return escaped;
}

std::optional<std::vector<std::string>> split_pointer(std::string_view pointer) {
  std::vector<std::string> tokens;
  while (!pointer.empty()) {
    if (pointer.front() != '/') return std::nullopt;
    pointer.remove_prefix(1);
    std::size_t end = std::min(pointer.find('/'), pointer.size());
    auto token = unescape(pointer.substr(0, end));
    if (!token) return std::nullopt;
    tokens.push_back(std::move(*token));
    pointer.remove_prefix(end);
  }
  return tokens;
}

std::optional<std::size_t> pointer_index(std::string_view token) {
  bool has_leading_zero = token.size() > 1 && token.front() == '0';
  if (token.empty() || has_leading_zero || !std::all_of(token.begin(), token.end(), is_digit)) {
    return std::nullopt;
  }
  std::size_t index = 0;
  auto [_, failure] = std::from_chars(token.data(), token.data() + token.size(), index);
  if (failure != std::errc()) return std::nullopt;
  return index;
}

}  // namespace harmonia
