#include "tasks/text.h"

#include "base/utf8.h"
#include "expr/text.h"

namespace harmonia::tasks {
namespace {

bool is_continuation(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

}  // namespace

std::string shortened(std::string_view text, std::size_t size_max) {
  if (text.size() <= size_max) return std::string(text);
  std::size_t end = size_max;
  while (end > 0 && is_continuation(text[end])) --end;
  return std::string(text.substr(0, end)) + "...";
}

std::string valid_utf8(std::string_view bytes) {
  if (is_valid_utf8(bytes)) return std::string(bytes);
  std::string text;
  for (std::size_t offset = 0; offset < bytes.size();) {
    append_utf8(text, next_code_point(bytes, offset));
  }
  return text;
}

void put_bytes(JsonObject& object, std::string_view name, std::string_view bytes) {
  if (is_valid_utf8(bytes)) {
    object[json_view(name)] = json_view(bytes);
    return;
  }
  object[json_view(name)] = json_view(expr::base64_encode(bytes));
  object[json_view(std::string(name) + "_encoding")] = "base64";
}

std::string scalar_text(const Json& value) {
  return value.is_string() ? std::string(text_view(value.get_string())) : to_text(value);
}

}  // namespace harmonia::tasks
