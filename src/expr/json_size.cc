#include "expr/json_size.h"

namespace harmonia::expr {

std::size_t estimate_size(const JsonArray& array) {
  std::size_t size = 0;
  for (const Json& item : array) size += estimate_size(item);
  return size;
}

std::size_t estimate_size(const JsonObject& object) {
  std::size_t size = 0;
  for (const auto& member : object)
    size += member.key().size() + 16 + estimate_size(member.value());
  return size;
}

std::size_t estimate_size(const Json& json) {
  std::size_t size = sizeof(Json);
  if (const auto* text = json.if_string()) return size + text->size();
  if (const auto* array = json.if_array()) return size + estimate_size(*array);
  if (const auto* object = json.if_object()) return size + estimate_size(*object);
  return size;
}

}  // namespace harmonia::expr
