#pragma once

#include "api/waiting_tasks.h"

// Handlers of /api/approvals; what each does is said in api/openapi.yaml under its operationId.
namespace harmonia::api {

Result<net::Response> list_approvals(Context& context, const Call& call);
Result<net::Response> get_approval(Context& context, const Call& call);
void approve_task(Context& context, Call call, net::Respond respond);
void reject_task(Context& context, Call call, net::Respond respond);

// pending, decided, closed (it ended without a decision), not_open (nobody is asked yet).
std::string_view approval_status(const FoundTask& found);
// The title as it was evaluated, else the name of the task.
std::string approval_title(const FoundTask& found);
// Of its form; a null pointer when it has none.
const Json* approval_form(const FoundTask& found);

// What a person may say with a decision, within bounds.
inline constexpr std::size_t comment_size_max = 4096;
inline constexpr std::size_t name_size_max = 255;

}  // namespace harmonia::api
