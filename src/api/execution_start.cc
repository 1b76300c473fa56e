#include <cmath>

#include "api/execution_json.h"
#include "api/executions.h"
#include "api/idempotency.h"
#include "api/request_reader.h"
#include "api/response.h"
#include "base/utf8.h"

namespace harmonia::api {
namespace {

constexpr std::size_t tags_max = 64;
constexpr std::size_t tag_size_max = 200;

// A start as it was asked for, checked.
struct StartInput {
  WorkflowId workflow;
  std::string workflow_name;
  JsonObject input;
  JsonObject context;  // of the caller, without what the request's headers add
  std::optional<std::chrono::milliseconds> wait;
  CommandKey key;
};

// `wait` of the query, else of the body, in seconds.
Result<std::optional<std::chrono::milliseconds>> read_wait(Context& context, const Call& call,
                                                           BodyReader& body) {
  std::optional<double> seconds = body.number("wait");
  TRY(auto from_query, query_number(call.request, "wait"));
  if (from_query) seconds = from_query;
  if (!seconds) return std::optional<std::chrono::milliseconds>();
  double most = static_cast<double>(context.options.wait_max.count());
  if (!(*seconds >= 0 && *seconds <= most)) {
    Error error = make_error(error_code::invalid_argument,
                             "wait must be a number of seconds from 0 to " +
                                 std::to_string(context.options.wait_max.count()),
                             "/wait");
    return error;
  }
  return std::optional(std::chrono::milliseconds(std::llround(*seconds * 1000)));
}

void check_tags(BodyReader& body, const std::vector<std::string>& tags) {
  if (tags.size() > tags_max) body.add_problem("tags", "must have at most 64 items");
  for (const std::string& tag : tags) {
    if (!tag.empty() && tag.size() <= tag_size_max) continue;
    body.add_problem("tags", "must be texts of 1 to 200 bytes");
    break;
  }
}

// `id_or_name` is empty for POST /api/executions, where the body names the workflow.
Result<StartInput> read_start(Context& context, const Call& call, std::string id_or_name) {
  TRY_DO(check_query(call.request, {"wait"}));
  TRY(BodyReader body, read_body(call.request, context.options.json_depth_max));
  StartInput start;
  bool names_workflow = id_or_name.empty();
  if (names_workflow) {
    id_or_name = body.text("workflow_id");
    if (body.find("workflow_id") == nullptr) {
      body.add_problem("workflow_id", "is missing", "the UUID or the name of a workflow");
    }
  }
  start.input = body.object("input");
  start.context = body.object("context");
  if (const Json* metadata = body.find("metadata")) start.context["metadata"] = *metadata;
  std::vector<std::string> tags = body.texts("tags");
  check_tags(body, tags);
  TRY(start.wait, read_wait(context, call, body));
  TRY_DO(body.finish());
  if (!tags.empty()) {
    JsonArray array;
    for (const std::string& tag : tags) array.emplace_back(json_view(tag));
    start.context["tags"] = std::move(array);
  }
  std::string_view scope = names_workflow ? "startExecution" : "executeWorkflow";
  TRY(start.key, read_command_key(call, scope, [&] {
        return canonical_text(JsonObject{{"workflow", json_view(id_or_name)},
                                         {"input", start.input},
                                         {"context", start.context}});
      }));
  TRY(WorkflowName workflow, find_workflow_name(context, id_or_name));
  start.workflow = workflow.id;
  start.workflow_name = std::move(workflow.name);
  return start;
}

// What the request's headers tell a run, so that its outgoing calls can be traced back.
void add_request_context(const Call& call, JsonObject& context) {
  auto add = [&](std::string_view member, std::string_view header) {
    std::string_view value = call.request.headers.get(header);
    if (!value.empty() && value.size() <= 512 && is_valid_utf8(value)) {
      context[json_view(member)] = json_view(value);
    }
  };
  context["request_id"] = json_view(call.request_id);
  add("context_id", "X-Context-ID");
  add("user_id", "X-User-ID");
  add("traceparent", "traceparent");
  add("tracestate", "tracestate");
}

// One request that starts a run, until it is answered. Owned by the callbacks that may answer it.
struct Pending {
  Context& context;
  net::Respond respond;
  WorkflowId workflow;
  std::string workflow_name;
  std::optional<std::chrono::milliseconds> wait;
  bool repeated = false;
  Background::Ticket timeout = {};  // of the wait; set and read on the run's shard thread

