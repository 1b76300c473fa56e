#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "expr/expr.h"

// A small world for the tests of this room: the roots a workflow has, and helpers that fail the
// test loudly.
namespace harmonia::expr::test {

// input, tasks (lazy), secret, loop, item.
const CompileOptions& options();
const Activation& activation();

std::optional<Program> compile_text(std::string_view source);
std::vector<CompileError> compile_errors(std::string_view source);
// The value as JSON text, or "error: ..." of whatever went wrong.
std::string evaluate_text(std::string_view source);
// The error of an evaluation; "" when there was none.
std::string failure_of(std::string_view source);

}  // namespace harmonia::expr::test
