#pragma once

#include "api/context.h"

// Handlers of /api/expressions; what each does is said in api/openapi.yaml under its operationId.
namespace harmonia::api {

Result<net::Response> evaluate_expression(Context& context, const Call& call);

}  // namespace harmonia::api
