#pragma once

#include "execution/decide_lifecycle.h"

// What people and other systems say to a run: signals, decisions, callbacks, ends of incidents.
namespace harmonia::execution {

Outcome decide_signal(Draft& draft, const Signal& signal);
Outcome decide_approval(Draft& draft, const DecideApproval& decision);
Outcome decide_callback(Draft& draft, const Callback& callback);
Outcome decide_incident(Draft& draft, const ResolveIncident& resolution);

}  // namespace harmonia::execution
