#pragma once

#include <string_view>

namespace harmonia::workflow {

// The form of a definition as a JSON Schema (2020-12), for editors: definition_schema.json, built
// into the program. It describes the canonical form in snake case; the parser accepts more
// spellings and dialects, and finds more: cycles, references, faults in expressions. A test holds
// the two to each other, field by field.
std::string_view definition_schema();

}  // namespace harmonia::workflow
