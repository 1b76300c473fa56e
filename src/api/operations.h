#pragma once

#include "api/context.h"

// Handlers for operators and for machines that look after the service.
namespace harmonia::api {

Result<net::Response> get_health(Context& context, const Call& call);
Result<net::Response> get_ready(Context& context, const Call& call);
Result<net::Response> get_status(Context& context, const Call& call);
Result<net::Response> get_metrics(Context& context, const Call& call);
Result<net::Response> list_components(Context& context, const Call& call);

}  // namespace harmonia::api
