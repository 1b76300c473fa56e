#include <array>
#include <cmath>

#include "workflow/json_schema_pattern.h"
#include "workflow/json_schema_rules.h"

namespace harmonia::workflow::schema {
namespace {

struct TypeName {
  std::string_view name;
  std::uint8_t bits;
};

constexpr std::array<TypeName, 7> type_names = {{
    {"null", type_null},
    {"boolean", type_boolean},
    {"integer", type_integer},
    {"number", type_number | type_integer},
    {"string", type_string},
    {"array", type_array},
    {"object", type_object},
}};

std::uint8_t bits_of(const Json& value) {
  if (!value.is_string()) return 0;
  for (const TypeName& type : type_names) {
    if (type.name == text_view(value.get_string())) return type.bits;
  }
  return 0;
}

void compile_type(RuleContext& context, std::vector<Keyword>& out) {
  const Json* value = member(context, "type");
  if (value == nullptr) return;
  bool known = !value->is_array() || !value->get_array().empty();
  unsigned bits = 0;
  auto add = [&](const Json& name) {
    unsigned more = bits_of(name);
    known = known && more != 0;
    bits |= more;
  };
  if (value->is_array()) {
    for (const Json& name : value->get_array()) add(name);
  } else {
    add(*value);
  }
  if (!known) {
    return add_problem(context, "type", "this is not a JSON type or a list of them",
                       "use null, boolean, integer, number, string, array or object");
  }
  out.push_back({"type", TypeRule{static_cast<std::uint8_t>(bits)}});
}

void compile_values(RuleContext& context, std::vector<Keyword>& out) {
  if (const Json* value = member(context, "const")) out.push_back({"const", ConstRule{value}});
  const Json* values = member(context, "enum");
  if (values == nullptr) return;
  if (!values->is_array()) return add_problem(context, "enum", "enum must be a list of values");
  out.push_back({"enum", EnumRule{&values->get_array()}});
}

void compile_numbers(RuleContext& context, std::vector<Keyword>& out) {
  using Kind = BoundRule::Kind;
  struct Bound {
    const char* name;
    Kind kind;
  };
  constexpr std::array<Bound, 4> bounds = {{{"minimum", Kind::minimum},
                                            {"maximum", Kind::maximum},
                                            {"exclusiveMinimum", Kind::exclusive_minimum},
                                            {"exclusiveMaximum", Kind::exclusive_maximum}}};
  for (const Bound& bound : bounds) {
    const Json* limit = member(context, bound.name);
    if (limit == nullptr) continue;
    if (!limit->is_number()) {
      add_problem(context, bound.name, std::string(bound.name) + " must be a number");
      continue;
    }
    out.push_back({bound.name, BoundRule{bound.kind, limit}});
  }
  const Json* divisor = member(context, "multipleOf");
  if (divisor == nullptr) return;
  if (!divisor->is_number() || divisor->to_number<double>() <= 0) {
    return add_problem(context, "multipleOf", "multipleOf must be a number above 0");
  }
  out.push_back({"multipleOf", MultipleRule{divisor}});
}

void compile_sizes(RuleContext& context, std::vector<Keyword>& out) {
  struct Size {
    const char* name;
    SizeRule::Of of;
    bool is_maximum;
  };
  constexpr std::array<Size, 6> sizes = {{{"minLength", SizeRule::Of::string, false},
                                          {"maxLength", SizeRule::Of::string, true},
                                          {"minItems", SizeRule::Of::array, false},
                                          {"maxItems", SizeRule::Of::array, true},
                                          {"minProperties", SizeRule::Of::object, false},
                                          {"maxProperties", SizeRule::Of::object, true}}};
  for (const Size& size : sizes) {
    auto limit = read_count(context, size.name);
    if (limit) out.push_back({size.name, SizeRule{size.of, size.is_maximum, *limit}});
  }
}

void compile_pattern_keyword(RuleContext& context, std::vector<Keyword>& out) {
  const Json* value = member(context, "pattern");
  if (value == nullptr) return;
  if (!value->is_string()) return add_problem(context, "pattern", "pattern must be a string");
  auto pattern = compile_pattern(text_view(value->get_string()));
  if (!pattern.ok()) {
    return add_problem(context, "pattern", pattern.error().detail,
                       "patterns are RE2's: no look-around, no backreferences");
  }
  out.push_back({"pattern", PatternRule{std::move(*pattern)}});
}

void compile_required(RuleContext& context, std::vector<Keyword>& out) {
  if (const Json* value = member(context, "required")) {
    out.push_back({"required", RequiredRule{read_names(context, "required", *value)}});
  }
  const Json* dependent = context.resource.draft7 ? nullptr : member(context, "dependentRequired");
  if (dependent == nullptr) return;
  if (!dependent->is_object()) {
    return add_problem(context, "dependentRequired",
                       "dependentRequired must be an object of lists of names");
  }
  DependentRequiredRule rule;
  for (const auto& [key, names] : dependent->get_object()) {
    rule.names[std::string(text_view(key))] =
        read_names(context, "dependentRequired/" + escape_pointer_token(text_view(key)), names);
  }
  out.push_back({"dependentRequired", std::move(rule)});
}

void compile_unique(RuleContext& context, std::vector<Keyword>& out) {
  const Json* value = member(context, "uniqueItems");
  if (value == nullptr) return;
  if (!value->is_bool())
    return add_problem(context, "uniqueItems", "uniqueItems must be true or false");
  if (value->get_bool()) out.push_back({"uniqueItems", UniqueRule{}});
}

}  // namespace

void add_problem(RuleContext& context, std::string_view keyword, std::string_view message,
                 std::string_view hint) {
  context.problems.push_back({.pointer = context.location + "/" + std::string(keyword),
                              .message = std::string(message),
                              .hint = std::string(hint)});
}

std::string concat(std::string_view a, std::string_view b, std::string_view c) {
  return std::string(a).append(b).append(c);
}

std::vector<std::string> read_names(RuleContext& context, std::string_view keyword,
                                    const Json& value) {
  std::vector<std::string> names;
  bool all_text = value.is_array();
  if (all_text) {
    for (const Json& name : value.get_array()) {
      all_text = all_text && name.is_string();
      if (name.is_string()) names.emplace_back(text_view(name.get_string()));
    }
  }
  if (!all_text) {
    std::string name(keyword.substr(0, keyword.find('/')));
    std::string hint = value.is_bool() && name == "required"
                           ? "list the required names beside 'properties', as in required: [a, b]"
                           : "";
    add_problem(context, keyword, name + " must be a list of property names", hint);
  }
  return names;
}

std::optional<std::uint64_t> read_count(RuleContext& context, std::string_view keyword) {
  const Json* value = member(context, keyword);
  if (value == nullptr) return std::nullopt;
  if (value->is_int64() && value->get_int64() >= 0)
    return static_cast<std::uint64_t>(value->get_int64());
  if (value->is_uint64()) return value->get_uint64();
  if (value->is_double()) {
    double number = value->get_double();
    if (number >= 0 && number < 1e15 && number == std::floor(number))
      return static_cast<std::uint64_t>(number);
  }
  add_problem(context, keyword, std::string(keyword) + " must be a whole number, 0 or more");
  return std::nullopt;
}

void compile_assertions(RuleContext& context, std::vector<Keyword>& out) {
  compile_type(context, out);
  compile_values(context, out);
  compile_numbers(context, out);
  compile_sizes(context, out);
  compile_pattern_keyword(context, out);
  compile_required(context, out);
  compile_unique(context, out);
}

}  // namespace harmonia::workflow::schema
