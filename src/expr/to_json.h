#pragma once

#include "base/json.h"
#include "expr/value.h"

namespace harmonia::expr {

class Evaluation;

// A value as JSON, in `out`. Gives null_value, or the error: for what JSON can't hold (NaN,
// infinities) and when the memory budget is used up.
Value to_json(Evaluation& evaluation, const Value& value, Json& out);

}  // namespace harmonia::expr
