#pragma once

#include "api/context.h"

// Long-lived connections. Their frames are described in api/openapi.yaml under the operationIds.
namespace harmonia::api {

net::StreamDecision watch_execution(Context& context, const Call& call);   // WebSocket
net::StreamDecision watch_workflows(Context& context, const Call& call);   // WebSocket
net::StreamDecision stream_execution(Context& context, const Call& call);  // server-sent events

}  // namespace harmonia::api
