#pragma once

#include "api/context.h"

// The page behind the link of an approval, for people without an account: whoever has the link may
// decide. Nothing is decided by opening it, because mail scanners open links.
namespace harmonia::api {

Result<net::Response> get_approval_page(Context& context, const Call& call);
// The form of that page.
void decide_by_link(Context& context, Call call, net::Respond respond);

}  // namespace harmonia::api
