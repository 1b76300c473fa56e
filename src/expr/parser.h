#pragma once

#include <optional>
#include <string_view>

#include "expr/ast.h"
#include "expr/expr.h"

namespace harmonia::expr {

// Parses `source` into `ast`; it must outlive the tree. The first error, or nothing. Macros are
// still calls.
std::optional<CompileError> parse(std::string_view source, const Limits& limits, Ast& ast);

}  // namespace harmonia::expr
