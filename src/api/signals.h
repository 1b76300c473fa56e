#pragma once

#include "api/context.h"

// Handlers for what reaches runs from outside: signals, events, and the callbacks of webhooks.
namespace harmonia::api {

void signal_execution(Context& context, Call call, net::Respond respond);
void send_event(Context& context, Call call, net::Respond respond);
void call_back(Context& context, Call call, net::Respond respond);

}  // namespace harmonia::api
