#include "expr/to_json.h"

#include <cmath>

#include "expr/evaluation.h"
#include "expr/json_size.h"
#include "expr/text.h"
#include "expr/time_value.h"

namespace harmonia::expr {
namespace {

Json json_string(std::string_view text) { return Json(json_view(text)); }

// An int where it fits, so that JSON has one form of each integer.
Json json_integer(std::uint64_t number) {
  if (number > static_cast<std::uint64_t>(INT64_MAX)) return number;
  return static_cast<std::int64_t>(number);
}

std::string key_text(const Value& key) {
  if (key.is(Kind::string)) return std::string(key.view());
  if (key.is(Kind::boolean)) return key.boolean ? "true" : "false";
  return key.is(Kind::int64) ? std::to_string(key.int64) : std::to_string(key.uint64);
}

// Builds the JSON, keeping count of the depth: what is deeper could not be read back.
class JsonWriter {
 public:
  explicit JsonWriter(Evaluation& evaluation) : evaluation_(evaluation) {}
  Value write(const Value& value, Json& out);

 private:
  template <class Container>
  Value copy(const Container& json, Json& out);
  Value write_list(const Value& list, Json& out);
  Value write_map(const Value& map, Json& out);
  Value write_double(double number, Json& out);
  Value fail_depth() {
    return evaluation_.fail("the result nests deeper than " + std::to_string(depth_max) +
                            " levels");
  }

  static constexpr std::size_t depth_max = JsonLimits{}.depth_max;
  Evaluation& evaluation_;
  std::size_t depth_ = 0;
};

// JSON of the activation is copied as a whole; its size is what it costs.
template <class Container>
Value JsonWriter::copy(const Container& json, Json& out) {
  JsonMeasure measured = measure(json);
  if (depth_ + measured.depth > depth_max) return fail_depth();
  bool affordable = evaluation_.spend(measured.bytes / 64) && evaluation_.reserve(measured.bytes);
  if (!affordable) return evaluation_.out_of_budget();
  out = json;
  return null_value();
}

Value JsonWriter::write_list(const Value& list, Json& out) {
  if (list.form == Form::json) return copy(*list.json_array, out);
  JsonArray array;
  array.reserve(list_size(list));
  for (std::size_t i = 0; i < list_size(list); ++i) {
    Json item;
    if (Value status = write(list_item(list, i), item); status.is_error()) return status;
    array.push_back(std::move(item));
  }
  out = std::move(array);
  return null_value();
}

Value JsonWriter::write_map(const Value& map, Json& out) {
  if (map.form == Form::json) return copy(*map.json_object, out);
  JsonObject object;
  for (const Value& key : evaluation_.keys(map)) {
    if (key.is_error()) return key;
    auto value = evaluation_.find(map, key);
    if (!value) continue;
    Json member;
    if (Value status = write(*value, member); status.is_error()) return status;
    std::string name = key_text(key);
    if (!evaluation_.reserve(name.size())) return evaluation_.out_of_budget();
    auto [_, inserted] = object.emplace(json_view(name), std::move(member));
    if (!inserted) return evaluation_.fail("two keys of a map are both '" + name + "' in JSON");
  }
  out = std::move(object);
  return null_value();
}

Value JsonWriter::write_double(double number, Json& out) {
  if (!std::isfinite(number)) {
    return evaluation_.fail("the result holds " + double_text(number) + ", which JSON can't hold");
  }
  out = number;
  return null_value();
}

Value JsonWriter::write(const Value& value, Json& out) {
  bool has_text = value.is(Kind::string) || value.is(Kind::bytes);
  std::size_t size = sizeof(Json) + (has_text ? value.aux : 0);
  if (!evaluation_.spend(1) || !evaluation_.reserve(size)) return evaluation_.out_of_budget();
  if (depth_ > depth_max) return fail_depth();
  Value status = null_value();
  ++depth_;
  switch (value.kind) {
    case Kind::null: out = nullptr; break;
    case Kind::boolean: out = value.boolean; break;
    case Kind::int64: out = value.int64; break;
    case Kind::uint64: out = json_integer(value.uint64); break;
    case Kind::float64: status = write_double(value.float64, out); break;
    case Kind::string:
    case Kind::type: out = json_string(value.view()); break;
    case Kind::bytes: out = json_string(base64_encode(value.view())); break;
    case Kind::timestamp: out = json_string(timestamp_text(value)); break;
    case Kind::duration: out = json_string(duration_text(value)); break;
    case Kind::list: status = write_list(value, out); break;
    case Kind::map: status = write_map(value, out); break;
    case Kind::optional:
      if (value.held) status = write(*value.held, out);
      break;
    case Kind::error: status = value; break;
  }
  --depth_;
  return status;
}

}  // namespace

Value to_json(Evaluation& evaluation, const Value& value, Json& out) {
  return JsonWriter(evaluation).write(value, out);
}

}  // namespace harmonia::expr
