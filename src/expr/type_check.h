#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "expr/template.h"
#include "expr/types.h"

// Finds the mistakes in an expression that no data could make right: `1 + "a"`, `input.name * 2`
// where name is a string, a member that a closed object does not have. What could succeed is never
// an error.
namespace harmonia::expr {

// The types of the roots; dyn for what is not known. `name` is one of the roots that the program
// was compiled with.
class TypeEnvironment {
 public:
  virtual ~TypeEnvironment() = default;
  virtual Type root(std::string_view name) const = 0;
};

enum class TypeSeverity : std::uint8_t {
  error,    // this part fails whenever it is evaluated
  warning,  // works, but hardly as meant: == that never holds, a condition that never changes
};

struct TypeFinding {
  TypeSeverity severity = TypeSeverity::error;
  std::string message;
  std::string hint;
  SourceRange range;  // within Program::source()
};

struct TypeCheckResult {
  Type type;  // of the value as the expression has it; type_in_json() tells what evaluate() gives
  std::vector<TypeFinding> findings;
};

TypeCheckResult check_types(const Program& program, const TypeEnvironment& environment);

// As above, for a program whose value must be a bool. (That a condition names no root at all is not
// among the findings: Program::is_constant() tells.)
TypeCheckResult check_condition_types(const Program& program, const TypeEnvironment& environment);

struct TemplateTypeFinding {
  std::string pointer;  // where in the template's JSON
  TypeFinding finding;  // its range counts from the start of that string
};

struct TemplateTypeCheckResult {
  Type type;  // of what render() gives: JSON
  std::vector<TemplateTypeFinding> findings;
};

TemplateTypeCheckResult check_types(const Template& tmpl, const TypeEnvironment& environment);

// The type of a JSON value that is known: objects are closed. Of the items of a long list nothing
// is said.
Type type_of_json(const Json& json);

}  // namespace harmonia::expr
