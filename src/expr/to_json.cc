#include "expr/to_json.h"

#include <cmath>

#include "expr/evaluation.h"
#include "expr/json_size.h"
#include "expr/text.h"
#include "expr/time_value.h"

namespace harmonia::expr {
namespace {

Json json_string(std::string_view text) { return Json(json_view(text)); }

std::string key_text(const Value& key) {
  if (key.is(Kind::string)) return std::string(key.view());
  if (key.is(Kind::boolean)) return key.boolean ? "true" : "false";
  return key.is(Kind::int64) ? std::to_string(key.int64) : std::to_string(key.uint64);
}

// JSON of the activation is copied as a whole; its size is what it costs.
template <class Container>
Value copy_json(Evaluation& evaluation, const Container& json, Json& out) {
  std::size_t size = estimate_size(json);
  if (!evaluation.spend(size / 64) || !evaluation.reserve(size)) return evaluation.out_of_budget();
  out = json;
  return null_value();
}

Value list_to_json(Evaluation& evaluation, const Value& list, Json& out) {
  JsonArray array;
  array.reserve(list_size(list));
  for (std::size_t i = 0; i < list_size(list); ++i) {
    Json item;
    if (Value status = to_json(evaluation, list_item(list, i), item); status.is_error())
      return status;
    array.push_back(std::move(item));
  }
  out = std::move(array);
  return null_value();
}

Value map_to_json(Evaluation& evaluation, const Value& map, Json& out) {
  JsonObject object;
  for (const Value& key : evaluation.keys(map)) {
    if (key.is_error()) return key;
    auto value = evaluation.find(map, key);
    if (!value) continue;
    Json member;
    if (Value status = to_json(evaluation, *value, member); status.is_error()) return status;
    std::string name = key_text(key);
    if (!evaluation.reserve(name.size())) return evaluation.out_of_budget();
    auto [_, inserted] = object.emplace(json_view(name), std::move(member));
    if (!inserted) return evaluation.fail("two keys of a map are both '" + name + "' in JSON");
  }
  out = std::move(object);
  return null_value();
}

Value double_to_json(Evaluation& evaluation, double number, Json& out) {
  if (!std::isfinite(number)) {
    return evaluation.fail("the result holds " + double_text(number) + ", which JSON can't hold");
  }
  out = number;
  return null_value();
}

}  // namespace

Value to_json(Evaluation& evaluation, const Value& value, Json& out) {
  bool has_text = value.is(Kind::string) || value.is(Kind::bytes);
  bool affordable =
      evaluation.spend(1) && evaluation.reserve(sizeof(Json) + (has_text ? value.aux : 0));
  if (!affordable) return evaluation.out_of_budget();
  switch (value.kind) {
    case Kind::null:
      out = nullptr;
      break;
    case Kind::boolean:
      out = value.boolean;
      break;
    case Kind::int64:
      out = value.int64;
      break;
    case Kind::uint64:
      out = value.uint64;
      if (value.uint64 <= static_cast<std::uint64_t>(INT64_MAX)) {
        out = static_cast<std::int64_t>(value.uint64);
      }
      break;
    case Kind::float64:
      return double_to_json(evaluation, value.float64, out);
    case Kind::string:
    case Kind::type:
      out = json_string(value.view());
      break;
    case Kind::bytes:
      out = json_string(base64_encode(value.view()));
      break;
    case Kind::timestamp:
      out = json_string(timestamp_text(value));
      break;
    case Kind::duration:
      out = json_string(duration_text(value));
      break;
    case Kind::list:
      if (value.form == Form::json) return copy_json(evaluation, *value.json_array, out);
      return list_to_json(evaluation, value, out);
    case Kind::map:
      if (value.form == Form::json) return copy_json(evaluation, *value.json_object, out);
      return map_to_json(evaluation, value, out);
    case Kind::optional:
      if (value.held) return to_json(evaluation, *value.held, out);
      out = nullptr;
      break;
    case Kind::error:
      return value;
  }
  return null_value();
}

}  // namespace harmonia::expr
