#include "workflow/evaluate.h"

#include <algorithm>
#include <vector>

#include "expr/template.h"
#include "workflow/parse.h"

namespace harmonia::workflow {
namespace {

class Roots final : public expr::Activation {
 public:
  explicit Roots(const JsonObject& values) : values_(values) {
    for (const auto& member : values) names_.push_back(text_view(member.key()));
  }

  std::span<const std::string_view> names() const { return names_; }
  std::optional<expr::LazyObject::Member> root(std::string_view name) const override {
    const Json* value = values_.if_contains(json_view(name));
    if (value == nullptr) return std::nullopt;
    return expr::LazyObject::Member{.json = value};
  }

 private:
  const JsonObject& values_;
  std::vector<std::string_view> names_;
};

// Steps of all expressions of one template: about a tenth of a second.
constexpr std::uint64_t template_cost_max = 10'000'000;

std::size_t count_expressions(const Json& value) {
  std::size_t count = 0;
  if (value.is_string()) {
    std::string_view text = text_view(value.get_string());
    for (std::size_t at = 0; (at = text.find("${", at)) != std::string_view::npos; at += 2) ++count;
  } else if (value.is_array()) {
    for (const Json& item : value.get_array()) count += count_expressions(item);
  } else if (value.is_object()) {
    for (const auto& member : value.get_object()) count += count_expressions(member.value());
  }
  return count;
}

// A fault of one text, at `pointer`.
Problem problem_of(const expr::CompileError& error, std::string pointer, std::string_view text) {
  TextPosition position = position_at(text, error.range.offset);
  std::vector<Problem> problem{{.pointer = std::move(pointer),
                                .message = error.message,
                                .hint = error.hint,
                                .line = position.line,
                                .column = position.column}};
  add_excerpts(problem, text);
  return std::move(problem.front());
}

Error error_of(std::vector<Problem> problems) {
  const Problem& first = problems.front();
  Error error = make_error(error_code::expression,
                           "line " + std::to_string(first.line) + ", column " +
                               std::to_string(first.column) + ": " + first.message,
                           first.pointer);
  if (!first.hint.empty()) error.detail += " (" + first.hint + ")";
  if (problems.size() > 1) error.detail += "; and " + std::to_string(problems.size() - 1) + " more";
  error.problems = std::move(problems);
  return error;
}

}  // namespace

Result<Json> evaluate_expression(std::string_view text, const JsonObject& roots) {
  Roots activation(roots);
  auto compiled = expr::compile(text, {.limits = {}, .roots = activation.names()});
  if (compiled.program) return expr::evaluate(*compiled.program, activation);
  std::vector<Problem> problems;
  for (const auto& error : compiled.errors) problems.push_back(problem_of(error, "", text));
  return error_of(std::move(problems));
}

Result<Json> evaluate_template(const Json& source, const JsonObject& roots) {
  Roots activation(roots);
  auto compiled = expr::compile_template(source, {.limits = {}, .roots = activation.names()});
  if (compiled.value) {
    expr::Limits limits;
    std::size_t count = std::max<std::size_t>(1, count_expressions(source));
    limits.cost_max = std::min(limits.cost_max, template_cost_max / count);
    return expr::render(*compiled.value, activation, limits);
  }
  std::vector<Problem> problems;
  for (const auto& fault : compiled.errors) {
    const Json* text = find_pointer(source, fault.pointer);
    ASSERT(text != nullptr && text->is_string());
    problems.push_back(problem_of(fault.error, fault.pointer, text_view(text->get_string())));
  }
  return error_of(std::move(problems));
}

std::string_view type_name(const Json& value) {
  switch (value.kind()) {
    case boost::json::kind::null: return "null";
    case boost::json::kind::bool_: return "boolean";
    case boost::json::kind::int64:
    case boost::json::kind::uint64: return "integer";
    case boost::json::kind::double_: return "number";
    case boost::json::kind::string: return "string";
    case boost::json::kind::array: return "array";
    case boost::json::kind::object: return "object";
  }
  return {};
}

}  // namespace harmonia::workflow