  void answer(net::Response response) const {
    if (repeated) mark_replayed(response);
    respond(std::move(response));
  }
  void answer_accepted(ExecutionId id, execution::RunStatus status) const {
    std::string location = "/api/executions/" + to_string(id);
    net::Response response = json_response(
        202, JsonObject{{"id", json_view(to_string(id))},
                        {"workflow_id", json_view(to_string(workflow))},
                        {"workflow_name", json_view(workflow_name)},
                        {"status", json_view(to_string(status))},
                        {"links", JsonObject{{"self", json_view(location)},
                                             {"events", "/events" + location.substr(4)},
                                             {"web_socket", "/ws" + location.substr(4)}}}});
    response.headers.set("Location", location);
    answer(std::move(response));
  }
  void answer_ended(const execution::State& state, const workflow::Definition& definition) const {
    store::Summary summary = engine::summarise(state, definition);
    std::string body;
    append_execution(body, {.state = state, .definition = definition, .summary = summary});
    net::Response response = json_text_response(200, std::move(body));
    std::string location = "/api/executions/" + to_string(state.id);
    response.headers.set("Content-Location", location);
    response.headers.set("ETag", "\"" + std::to_string(state.last_seq) + "\"");
    answer(std::move(response));
  }
  // From the store: 200 when it has ended, else 202.
  void answer_as_stored(ExecutionId id) const {
    auto run = read_run(context, id);
    if (!run.ok()) return answer(problem_response(run.error()));
    const execution::State& state = (*run)->state;
    if (is_terminal(state.status)) return answer_ended(state, *(*run)->definition);
    answer_accepted(id, state.status);
  }
};
using SharedPending = std::shared_ptr<Pending>;  // shared: by the end and the timeout

// Answers at the end of the run or after the wait, whichever comes first.
void wait_for_end(const SharedPending& pending, const engine::Receipt& receipt) {
  ExecutionId id = receipt.execution;
  Context& context = pending->context;
  // On the run's own shard thread: no commit of the run can come between its receipt and this. A
  // receipt given long ago is another matter, hence the look at the store.
  auto ticket = context.ports.hub.watch_end(
      id, [pending](const execution::State& state, const workflow::Definition& definition) {
        pending->context.background.cancel(pending->timeout);
        pending->answer_ended(state, definition);
      });
  auto give_up = [pending, id, ticket] {
    if (pending->context.ports.hub.forget_end(id, ticket)) pending->answer_as_stored(id);
  };
  if (pending->repeated) {
    context.background.post([pending, id, give_up] {
      auto summary = pending->context.ports.store.find_summary(id);
      bool ended = summary.ok() && summary->has_value() && is_terminal((*summary)->status);
      if (ended) give_up();
    });
  }
  pending->timeout = context.background.run_after(*pending->wait, give_up);
}

void on_started(const SharedPending& pending, const Result<engine::Receipt>& receipt) {
  if (!receipt.ok()) return pending->answer(problem_response(receipt.error()));
  pending->repeated = receipt->repeated;
  if (!pending->wait) return pending->answer_accepted(receipt->execution, receipt->status);
  if (is_terminal(receipt->status)) {
    pending->context.background.post(
        [pending, id = receipt->execution] { pending->answer_as_stored(id); });
    return;
  }
  wait_for_end(pending, *receipt);
}

void start(Context& context, const Call& call, std::string id_or_name, net::Respond respond) {
  auto input = read_start(context, call, std::move(id_or_name));
  if (!input.ok()) return respond(problem_response(input.error()));
  add_request_context(call, input->context);
  auto pending = std::make_shared<Pending>(Pending{.context = context,
                                                   .respond = std::move(respond),
                                                   .workflow = input->workflow,
                                                   .workflow_name = input->workflow_name,
                                                   .wait = input->wait});
  engine::StartRequest request{.workflow = input->workflow,
                               .input = share(std::move(input->input)),
                               .context = share(std::move(input->context)),
                               .command_id = std::move(input->key.command_id),
                               .fingerprint = std::move(input->key.fingerprint)};
  context.ports.engine.start_execution(
      std::move(request),
      [pending](Result<engine::Receipt> receipt) { on_started(pending, receipt); });
}

}  // namespace

void start_execution(Context& context, Call call, net::Respond respond) {
  start(context, call, "", std::move(respond));
}

void execute_workflow(Context& context, Call call, net::Respond respond) {
  std::string id_or_name = call.parameter("id");
  start(context, call, std::move(id_or_name), std::move(respond));
}

}  // namespace harmonia::api
