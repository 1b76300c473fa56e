#include "workflow/condition.h"

#include <array>

#include "workflow/placeholders.h"

namespace harmonia::workflow {
namespace {

constexpr std::size_t depth_max = 32;

struct Operator {
  std::string_view name;
  std::string_view cel;
};

// In the order in which Python looks for them; `expr` stands before all.
constexpr std::array<Operator, 6> comparisons = {
    {{"eq", "=="}, {"neq", "!="}, {"gt", ">"}, {"gte", ">="}, {"lt", "<"}, {"lte", "<="}}};

Error untranslatable(std::string what) {
  return make_error(error_code::invalid_definition, std::move(what));
}

// The expression in a string that is one ${...} as a whole, without the prefix that asked Python to
// evaluate it.
std::string_view whole_expression(std::string_view text) {
  if (!text.starts_with("${") || !text.ends_with('}')) return {};
  text = text.substr(2, text.size() - 3);
  if (text.starts_with("expr.")) text.remove_prefix(5);
  return text;
}

Result<std::string> translate_operand(const Json& operand) {
  if (!operand.is_string()) return to_cel_literal(operand);
  std::string_view text = text_view(operand.get_string());
  std::string_view expression = whole_expression(text);
  bool single = !expression.empty() && expression.find("${") == std::string_view::npos;
  if (single) return "(" + std::string(expression) + ")";
  if (text.find("${") != std::string_view::npos) {
    return untranslatable(
        "a text with ${...} inside can't be compared; write the condition as `when`");
  }
  return to_cel_literal(operand);
}

Result<std::string> translate(const Json& condition, std::size_t depth);

Result<std::string> translate_text(std::string_view text) {
  if (text.empty()) return untranslatable("the condition is empty");
  std::string_view expression = whole_expression(text);
  if (!expression.empty()) return "${" + std::string(expression) + "}";
  return std::string(text);
}

// The same as a part of a larger expression.
Result<std::string> translate_part(const Json& condition, std::size_t depth) {
  TRY(std::string text, translate(condition, depth));
  std::string_view inside = whole_expression(text);
  return "(" + (inside.empty() ? text : std::string(inside)) + ")";
}

Result<std::string> translate_all(const Json& conditions, std::string_view joiner,
                                  std::size_t depth) {
  if (!conditions.is_array()) return untranslatable("'and' and 'or' need a list of conditions");
  std::string joined;
  for (const Json& condition : conditions.get_array()) {
    TRY(std::string part, translate_part(condition, depth));
    if (!joined.empty()) joined += joiner;
    joined += part;
  }
  if (joined.empty()) return std::string(joiner == " && " ? "true" : "false");
  return joined;
}

// Python's `in`: part of a text, key of a map, item of a list.
Result<std::string> translate_membership(const Json& item, const Json& container) {
  TRY(std::string member, translate_operand(item));
  TRY(std::string whole, translate_operand(container));
  bool literal_text = container.is_string() &&
                      text_view(container.get_string()).find("${") == std::string_view::npos;
  if (literal_text) return whole + ".contains(" + member + ")";
  if (!container.is_string()) return member + " in " + whole;
  return "type(" + whole + ") == string ? " + whole + ".contains(" + member + ") : " + member +
         " in " + whole;
}

Result<std::string> translate_pair(const JsonObject& object, std::string_view name,
                                   std::string_view cel) {
  const Json& operands = object.at(json_view(name));
  if (!operands.is_array() || operands.get_array().size() != 2) {
    return untranslatable("'" + std::string(name) + "' needs a list of two values");
  }
  const Json& left = operands.get_array()[0];
  const Json& right = operands.get_array()[1];
  if (name == "in") return translate_membership(left, right);
  if (name == "contains") return translate_membership(right, left);
  TRY(std::string first, translate_operand(left));
  TRY(std::string second, translate_operand(right));
  return first.append(" ").append(cel).append(" ").append(second);
}

Result<std::string> translate_object(const JsonObject& object, std::size_t depth) {
  if (const Json* text = object.if_contains("expr")) return translate_part(*text, depth);
  if (const Json* list = object.if_contains("and")) return translate_all(*list, " && ", depth);
  if (const Json* list = object.if_contains("or")) return translate_all(*list, " || ", depth);
  if (const Json* inner = object.if_contains("not")) {
    TRY(std::string part, translate_part(*inner, depth));
    return "!" + part;
  }
  for (const Operator& comparison : comparisons) {
    if (object.contains(json_view(comparison.name))) {
      return translate_pair(object, comparison.name, comparison.cel);
    }
  }
  for (std::string_view name : {"in", "contains"}) {
    if (object.contains(json_view(name))) return translate_pair(object, name, "in");
  }
  return untranslatable(
      "the condition has none of expr, and, or, not, eq, neq, gt, gte, lt, lte, in, contains");
}

Result<std::string> translate(const Json& condition, std::size_t depth) {
  if (depth == 0) return untranslatable("the condition nests too deeply");
  switch (condition.kind()) {
    case boost::json::kind::null: return std::string("false");
    case boost::json::kind::bool_: return std::string(condition.get_bool() ? "true" : "false");
    case boost::json::kind::string: return translate_text(text_view(condition.get_string()));
    case boost::json::kind::object: return translate_object(condition.get_object(), depth - 1);
    case boost::json::kind::int64:
    case boost::json::kind::uint64:
    case boost::json::kind::double_:
    case boost::json::kind::array: break;
  }
  return untranslatable("a condition is a text, a boolean or an object such as {eq: [a, b]}");
}

}  // namespace

Result<std::string> translate_condition(const Json& condition) {
  return translate(condition, depth_max);
}

}  // namespace harmonia::workflow
