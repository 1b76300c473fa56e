#pragma once

#include "api/context.h"

// What a browser sees, the contract itself, and the form of definitions.
namespace harmonia::api {

Result<net::Response> get_root(Context& context, const Call& call);
Result<net::Response> get_docs(Context& context, const Call& call);
Result<net::Response> get_error_docs(Context& context, const Call& call);
Result<net::Response> get_openapi(Context& context, const Call& call);

// The JSON Schema of definitions, for editors.
Result<net::Response> get_workflow_schema(Context& context, const Call& call);

// api/openapi.yaml as JSON; an error when the document is broken, which the tests exclude.
Result<Json> read_openapi();

}  // namespace harmonia::api
