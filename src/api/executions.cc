#include "api/executions.h"

#include "api/execution_json.h"
#include "api/request_reader.h"
#include "api/response.h"
#include "base/json_writer.h"

namespace harmonia::api {
namespace {

constexpr std::int64_t offset_max = 1'000'000'000;
constexpr std::size_t reason_size_max = 4096;

Result<std::vector<execution::RunStatus>> read_statuses(const net::Request& request) {
  std::vector<execution::RunStatus> statuses;
  for (const std::string& text : query_list(request, "status")) {
    auto status = execution::parse_run_status(text);
    if (!status) {
      return invalid_parameter("status",
                               "must be pending, running, paused, completed, failed or "
                               "canceled, not " +
                                   quote_text(text));
    }
    statuses.push_back(*status);
  }
  return statuses;
}

Result<store::ExecutionQuery> read_execution_query(Context& context, const net::Request& request) {
  TRY_DO(check_query(request, {"status", "workflow_id", "tag", "text", "created_from",
                               "created_before", "cursor", "limit", "offset"}));
  auto limit_max = static_cast<std::int64_t>(context.options.page_items_max);
  store::ExecutionQuery query{.tag = query_text(request, "tag"),
                              .text = query_text(request, "text"),
                              .cursor = query_text(request, "cursor")};
  TRY(query.statuses, read_statuses(request));
  TRY(query.created_from, query_time(request, "created_from"));
  TRY(query.created_before, query_time(request, "created_before"));
  TRY(auto limit, query_integer(request, "limit", {.min = 1, .max = limit_max}));
  TRY(auto offset, query_integer(request, "offset", {.min = 0, .max = offset_max}));
  query.limit = static_cast<std::size_t>(limit.value_or(100));
  query.offset = static_cast<std::size_t>(offset.value_or(0));
  std::string workflow = query_text(request, "workflow_id");
  if (workflow.empty()) return query;
  // A deleted workflow has executions still, so an unknown UUID is a filter like any other.
  if (auto id = parse_id<WorkflowId>(workflow)) {
    query.workflow = *id;
    return query;
  }
  TRY(auto stored, find_workflow(context, workflow));
  query.workflow = stored.id;
  return query;
}

Result<std::string> read_reason(const Call& call, std::size_t depth_max) {
  TRY_DO(check_query(call.request, {}));
  TRY(BodyReader body, read_body(call.request, depth_max));
  std::string reason = body.text("reason");
  if (reason.size() > reason_size_max) {
    body.add_problem("reason", "must have at most 4096 bytes");
  }
  TRY_DO(body.finish());
  return reason;
}

void submit(Context& context, const Call& call, execution::CommandBody command,
            net::Respond respond) {
  auto id = read_execution_id(call.parameter("id"));
  if (!id.ok()) return respond(problem_response(id.error()));
  context.ports.engine.submit(*id, std::move(command),
                              answer_with_summary(context, std::move(respond)));
}

// Pause and resume take an empty body or {}.
void submit_plain(Context& context, const Call& call, execution::CommandBody command,
                  net::Respond respond) {
  auto body = read_body(call.request, context.options.json_depth_max);
  Result<void> checked = body.ok() ? body->finish() : Result<void>(body.error());
  if (checked.ok()) checked = check_query(call.request, {});
  if (!checked.ok()) return respond(problem_response(checked.error()));
  submit(context, call, std::move(command), std::move(respond));
}

}  // namespace

Result<engine::ReadRun> read_run(Context& context, ExecutionId id) {
  TRY(auto run, context.runs.read(id));
  if (!run) return no_such_execution(id);
  return std::move(*run);
}

engine::Completion answer_with_summary(Context& context, net::Respond respond) {
  return [&context, respond = std::move(respond)](Result<engine::Receipt> receipt) {
    if (!receipt.ok()) return respond(problem_response(receipt.error()));
    context.background.post([&context, respond, id = receipt->execution] {
      auto summary = context.ports.store.find_summary(id);
      if (!summary.ok()) return respond(problem_response(summary.error()));
      if (!summary->has_value()) return respond(problem_response(no_such_execution(id)));
      std::string body;
      append_summary(body, **summary);
      respond(json_text_response(200, std::move(body)));
    });
  };
}

Result<net::Response> list_executions(Context& context, const Call& call) {
  TRY(store::ExecutionQuery query, read_execution_query(context, call.request));
  TRY(auto page, context.ports.store.list_executions(query));
  std::string body;
  {
    ObjectWriter w(body);
    w.list("items", page.items, append_summary);
    page.next_cursor.empty() ? w.null("next_cursor") : w.text("next_cursor", page.next_cursor);
  }
  net::Response response = json_text_response(200, std::move(body));
  if (!page.next_cursor.empty()) {
    response.headers.set("Link", next_link(call.request, "cursor", page.next_cursor));
  }
  return response;
}

Result<net::Response> get_execution(Context& context, const Call& call) {
  TRY_DO(check_query(call.request, {}));
  TRY(ExecutionId id, read_execution_id(call.parameter("id")));
  TRY(auto run, read_run(context, id));
  store::Summary summary = engine::summarise(run->state, *run->definition);
  std::string body;
  append_execution(body, {.state = run->state, .definition = *run->definition, .summary = summary});
  std::string etag = "\"" + std::to_string(run->state.last_seq) + "\"";
  return tagged_text_response(call.request, etag, std::move(body));
}

Result<net::Response> get_execution_history(Context& context, const Call& call) {
  TRY_DO(check_query(call.request, {"after", "limit"}));
  TRY(ExecutionId id, read_execution_id(call.parameter("id")));
  TRY(auto after, query_integer(call.request, "after", {.min = 0, .max = INT64_MAX}));
  TRY(auto limit, query_integer(call.request, "limit", {.min = 1, .max = 1000}));
  store::HistoryQuery query{.execution = id,
                            .after_seq = static_cast<std::uint64_t>(after.value_or(0)),
                            .limit = static_cast<std::size_t>(limit.value_or(200))};
  TRY(auto events, context.ports.store.read_history(query));
  // Read after the events, so that the state knows every task they speak of.
  TRY(auto run, read_run(context, id));
  JsonArray items;
  for (const execution::Event& event : events) {
    items.push_back(event_to_json(event, run->state, *run->definition, Payloads::full));
  }
  bool more = !events.empty() && events.back().seq < run->state.last_seq;
  std::string cursor = more ? std::to_string(events.back().seq) : std::string();
  net::Response response =
      json_response(200, JsonObject{{"items", std::move(items)},
                                    {"next_cursor", more ? Json(json_view(cursor)) : Json(nullptr)},
                                    {"version", run->state.last_seq}});
  if (more) response.headers.set("Link", next_link(call.request, "after", cursor));
  return response;
}

Result<net::Response> list_execution_tasks(Context& context, const Call& call) {
  TRY_DO(check_query(call.request, {"limit", "offset"}));
  TRY(ExecutionId id, read_execution_id(call.parameter("id")));
  auto limit_max = static_cast<std::int64_t>(context.options.page_items_max);
  TRY(auto limit, query_integer(call.request, "limit", {.min = 1, .max = limit_max}));
  TRY(auto offset, query_integer(call.request, "offset", {.min = 0, .max = offset_max}));
  TRY(auto run, read_run(context, id));
  TaskPage page{.offset = static_cast<std::size_t>(offset.value_or(0)),
                .limit = static_cast<std::size_t>(limit.value_or(100))};
  std::size_t total = count_all_tasks(run->state);
  std::string body;
  std::size_t next_offset = page.offset;
  bool more = false;
  {
    ObjectWriter w(body);
    std::size_t shown = append_tasks(w.member("items"), run->state, *run->definition, page);
    next_offset += shown;
    more = shown > 0 && next_offset < total;
    more ? w.number("next_offset", static_cast<std::int64_t>(next_offset)) : w.null("next_offset");
    w.number("total", static_cast<std::int64_t>(total));
  }
  net::Response response = json_text_response(200, std::move(body));
  if (more) {
    response.headers.set("Link", next_link(call.request, "offset", std::to_string(next_offset)));
  }
  return response;
}

void cancel_execution(Context& context, Call call, net::Respond respond) {
  auto reason = read_reason(call, context.options.json_depth_max);
  if (!reason.ok()) return respond(problem_response(reason.error()));
  submit(context, call, execution::Cancel{.reason = std::move(*reason)}, std::move(respond));
}

void pause_execution(Context& context, Call call, net::Respond respond) {
  submit_plain(context, call, execution::Pause{}, std::move(respond));
}

void resume_execution(Context& context, Call call, net::Respond respond) {
  submit_plain(context, call, execution::Resume{}, std::move(respond));
}

}  // namespace harmonia::api
