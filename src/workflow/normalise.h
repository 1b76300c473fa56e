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
// - camelCase names of fields become snake_case; names within user data (input, values, metadata,
// schemas) stay.
// - A list of tasks becomes a map: the key is `id`, else `name`, spelled as an id; dependencies may
// name either.
// - The template/UI form (a task has `dependencies`, `parameters`, `hours` or `status`):
// dependencies (a list, or
//   names separated by commas) -> depends_on, parameters -> input, hours -> timeout in seconds,
//   status is left out, and a task without `action` gets its own id as action, because that is what
//   its component was meant to read.
//   `{{ x }}` in inputs and conditions becomes `${input.x}` or `${tasks.x...}`.
// - `input` of a workflow (also `output` in the last two forms) describes fields: it becomes a JSON
// Schema.
// - `metadata.condition` becomes `when`.
// - `id`, `created_at` and `updated_at` of a workflow belong to the server and are left out.
// - Graph forms with `next` or `steps` and template files are recognised and refused with a hint.
Normalised normalise(const Json& document, Findings& findings);

}  // namespace harmonia::workflow
