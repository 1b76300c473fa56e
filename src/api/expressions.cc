#include "api/expressions.h"

#include "api/request_reader.h"
#include "api/response.h"
#include "workflow/evaluate.h"

namespace harmonia::api {
namespace {

// An error about one member of the body.
Error below(std::string_view member, Error error) {
  error.instance.insert(0, member);
  for (Problem& problem : error.problems) problem.pointer.insert(0, member);
  return error;
}

// One of the two is set.
struct EvaluateBody {
  std::string expression;
  const Json* source = nullptr;  // of the template; in the body
  JsonObject roots;
};

Result<EvaluateBody> read_body_of(BodyReader& body) {
  EvaluateBody input{
      .expression = body.text("expression"), .source = body.find("template"), .roots = {}};
  input.roots = body.object("with");
  bool has_expression = body.find("expression") != nullptr;
  if (has_expression && input.source != nullptr) {
    body.add_problem("template", "must not stand beside expression");
  }
  if (!has_expression && input.source == nullptr) {
    body.add_problem("expression", "or template must be given",
                     "an expression stands alone, a template has ${...} in its strings");
  }
  TRY_DO(body.finish());
  return input;
}

}  // namespace

Result<net::Response> evaluate_expression(Context& context, const Call& call) {
  TRY_DO(check_query(call.request, {}));
  TRY(BodyReader body, read_body(call.request, context.options.json_depth_max));
  TRY(EvaluateBody input, read_body_of(body));
  bool is_template = input.source != nullptr;
  auto value = is_template ? workflow::evaluate_template(*input.source, input.roots)
                           : workflow::evaluate_expression(input.expression, input.roots);
  if (!value.ok()) {
    return below(is_template ? "/template" : "/expression", std::move(value).error());
  }
  return json_response(
      200, JsonObject{{"result", *value}, {"type", json_view(workflow::type_name(*value))}});
}

}  // namespace harmonia::api
