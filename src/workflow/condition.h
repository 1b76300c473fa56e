#pragma once

#include <string>

#include "base/json.h"
#include "base/result.h"

namespace harmonia::workflow {

// A `metadata.condition` of the Python Harmonia as the text of a `when`: a string as it is (without
// the prefix `expr.`), booleans and null as constants, the form {and: [...], eq: [a, b], ...} as
// CEL. An error (its detail is the message, its instance a pointer into the condition) where there
// is no faithful translation.
Result<std::string> translate_condition(const Json& condition);

}  // namespace harmonia::workflow
