#pragma once

#include "api/context.h"

// Handlers for tasks that failed for good and wait for an operator.
namespace harmonia::api {

Result<net::Response> list_incidents(Context& context, const Call& call);
void resolve_incident(Context& context, Call call, net::Respond respond);

}  // namespace harmonia::api
