#include "expr/expr.h"

#include <algorithm>

#include "base/utf8.h"
#include "expr/ast.h"
#include "expr/check.h"
#include "expr/evaluate.h"
#include "expr/evaluation.h"
#include "expr/parser.h"
#include "expr/to_json.h"

namespace harmonia::expr {
namespace {

std::string shortened(std::string_view source) {
  constexpr std::size_t length_max = 200;
  return utf8_prefix(source, length_max) + (source.size() > length_max ? "..." : "");
}

Error failure_of(const Program& program, const Value& error) {
  return make_error(error_code::expression, std::string(error.failure->message) + ", in ${" +
                                                shortened(program.source()) + "}");
}

}  // namespace

const std::string& Program::source() const { return impl_->source; }
const std::vector<Reference>& Program::references() const { return impl_->references; }
bool Program::is_constant() const { return impl_->roots.empty(); }

CompileResult compile(std::string_view source, const CompileOptions& options) {
  auto impl = std::make_shared<Program::Impl>();
  if (source.size() <= options.limits.source_size_max) impl->source = source;
  std::string_view text = impl->source.size() == source.size() ? impl->source : source;
  CompileResult result;
  if (auto error = parse(text, options.limits, impl->ast)) {
    result.errors.push_back(std::move(*error));
    return result;
  }
  result.errors = check(*impl, options);
  if (result.errors.empty()) result.program.emplace(std::move(impl));
  return result;
}

Result<Json> evaluate_charged(const Program& program, const Activation& activation,
                              const Limits& limits, std::uint64_t& steps_left) {
  Limits lower = limits;
  lower.cost_max = std::min(limits.cost_max, steps_left);
  Evaluation evaluation(program, activation, lower);
  Value value = evaluation.run();
  Json json;
  if (!value.is_error()) {
    Value status = to_json(evaluation, value, json);
    if (status.is_error()) value = status;
  }
  steps_left -= std::min(steps_left, evaluation.cost());
  if (value.is_error()) return failure_of(program, value);
  return json;
}

Result<Json> evaluate(const Program& program, const Activation& activation, const Limits& limits) {
  std::uint64_t steps_left = limits.cost_max;
  return evaluate_charged(program, activation, limits, steps_left);
}

Result<bool> evaluate_condition(const Program& program, const Activation& activation,
                                const Limits& limits) {
  Evaluation evaluation(program, activation, limits);
  Value value = evaluation.run();
  if (value.is_error()) return failure_of(program, value);
  if (!value.is(Kind::boolean)) {
    return make_error(error_code::expression, "the condition ${" + shortened(program.source()) +
                                                  "} must be true or false, but is " +
                                                  std::string(kind_phrase(value)));
  }
  return value.boolean;
}

}  // namespace harmonia::expr
