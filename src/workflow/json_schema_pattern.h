#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "workflow/json_schema_node.h"

namespace harmonia::workflow::schema {

// Compiles a regular expression of a schema. JSON Schema means those of ECMA-262; what RE2 spells
// otherwise
// (\uXXXX, \cX, long Unicode property names, named groups, Unicode white space in \s) is rewritten
// first. What RE2 can't do (look-around, backreferences, counts above 1000) is an error, because
// RE2's linear time is worth more.
Result<Pattern> compile_pattern(std::string_view source);

// Whether the pattern occurs anywhere in `text`.
bool matches(const Pattern& pattern, std::string_view text);

}  // namespace harmonia::workflow::schema
