#pragma once

#include <vector>

#include "expr/ast.h"
#include "expr/expr.h"

namespace harmonia::expr {

// Expands the macros of a parsed program, decides what each name stands for, and collects the
// references. All errors at once; with none, the program can be evaluated.
std::vector<CompileError> check(Program::Impl& program, const CompileOptions& options);

}  // namespace harmonia::expr
