#pragma once

#include "expr/expr.h"

// JSON values with ${...} in their strings, as in a task's `input`.
//
// A string that is one `${...}` as a whole keeps the type of its value. Embedded ones are rendered
// as text: strings as they are, other scalars as JSON, lists and maps as JSON. `$${` is a literal
// `${`. The scanner follows CEL's own tokens, so braces and quotes inside an expression nest
// correctly. Object keys are not evaluated.
namespace harmonia::expr {

struct TemplateError {
  std::string pointer;  // where in the JSON value
  CompileError error;   // its range counts from the start of that string
};

struct TemplateReference {
  std::string pointer;
  Reference reference;
};

// A compiled JSON template: immutable, cheap to copy. Parts without expressions are shared, not
// copied.
class Template {
 public:
  struct Impl;
  explicit Template(std::shared_ptr<const Impl> impl) : impl_(std::move(impl)) {}

  // The JSON it was made of, with its expressions.
  const Json& source() const;
  const std::vector<TemplateReference>& references() const;
  // True when it holds no expression: rendering gives the source (with `$${` unescaped).
  bool is_constant() const;
  const Impl& impl() const { return *impl_; }

 private:
  std::shared_ptr<const Impl> impl_;
};

struct TemplateResult {
  std::optional<Template> value;
  std::vector<TemplateError> errors;
};
TemplateResult compile_template(const Json& source, const CompileOptions& options);

// `instance` of the error is the JSON pointer of the string that failed. `secret.NAME` is not
// evaluated: a string that names it keeps its `${secret.NAME}` text, to be resolved by the task
// runner.
Result<Json> render(const Template& tmpl, const Activation& activation, const Limits& limits = {});

// A condition given as text: either `${ expr }` as a whole or a bare CEL expression.
CompileResult compile_condition(std::string_view text, const CompileOptions& options);

}  // namespace harmonia::expr
