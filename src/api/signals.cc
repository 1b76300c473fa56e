#include "api/signals.h"

#include "api/executions.h"
#include "api/request_reader.h"
#include "api/response.h"
#include "api/waiting_tasks.h"
#include "base/utf8.h"

namespace harmonia::api {
namespace {

constexpr std::size_t text_size_max = 255;  // bytes of a name or an id
constexpr std::size_t correlation_size_max = 1024;

Result<execution::Signal> read_signal(const Call& call, std::size_t depth_max) {
  TRY_DO(check_query(call.request, {}));
  TRY(BodyReader body, read_body(call.request, depth_max));
  execution::Signal signal{.id = body.text("id"),
                           .name = body.text("name"),
                           .correlation = body.text("correlation"),
                           .payload = share(nullptr)};
  if (const Json* payload = body.find("payload")) signal.payload = share(*payload);
  if (body.find("name") == nullptr) {
    body.add_problem("name", "is missing", "the `event` of the tasks that wait for it");
  } else if (signal.name.empty() || signal.name.size() > text_size_max) {
    body.add_problem("name", "must have 1 to 255 bytes");
  }
  if (signal.id.size() > text_size_max) body.add_problem("id", "must have at most 255 bytes");
  if (signal.correlation.size() > correlation_size_max)
    body.add_problem("correlation", "must have at most 1024 bytes");
  TRY_DO(body.finish());
  return signal;
}

constexpr double retention_default = 86'400;  // seconds
constexpr double retention_max = 365.0 * 86'400;

Result<store::KeptEvent> read_event(Context& context, const Call& call) {
  TRY_DO(check_query(call.request, {}));
  TRY(BodyReader body, read_body(call.request, context.options.json_depth_max));
  Timestamp now = context.ports.clock.now();
  store::KeptEvent event{.id = body.text("id"),
                         .name = body.text("name"),
                         .correlation = body.text("correlation"),
                         .payload = nullptr,
                         .at = now,
                         .expires_at = now};
  if (const Json* payload = body.find("payload")) event.payload = *payload;
  if (event.id.empty()) event.id = to_string(context.ports.ids.next(now));
  if (event.id.size() > text_size_max) body.add_problem("id", "must have at most 255 bytes");
  if (event.name.empty() || event.name.size() > text_size_max)
    body.add_problem("name", "must be given, with 1 to 255 bytes");
  if (event.correlation.empty() || event.correlation.size() > correlation_size_max) {
    body.add_problem("correlation", "must be given, with 1 to 1024 bytes",
                     "POST /api/executions/{id}/signal needs none");
  }
  double retention = body.number("retention").value_or(retention_default);
  if (!(retention >= 0 && retention <= retention_max)) {
    body.add_problem("retention", "must be a number of seconds from 0 to 31536000");
  } else {
    event.expires_at = now + from_seconds(retention);
  }
  TRY_DO(body.finish());
  return event;
}

// What the other side sends, whatever it is: JSON as it is, text as a string.
Result<SharedJson> read_payload(const net::Request& request, std::size_t depth_max) {
  if (request.body.empty()) return share(nullptr);
  std::string_view type = request.headers.get("Content-Type");
  type = type.substr(0, type.find(';'));
  if (type.starts_with("text/") && type != "text/json") {
    if (is_valid_utf8(request.body)) return share(json_view(request.body));
    return make_error(error_code::invalid_argument, "the body is not UTF-8");
  }
  if (net::equal_without_case(type, "application/x-www-form-urlencoded")) {
    auto fields = net::parse_query(request.body);
    if (!fields) return make_error(error_code::invalid_argument, "the form has a broken escape");
    JsonObject object;
    for (const auto& [name, value] : *fields) {
      if (!is_valid_utf8(name) || !is_valid_utf8(value))
        return make_error(error_code::invalid_argument, "the form is not UTF-8");
      object[json_view(name)] = json_view(value);
    }
    return share(std::move(object));
  }
  TRY(BodyFormat format, body_format(request));
  if (format == BodyFormat::yaml) {
    return make_error("unsupported_media_type", "send JSON, text or a form");
  }
  TRY(Json value, parse_json(request.body, {.depth_max = depth_max}));
  return share(std::move(value));
}

}  // namespace

void signal_execution(Context& context, Call call, net::Respond respond) {
  auto signal = read_signal(call, context.options.json_depth_max);
  if (!signal.ok()) return respond(problem_response(signal.error()));
  auto id = read_execution_id(call.parameter("id"));
  if (!id.ok()) return respond(problem_response(id.error()));
  context.ports.engine.submit(*id, std::move(*signal),
                              answer_with_summary(context, std::move(respond)));
}

void send_event(Context& context, Call call, net::Respond respond) {
  auto event = read_event(context, call);
  if (!event.ok()) return respond(problem_response(event.error()));
  // It waits for the disk.
  context.background.post([&context, event = std::move(*event), respond = std::move(respond)] {
    context.ports.engine.send_event(event, [id = event.id, respond](Result<bool> is_new) {
      if (!is_new.ok()) return respond(problem_response(is_new.error()));
      respond(json_response(200, JsonObject{{"id", json_view(id)}, {"repeated", !*is_new}}));
    });
  });
}

void call_back(Context& context, Call call, net::Respond respond) {
  // First the token: nobody else learns anything.
  auto found = find_task_of_link(context, call);
  if (!found.ok()) return respond(problem_response(found.error()));
  auto payload = read_payload(call.request, context.options.json_depth_max);
  if (!payload.ok()) return respond(problem_response(payload.error()));
  context.ports.engine.submit(
      found->run.state.id, execution::Callback{.task = found->ref, .payload = std::move(*payload)},
      [respond = std::move(respond)](const Result<engine::Receipt>& receipt) {
        if (!receipt.ok()) return respond(problem_response(receipt.error()));
        respond(json_response(202, JsonObject{{"status", "accepted"}}));
      });
}

}  // namespace harmonia::api
