#include "workflow/json_schema_checks.h"

#include <array>
#include <cmath>

#include "base/utf8.h"
#include "workflow/json_schema_pattern.h"

namespace harmonia::workflow::schema {
namespace {

constexpr std::size_t shown_max = 120;  // bytes of a value shown in a message

std::string shown(const Json& value) {
  std::string text = to_text(value);
  return text.size() <= shown_max ? text : utf8_prefix(text, shown_max) + "...";
}

bool is_integer(const Json& value) {
  if (!value.is_double()) return value.is_number();
  double number = value.get_double();
  return std::isfinite(number) && number == std::floor(number);
}

std::uint8_t type_of(const Json& value) {
  switch (value.kind()) {
    case boost::json::kind::null: return type_null;
    case boost::json::kind::bool_: return type_boolean;
    case boost::json::kind::string: return type_string;
    case boost::json::kind::array: return type_array;
    case boost::json::kind::object: return type_object;
    case boost::json::kind::int64:
    case boost::json::kind::uint64:
    case boost::json::kind::double_: break;
  }
  return is_integer(value) ? type_integer : type_number;
}

std::string name_of_type(std::uint8_t bit) {
  switch (bit) {
    case type_null: return "null";
    case type_boolean: return "a boolean";
    case type_integer: return "an integer";
    case type_number: return "a number";
    case type_string: return "a string";
    case type_array: return "an array";
    case type_object: return "an object";
  }
  return "nothing";
}

// Exact for all that JSON holds here: a long double has at least the 64 bits of an integer.
long double exact(const Json& number) {
  if (number.is_int64()) return static_cast<long double>(number.get_int64());
  if (number.is_uint64()) return static_cast<long double>(number.get_uint64());
  return static_cast<long double>(number.get_double());
}

std::size_t size_of(SizeRule::Of of, const Json& value) {
  switch (of) {
    case SizeRule::Of::string: return count_code_points(text_view(value.get_string()));
    case SizeRule::Of::array: return value.get_array().size();
    case SizeRule::Of::object: return value.get_object().size();
  }
  return 0;
}

bool applies(SizeRule::Of of, const Json& value) {
  switch (of) {
    case SizeRule::Of::string: return value.is_string();
    case SizeRule::Of::array: return value.is_array();
    case SizeRule::Of::object: return value.is_object();
  }
  return false;
}

std::string missing_names(const std::vector<std::string>& names, const JsonObject& object) {
  std::string missing;
  for (const std::string& name : names) {
    if (object.contains(name)) continue;
    if (!missing.empty()) missing += ", ";
    missing += "'" + name + "'";
  }
  return missing;
}

bool has_all(const std::vector<std::string>& names, const JsonObject& object) {
  return std::all_of(names.begin(), names.end(),
                     [&](const std::string& name) { return object.contains(name); });
}

}  // namespace

bool holds(const TypeRule& rule, const Json& value) { return (rule.types & type_of(value)) != 0; }

bool holds(const ConstRule& rule, const Json& value) { return json_equal(*rule.value, value); }

bool holds(const EnumRule& rule, const Json& value) {
  return std::any_of(rule.values->begin(), rule.values->end(),
                     [&](const Json& allowed) { return json_equal(allowed, value); });
}

bool holds(const BoundRule& rule, const Json& value) {
  if (!value.is_number()) return true;
  long double number = exact(value);
  long double limit = exact(*rule.limit);
  switch (rule.kind) {
    case BoundRule::Kind::minimum: return number >= limit;
    case BoundRule::Kind::maximum: return number <= limit;
    case BoundRule::Kind::exclusive_minimum: return number > limit;
    case BoundRule::Kind::exclusive_maximum: return number < limit;
  }
  return true;
}

bool holds(const MultipleRule& rule, const Json& value) {
  return !value.is_number() || is_multiple(value, *rule.divisor);
}

bool holds(const SizeRule& rule, const Json& value) {
  if (!applies(rule.of, value)) return true;
  std::size_t size = size_of(rule.of, value);
  return rule.is_maximum ? size <= rule.limit : size >= rule.limit;
}

bool holds(const PatternRule& rule, const Json& value) {
  return !value.is_string() || matches(rule.pattern, text_view(value.get_string()));
}

bool holds(const UniqueRule&, const Json& value) {
  return !value.is_array() || !find_duplicate(value.get_array());
}

bool holds(const RequiredRule& rule, const Json& value) {
  return !value.is_object() || has_all(rule.names, value.get_object());
}

bool holds(const DependentRequiredRule& rule, const Json& value) {
  if (!value.is_object()) return true;
  const JsonObject& object = value.get_object();
  return std::all_of(rule.names.begin(), rule.names.end(), [&](const auto& dependency) {
    return !object.contains(dependency.first) || has_all(dependency.second, object);
  });
}

std::string explain(const TypeRule& rule, const Json& value) {
  std::string wanted;
  bool any_number = (rule.types & type_number) != 0;
  for (unsigned bit = type_null; bit <= type_object; bit <<= 1) {
    if ((rule.types & bit) == 0 || (bit == type_integer && any_number)) continue;
    if (!wanted.empty()) wanted += " or ";
    wanted += name_of_type(static_cast<std::uint8_t>(bit));
  }
  return "must be " + wanted + ", not " + name_of_type(type_of(value));
}

std::string explain(const ConstRule& rule, const Json& value) {
  return "must be " + shown(*rule.value) + ", not " + shown(value);
}

std::string explain(const EnumRule& rule, const Json& value) {
  std::string allowed;
  for (const Json& one : *rule.values) {
    if (allowed.size() > shown_max) {
      allowed += ", ...";
      break;
    }
    if (!allowed.empty()) allowed += ", ";
    allowed += shown(one);
  }
  return "must be one of " + allowed + ", not " + shown(value);
}

std::string explain(const BoundRule& rule, const Json& value) {
  std::string relation;
  switch (rule.kind) {
    case BoundRule::Kind::minimum: relation = "at least "; break;
    case BoundRule::Kind::maximum: relation = "at most "; break;
    case BoundRule::Kind::exclusive_minimum: relation = "more than "; break;
    case BoundRule::Kind::exclusive_maximum: relation = "less than "; break;
  }
  return "must be " + relation + shown(*rule.limit) + ", not " + shown(value);
}

std::string explain(const MultipleRule& rule, const Json& value) {
  return "must be a multiple of " + shown(*rule.divisor) + ", not " + shown(value);
}

std::string explain(const SizeRule& rule, const Json& value) {
  std::string unit;
  switch (rule.of) {
    case SizeRule::Of::string: unit = "character"; break;
    case SizeRule::Of::array: unit = "item"; break;
    case SizeRule::Of::object: unit = rule.limit == 1 ? "property" : "propertie"; break;
  }
  if (rule.limit != 1) unit += "s";
  return std::string("must have at ") + (rule.is_maximum ? "most " : "least ") +
         std::to_string(rule.limit) + " " + unit + ", not " +
         std::to_string(size_of(rule.of, value));
}

std::string explain(const PatternRule& rule, const Json& value) {
  return "must match the pattern " + rule.pattern.source + ", unlike " + shown(value);
}

std::string explain(const UniqueRule&, const Json& value) {
  auto duplicate = find_duplicate(value.get_array());
  ASSERT(duplicate.has_value());
  return "must have different items, but those at " + std::to_string(duplicate->first) + " and " +
         std::to_string(duplicate->second) + " are equal";
}

std::string explain(const RequiredRule& rule, const Json& value) {
  std::string missing = missing_names(rule.names, value.get_object());
  bool several = missing.find(',') != std::string::npos;
  return (several ? "the required properties " : "the required property ") + missing +
         (several ? " are missing" : " is missing");
}

std::string explain(const DependentRequiredRule& rule, const Json& value) {
  const JsonObject& object = value.get_object();
  for (const auto& [name, needed] : rule.names) {
    if (!object.contains(name) || has_all(needed, object)) continue;
    return "with '" + name + "' there must be " + missing_names(needed, object) + " too";
  }
  return "a property that another one needs is missing";
}

}  // namespace harmonia::workflow::schema
