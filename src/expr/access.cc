#include <algorithm>

#include "base/utf8.h"
#include "expr/compare.h"
#include "expr/evaluate.h"
#include "expr/text.h"

namespace harmonia::expr {
namespace {

std::string quoted_key(const Value& key) {
  if (key.is(Kind::string)) return "'" + utf8_prefix(key.view(), 80) + "'";
  if (key.is(Kind::int64)) return std::to_string(key.int64);
  if (key.is(Kind::uint64)) return std::to_string(key.uint64) + "u";
  if (key.is(Kind::float64)) return double_text(key.float64);
  if (key.is(Kind::boolean)) return key.boolean ? "true" : "false";
  return std::string(kind_phrase(key));
}

std::string member_names(Evaluation& evaluation, const Value& map) {
  constexpr std::size_t names_max = 1000;  // to look through for a message
  if (map.form != Form::lazy && evaluation.size_of(map) > names_max) return "it has many others";
  std::vector<std::string> names;
  for (const Value& key : evaluation.keys(map)) {
    names.push_back(key.is(Kind::string) ? std::string(key.view()) : quoted_key(key));
  }
  if (names.empty()) return "it is empty";
  std::sort(names.begin(), names.end());
  return "it has " + list_names(names);
}

Value missing_member(Evaluation& evaluation, const Node& operand, const Value& map,
                     const Value& key) {
  if (evaluation.is_forgiving()) return evaluation.fail_forgiven();
  return evaluation.fail_missing(std::string(evaluation.text_of(operand)) + " has no member " +
                                 quoted_key(key) + " (" + member_names(evaluation, map) + ")");
}

// What can't have members: missing data when it is null, else a mistake.
Value no_members(Evaluation& evaluation, const Node& operand, const Value& value,
                 const Value& key) {
  std::string text(evaluation.text_of(operand));
  if (value.is(Kind::null)) {
    if (evaluation.is_forgiving()) return evaluation.fail_forgiven();
    return evaluation.fail_missing(text + " is null and has no member " + quoted_key(key));
  }
  std::string message =
      text + " is " + std::string(kind_phrase(value)) + " and has no member " + quoted_key(key);
  if (value.is(Kind::list) && key.is(Kind::string)) {
    message += "; its items are " + text + "[0] and so on, their number is size(" + text + ")";
  }
  return evaluation.fail(std::move(message));
}

// The position an index means; nothing when it is no whole number. Beyond the list is the caller's
// matter.
std::optional<std::uint64_t> list_position(const Value& key) {
  if (key.is(Kind::int64) && key.int64 >= 0) return static_cast<std::uint64_t>(key.int64);
  if (key.is(Kind::uint64)) return key.uint64;
  if (key.is(Kind::float64) && key.float64 >= 0 && key.float64 < 9e15) {
    auto position = static_cast<std::uint64_t>(key.float64);
    if (static_cast<double>(position) == key.float64) return position;
  }
  return std::nullopt;
}

Value item_of_list(Evaluation& evaluation, const Node& operand, const Value& list,
                   const Value& key) {
  std::string text(evaluation.text_of(operand));
  if (!key.is_number()) {
    return evaluation.fail(text + " is a list; its index must be a number, not " +
                           std::string(kind_phrase(key)));
  }
  auto position = list_position(key);
  bool negative = key.is(Kind::int64) && key.int64 < 0;
  if (!position && !negative) return evaluation.fail(quoted_key(key) + " is no index of a list");
  return evaluation.fail_missing(text + " has no item " + quoted_key(key) + " (it has " +
                                 std::to_string(list_size(list)) + " items)");
}

// The error of a lookup that found nothing.
Value lookup_failure(Evaluation& evaluation, const Node& operand, const Value& value,
                     const Value& key) {
  if (value.is(Kind::map)) {
    bool usable = is_map_key(key) || key.is(Kind::float64);
    if (usable) return missing_member(evaluation, operand, value, key);
    return evaluation.fail(std::string(kind_phrase(key)) + " is no key of a map");
  }
  if (value.is(Kind::list)) return item_of_list(evaluation, operand, value, key);
  return no_members(evaluation, operand, value, key);
}

std::optional<Value> lookup(Evaluation& evaluation, const Value& value, const Value& key) {
  if (value.is(Kind::map)) return evaluation.find(value, key);
  if (!value.is(Kind::list) || key.is(Kind::string)) return std::nullopt;
  auto position = list_position(key);
  if (!position || *position >= list_size(value)) return std::nullopt;
  return list_item(value, *position);
}

// True when the key could lead to something in a value like this.
bool may_be_absent(const Value& value, const Value& key) {
  if (value.is(Kind::map)) return is_map_key(key) || key.is(Kind::float64);
  if (!value.is(Kind::list)) return false;
  return list_position(key).has_value() || (key.is(Kind::int64) && key.int64 < 0);
}

// `none` for what is not there; an error for what could never be, such as a member of a string.
Value optional_lookup(Evaluation& evaluation, const Node& node, const Value& value,
                      const Value& key) {
  if (auto found = lookup(evaluation, value, key)) {
    return found->is_error() ? *found : evaluation.make_optional(*found);
  }
  // JSON has null where other data has nothing.
  if (node.optional && value.is(Kind::null)) return optional_value(nullptr);
  if (may_be_absent(value, key)) return optional_value(nullptr);
  const Node& operand = evaluation.program().impl().ast.at(node.children[0]);
  return lookup_failure(evaluation, operand, value, key);
}

Value access(Evaluation& evaluation, const Node& node, const Value& value, const Value& key) {
  if (!evaluation.spend(1)) return evaluation.out_of_budget();
  if (value.is(Kind::optional)) {
    if (!value.held) return value;
    return optional_lookup(evaluation, node, *value.held, key);
  }
  if (node.optional) return optional_lookup(evaluation, node, value, key);
  if (auto found = lookup(evaluation, value, key)) return *found;
  const Node& operand = evaluation.program().impl().ast.at(node.children[0]);
  return lookup_failure(evaluation, operand, value, key);
}

}  // namespace

Value evaluate_select(Evaluation& evaluation, const Node& node) {
  Value operand = evaluate_operand(evaluation, node.children[0]);
  if (operand.is_error()) return operand;
  return access(evaluation, node, operand, string_value(node.name));
}

Value evaluate_index(Evaluation& evaluation, const Node& node) {
  Value operand = evaluate_operand(evaluation, node.children[0]);
  if (operand.is_error()) return operand;
  Value key = evaluate_operand(evaluation, node.children[1]);
  if (key.is_error()) return key;
  return access(evaluation, node, operand, key);
}

Value evaluate_presence(Evaluation& evaluation, const Node& node) {
  Value operand = evaluate_operand(evaluation, node.children[0]);
  if (operand.is_error()) return operand;
  if (operand.is(Kind::optional)) {
    if (!operand.held) return bool_value(false);
    operand = *operand.held;
  }
  Value key = string_value(node.name);
  if (operand.is(Kind::map)) return bool_value(evaluation.find(operand, key).has_value());
  if (operand.is(Kind::null)) return bool_value(false);
  return no_members(evaluation, evaluation.program().impl().ast.at(node.children[0]), operand, key);
}

}  // namespace harmonia::expr
