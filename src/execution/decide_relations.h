#pragma once

#include "execution/decide_lifecycle.h"

// What other runs mean to this one: locks, turns, subworkflows.
namespace harmonia::execution {

Outcome decide_grant(Draft& draft, const Grant& grant);
Outcome decide_deny(Draft& draft, const Deny& denial);
Outcome decide_child_ended(Draft& draft, const ChildEnded& ended);

}  // namespace harmonia::execution
