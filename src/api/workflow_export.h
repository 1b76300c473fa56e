#pragma once

#include "api/context.h"

namespace harmonia::api {

// `exportWorkflow` of api/openapi.yaml: the definition as YAML, JSON, Mermaid or DOT.
Result<net::Response> export_workflow(Context& context, const Call& call);

}  // namespace harmonia::api
