#include "api/incidents.h"

#include <array>

#include "api/approvals.h"
#include "api/execution_json.h"
#include "api/executions.h"
#include "api/response.h"
#include "api/waiting_tasks.h"
#include "base/utf8.h"

namespace harmonia::api {
namespace {

using execution::IncidentAction;

struct ActionName {
  std::string_view name;
  IncidentAction action;
};
constexpr auto action_names = std::to_array<ActionName>({{"retry", IncidentAction::retry},
                                                         {"skip", IncidentAction::skip},
                                                         {"complete", IncidentAction::complete},
                                                         {"fail", IncidentAction::fail}});

std::optional<IncidentAction> parse_action(std::string_view text) {
  for (const ActionName& one : action_names) {
    if (one.name == text) return one.action;
  }
  return std::nullopt;
}

Json incident_to_json(const FoundTask& found) {
  JsonObject object = waiting_to_json(found);
  const execution::TaskState& now = found.now();
  std::string run = "/api/executions/" + to_string(found.run.state.id);
  object["error"] = now.error ? error_to_json(*now.error) : Json(nullptr);
  object["input"] = now.input ? *now.input : Json(nullptr);
  object["links"] =
      JsonObject{{"execution", json_view(run)},
                 {"resolve", json_view(run + "/tasks/" + path_segment(found.path()) + "/resolve")}};
  return object;
}

Result<execution::ResolveIncident> read_resolution(const Call& call, std::size_t depth_max) {
  TRY_DO(check_query(call.request, {}));
  TRY(BodyReader body, read_body(call.request, depth_max));
  execution::ResolveIncident resolution;
  auto action = parse_action(body.text("action"));
  if (!action) body.add_problem("action", "must be retry, skip, complete or fail");
  resolution.action = action.value_or(IncidentAction::retry);
  if (const Json* output = body.find("output")) {
    resolution.output = share(*output);
    if (action && *action != IncidentAction::complete)
      body.add_problem("output", "is for action complete");
  }
  resolution.asked_seq = read_seq(body);
  resolution.resolved_by = body.text("resolved_by");
  if (resolution.resolved_by.empty()) {
    std::string_view user = call.request.headers.get("X-User-ID");
    if (user.size() <= name_size_max && is_valid_utf8(user)) resolution.resolved_by = user;
  }
  if (resolution.resolved_by.size() > name_size_max)
    body.add_problem("resolved_by", "must have at most 255 bytes");
  TRY_DO(body.finish());
  return resolution;
}

}  // namespace

Result<net::Response> list_incidents(Context& context, const Call& call) {
  TRY_DO(check_query(call.request, {"workflow", "cursor", "limit"}));
  TRY(WaitingQuery query,
      read_waiting_query(context, call.request, execution::InterestKind::incident));
  return list_waiting(context, call.request, query, incident_to_json);
}

void resolve_incident(Context& context, Call call, net::Respond respond) {
  auto resolution = read_resolution(call, context.options.json_depth_max);
  if (!resolution.ok()) return respond(problem_response(resolution.error()));
  auto found = find_task(context, call.parameter("id"), call.parameter("path"));
  if (!found.ok()) return respond(problem_response(found.error()));
  resolution->task = found->ref;
  if (resolution->asked_seq == 0) resolution->asked_seq = execution::asked_seq(found->now());
  context.ports.engine.submit(found->run.state.id, std::move(*resolution),
                              answer_with_summary(context, std::move(respond)));
}

}  // namespace harmonia::api
