#include "expr/json_size.h"

#include <algorithm>

namespace harmonia::expr {
namespace {

void include(JsonMeasure& whole, const Json& part) {
  JsonMeasure measured = measure(part);
  whole.bytes += measured.bytes;
  whole.depth = std::max(whole.depth, measured.depth + 1);
}

}  // namespace

JsonMeasure measure(const JsonArray& array) {
  JsonMeasure whole{sizeof(Json), 1};
  for (const Json& item : array) include(whole, item);
  return whole;
}

JsonMeasure measure(const JsonObject& object) {
  JsonMeasure whole{sizeof(Json), 1};
  for (const auto& member : object) {
    whole.bytes += member.key().size() + 16;
    include(whole, member.value());
  }
  return whole;
}

JsonMeasure measure(const Json& json) {
  if (const auto* array = json.if_array()) return measure(*array);
  if (const auto* object = json.if_object()) return measure(*object);
  const auto* text = json.if_string();
  return {sizeof(Json) + (text ? text->size() : 0), 0};
}

}  // namespace harmonia::expr
