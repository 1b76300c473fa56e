#include "api/execution_feed.h"
#include "api/executions.h"
#include "api/request_reader.h"
#include "api/response.h"
#include "api/streams.h"
#include "api/workflow_feed.h"

namespace harmonia::api {
namespace {

net::StreamDecision refuse(const Error& error) {
  return {.refusal = problem_response(error), .events = {}, .subprotocol = {}, .headers = {}};
}

Result<ExecutionFeed::Request> read_watch(Context& context, const Call& call) {
  TRY_DO(check_query(call.request, {"after"}));
  TRY(auto after, query_integer(call.request, "after", {.min = 0, .max = INT64_MAX}));
  TRY(ExecutionId id, read_execution_id(call.parameter("id")));
  TRY(auto summary, context.ports.store.find_summary(id));
  if (!summary) return no_such_execution(id);
  ExecutionFeed::Request request{.execution = id};
  if (after) request.after = static_cast<std::uint64_t>(*after);
  request.client_id = to_string(context.ports.ids.next(context.ports.clock.now()));
  return request;
}

bool has_seen_the_end(Context& context, const ExecutionFeed::Request& request) {
  auto run = read_run(context, request.execution);
  return run.ok() && is_terminal((*run)->state.status) && request.after >= (*run)->state.last_seq;
}

}  // namespace

net::StreamDecision watch_execution(Context& context, const Call& call) {
  auto request = read_watch(context, call);
  if (!request.ok()) return refuse(request.error());
  auto feed = std::make_shared<ExecutionFeed>(context, std::move(*request));
  net::StreamDecision decision;
  decision.events = feed->events(feed);
  return decision;
}

net::StreamDecision watch_workflows(Context& context, const Call& call) {
  auto checked = check_query(call.request, {"after"});
  if (!checked.ok()) return refuse(checked.error());
  auto after = query_integer(call.request, "after", {.min = 0, .max = INT64_MAX});
  if (!after.ok()) return refuse(after.error());
  auto feed = std::make_shared<WorkflowFeed>(context, *after);
  net::StreamDecision decision;
  decision.events = feed->events(feed);
  return decision;
}

net::StreamDecision stream_execution(Context& context, const Call& call) {
  auto request = read_watch(context, call);
  if (!request.ok()) return refuse(request.error());
  request->framing = ExecutionFeed::Framing::event_stream;
  // A browser that reconnects by itself says where it was.
  std::string_view last = call.request.headers.get("Last-Event-ID");
  if (!last.empty()) {
    std::uint64_t seq = 0;
    auto [end, failure] = std::from_chars(last.data(), last.data() + last.size(), seq);
    if (failure != std::errc() || end != last.data() + last.size()) {
      return refuse(
          make_error(error_code::invalid_argument,
                     "Last-Event-ID must be the seq of an event, not " + quote_text(last)));
    }
    request->after = seq;
    if (has_seen_the_end(context, *request)) {
      // By the standard of event streams, 204 is how a browser is told to stop reconnecting.
      return {.refusal = empty_response(204), .events = {}, .subprotocol = {}, .headers = {}};
    }
  }
  auto feed = std::make_shared<ExecutionFeed>(context, std::move(*request));
  net::StreamDecision decision;
  decision.events = feed->events(feed);
  decision.events.on_message = {};
  return decision;
}

}  // namespace harmonia::api
