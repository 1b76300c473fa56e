#pragma once

#include <algorithm>

#include "expr/evaluation.h"
#include "expr/types.h"

// The law of types, for tests and the fuzzer: what an evaluation gives, its type admits.
namespace harmonia::expr::test {

inline bool admits(Evaluation& evaluation, const Type& type, const Value& value);

inline bool admits_members(Evaluation& evaluation, const ObjectType& object, const Value& map) {
  std::size_t required = 0;
  for (const Value& key : evaluation.keys(map)) {
    if ((object.key_kinds & (1u << static_cast<unsigned>(key.kind))) == 0) return false;
    auto field = key.is(Kind::string) ? object.fields.find(key.view()) : object.fields.end();
    bool known = field != object.fields.end();
    if (!known && object.closed) return false;
    if (known && field->second.required) ++required;
    const Type& type = known ? field->second.type : object.others;
    if (!admits(evaluation, type, evaluation.find(map, key).value_or(null_value()))) return false;
  }
  auto all = std::count_if(object.fields.begin(), object.fields.end(),
                           [](const auto& field) { return field.second.required; });
  return static_cast<std::size_t>(all) == required;
}

inline bool admits(Evaluation& evaluation, const Type& type, const Value& value) {
  if (!type.may_be(1u << static_cast<unsigned>(value.kind))) return false;
  if (value.is(Kind::list) && type.item) {
    for (std::size_t i = 0; i < list_size(value); ++i) {
      if (!admits(evaluation, *type.item, list_item(value, i))) return false;
    }
  }
  if (value.is(Kind::optional) && type.held && value.held) {
    return admits(evaluation, *type.held, *value.held);
  }
  bool is_object = value.is(Kind::map) && type.object;
  return !is_object || admits_members(evaluation, *type.object, value);
}

}  // namespace harmonia::expr::test
