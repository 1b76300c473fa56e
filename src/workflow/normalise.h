#pragma once

#include <string>
#include <vector>

#include "base/json.h"
#include "workflow/findings.h"
#include "workflow/pointer_map.h"

namespace harmonia::workflow {

struct Normalised {
  Json value;  // in canonical field names; an object unless findings say what is wrong with the
               // document
  PointerMap pointers;  // back to the author's document
  std::vector<std::string> translations;
};

// Brings a definition of any dialect to the field names and the shape of the canonical form. It
// does not check: what it does not know stays as it is, for the check to report. Pointers of
// findings are into the original.
//
// In every form camelCase names of fields become snake_case (names within user data stay), `input`
// of a workflow, which describes its fields, becomes a JSON Schema, `metadata.condition` becomes
// `when`, and `id`, `created_at` and `updated_at` of a workflow are left out: the server gives
// them. The dialects are told apart by the table in normalise.cc; each has a file dialect_*.cc.
Normalised normalise(const Json& document, Findings& findings);

}  // namespace harmonia::workflow
