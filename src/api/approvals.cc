#include "api/approvals.h"

#include <algorithm>

#include "api/execution_json.h"
#include "api/executions.h"
#include "api/response.h"
#include "base/utf8.h"
#include "execution/token.h"

namespace harmonia::api {
namespace {

using execution::TaskStatus;
using execution::WaitsFor;

Error no_approval(const FoundTask& found) {
  return make_error(error_code::not_found, "task " + quote_text(found.path()) +
                                               " is no approval, but of type " +
                                               std::string(workflow::to_string(found.task().type)));
}

Result<FoundTask> find_approval(Context& context, const Call& call) {
  TRY(FoundTask found, find_task(context, call.parameter("execution"), call.parameter("path")));
  if (found.task().type != workflow::TaskType::approval) return no_approval(found);
  return found;
}

// What it was asked with; an empty object before.
const JsonObject& question_of(const FoundTask& found) {
  static const JsonObject none;
  const SharedJson& input = found.now().input;
  return input && input->is_object() ? input->get_object() : none;
}

JsonArray assignees_of(const FoundTask& found) {
  const Json* list = question_of(found).if_contains("assignees");
  return list != nullptr && list->is_array() ? list->get_array() : JsonArray();
}

JsonObject links_of(const FoundTask& found) {
  std::string run = to_string(found.run.state.id);
  std::string self = "/api/approvals/" + run + "/" + path_segment(found.path());
  JsonObject links{{"self", json_view(self)},
                   {"approve", json_view(self + "/approve")},
                   {"reject", json_view(self + "/reject")},
                   {"execution", json_view("/api/executions/" + run)}};
  if (!found.run.state.key.empty()) {
    links["page"] =
        json_view(execution::approval_url(*found.run.definition, found.run.state, found.ref));
  }
  return links;
}

Json approval_to_json(const FoundTask& found) {
  JsonObject object = waiting_to_json(found);
  const execution::TaskState& now = found.now();
  const Json* form = approval_form(found);
  object["title"] = json_view(approval_title(found));
  object["status"] = json_view(approval_status(found));
  object["assignees"] = assignees_of(found);
  object["form"] = form != nullptr ? *form : Json(nullptr);
  object["output"] = now.output ? *now.output : Json(nullptr);
  object["error"] = now.error ? error_to_json(*now.error) : Json(nullptr);
  object["links"] = links_of(found);
  return object;
}

bool is_assigned(const FoundTask& found, const std::string& assignee) {
  if (assignee.empty()) return true;
  JsonArray list = assignees_of(found);
  return std::any_of(list.begin(), list.end(), [&](const Json& one) {
    return one.is_string() && text_view(one.get_string()) == assignee;
  });
}

// The decision a body speaks of.
Result<execution::DecideApproval> read_decision(const Call& call, std::size_t depth_max) {
  TRY_DO(check_query(call.request, {}));
  TRY(BodyReader body, read_body(call.request, depth_max));
  execution::DecideApproval decision;
  if (const Json* data = body.find("data")) decision.data = share(*data);
  decision.asked_seq = read_seq(body);
  decision.comment = body.text("comment");
  decision.decided_by = body.text("decided_by");
  if (decision.comment.size() > comment_size_max)
    body.add_problem("comment", "must have at most 4096 bytes");
  if (decision.decided_by.empty()) {
    std::string_view user = call.request.headers.get("X-User-ID");
    if (user.size() <= name_size_max && is_valid_utf8(user)) decision.decided_by = user;
  }
  if (decision.decided_by.size() > name_size_max)
    body.add_problem("decided_by", "must have at most 255 bytes");
  TRY_DO(body.finish());
  return decision;
}

void decide(Context& context, const Call& call, bool approved, net::Respond respond) {
  auto decision = read_decision(call, context.options.json_depth_max);
  if (!decision.ok()) return respond(problem_response(decision.error()));
  auto found = find_approval(context, call);
  if (!found.ok()) return respond(problem_response(found.error()));
  decision->task = found->ref;
  if (decision->asked_seq == 0) decision->asked_seq = execution::asked_seq(found->now());
  decision->approved = approved;
  context.ports.engine.submit(found->run.state.id, std::move(*decision),
                              answer_with_summary(context, std::move(respond)));
}

}  // namespace

std::string_view approval_status(const FoundTask& found) {
  if (found.waits_for(WaitsFor::approval)) return "pending";
  const execution::TaskState& now = found.now();
  bool is_rejected = now.error && now.error->code == error_code::rejected;
  switch (now.status) {
    case TaskStatus::pending:
    case TaskStatus::waiting: return "not_open";
    // A handler of the task works.
    case TaskStatus::running: return is_rejected || !now.error ? "decided" : "closed";
    case TaskStatus::completed: return "decided";
    case TaskStatus::failed: return is_rejected ? "decided" : "closed";
    case TaskStatus::skipped:
    case TaskStatus::canceled: return "closed";
  }
  return "closed";
}

std::string approval_title(const FoundTask& found) {
  return get_string(question_of(found), "title", found.task().name);
}

const Json* approval_form(const FoundTask& found) {
  const auto& form = found.task().as<workflow::Approval>().form;
  return form ? &form->source() : nullptr;
}

Result<net::Response> list_approvals(Context& context, const Call& call) {
  TRY_DO(check_query(call.request, {"status", "assignee", "workflow", "cursor", "limit"}));
  std::string status = query_text(call.request, "status");
  if (!status.empty() && status != "pending") {
    return invalid_parameter("status", "must be pending: the list has what waits for a decision");
  }
  std::string assignee = query_text(call.request, "assignee");
  TRY(WaitingQuery query,
      read_waiting_query(context, call.request, execution::InterestKind::approval));
  return list_waiting(context, call.request, query, [&assignee](const FoundTask& found) {
    return is_assigned(found, assignee) ? approval_to_json(found) : Json(nullptr);
  });
}

Result<net::Response> get_approval(Context& context, const Call& call) {
  TRY_DO(check_query(call.request, {}));
  TRY(FoundTask found, find_approval(context, call));
  return json_response(200, approval_to_json(found));
}

void approve_task(Context& context, Call call, net::Respond respond) {
  decide(context, call, true, std::move(respond));
}

void reject_task(Context& context, Call call, net::Respond respond) {
  decide(context, call, false, std::move(respond));
}

}  // namespace harmonia::api
