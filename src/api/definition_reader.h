#pragma once

#include <optional>

#include "api/context.h"
#include "workflow/parse.h"

namespace harmonia::api {

// The definition in a request's body, JSON or YAML by its Content-Type. Members the server adds to
// what it shows (revision, created_at ...) may come back and are taken out; an `id` is read.
struct DefinitionInput {
  workflow::ParseOutcome outcome;
  std::optional<WorkflowId> id;
};
// An error only when the body can't be read at all: wrong media type, malformed text, bad id.
// `actions` are those of the server's components; may be null.
Result<DefinitionInput> read_definition(const net::Request& request,
                                        const workflow::ActionTypes* actions);

}  // namespace harmonia::api
