#pragma once

#include <string_view>

#include "base/json.h"
#include "base/result.h"

// Expressions outside of a run, for those who try one before it stands in a definition.
namespace harmonia::workflow {

// The value of a CEL expression without ${ }; the members of `roots` are the names it may use.
//
// Errors have code `expression`. When the text does not compile there is a problem for each fault,
// with line, column, excerpt and hint; what fails while it is evaluated has a detail only.
Result<Json> evaluate_expression(std::string_view text, const JsonObject& roots);

// The same for a value with ${...} in its strings, rendered as in a task's input. The pointers of
// problems, and the instance of what fails in evaluation, lead to the string; line and column count
// within it. The expressions of one value share a budget of steps, so that many of them have less
// each than in a definition. Secrets have no values here: ${secret.NAME} stays as it is.
Result<Json> evaluate_template(const Json& source, const JsonObject& roots);

// What JSON Schema calls the type of a value: null, boolean, integer, number, string, array,
// object.
std::string_view type_name(const Json& value);

}  // namespace harmonia::workflow
