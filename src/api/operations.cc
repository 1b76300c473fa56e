#include "api/operations.h"

#include "api/response.h"

namespace harmonia::api {
namespace {

double uptime_seconds(const Context& context) {
  auto elapsed = std::chrono::steady_clock::now() - context.started_at;
  return std::chrono::duration<double>(elapsed).count();
}

bool is_ready(const Context& context) {
  return !context.ports.is_ready || context.ports.is_ready();
}

JsonObject check_to_json(std::string_view name, bool ok, std::string_view message) {
  return {{"name", json_view(name)},
          {"status", ok ? "ok" : "failing"},
          {"message", json_view(message)}};
}

JsonObject engine_to_json(const engine::EngineStatus& engine) {
  return {{"commands_total", engine.commands_total},
          {"commits_total", engine.commits_total},
          {"commit_failures_total", engine.commit_failures_total},
          {"refusals_total", engine.refusals_total},
          {"stale_reports_total", engine.stale_reports_total},
          {"overloads_total", engine.overloads_total},
          {"mailbox_depth", engine.mailbox_depth},
          {"live_runs", engine.live_runs},
          {"attempts_in_flight", engine.attempts_in_flight},
          {"timers_armed", engine.timers_armed},
          {"last_commit_seconds", to_seconds(engine.last_commit_time)},
          {"storage_ok", engine.storage_ok}};
}

JsonObject store_to_json(const store::StoreStats& stats) {
  return {{"executions", stats.executions},
          {"executions_active", stats.executions_active},
          {"definitions", stats.definitions},
          {"size_bytes", stats.size_bytes}};
}

}  // namespace

Result<net::Response> get_health(Context& context, const Call&) {
  store::StoreHealth health = context.ports.store.health();
  auto read = context.ports.store.last_position();
  bool healthy = health.fault.empty() && read.ok();
  std::string_view message = "Harmonia is running normally";
  if (!health.writable) {
    message = "The disk takes no writes: new work is refused, reads go on";
  } else if (!healthy) {
    message = "The disk has a fault; work goes on as far as it can";
  }
  JsonArray checks;
  checks.push_back(check_to_json("writes", health.writable,
                                 health.writable ? "writes are taken" : health.fault));
  checks.push_back(
      check_to_json("reads", read.ok(), read.ok() ? "reads succeed" : read.error().detail));
  bool registered = context.ports.is_registered && context.ports.is_registered();
  JsonObject body{{"status", healthy ? "healthy" : "degraded"},
                  {"component", "harmonia"},
                  {"version", json_view(context.options.version)},
                  {"port", context.options.port},
                  {"registered", registered},
                  {"message", json_view(message)},
                  {"timestamp", json_view(to_rfc3339(context.ports.clock.now()))},
                  {"checks", std::move(checks)}};
  if (!healthy)
    body["reason"] = json_view(health.fault.empty() ? read.error().detail : health.fault);
  if (health.since) body["since"] = json_view(to_rfc3339(*health.since));
  return json_response(200, body);
}

Result<net::Response> get_ready(Context& context, const Call&) {
  if (!is_ready(context)) {
    Error error = make_error(error_code::unavailable, "Component not ready");
    error.retry_after = std::chrono::seconds(1);
    return problem_response(error, 503);
  }
  return json_response(200,
                       JsonObject{{"ready", true},
                                  {"component", "harmonia"},
                                  {"version", json_view(context.options.version)},
                                  {"timestamp", json_view(to_rfc3339(context.ports.clock.now()))}});
}

Result<net::Response> get_status(Context& context, const Call&) {
  TRY(auto stats, context.ports.store.stats());
  net::ServerMetrics server;
  if (context.ports.server_metrics) server = context.ports.server_metrics();
  return json_response(
      200, JsonObject{{"component", "harmonia"},
                      {"version", json_view(context.options.version)},
                      {"status", is_ready(context) ? "running" : "initializing"},
                      {"started_at", json_view(to_rfc3339(context.started_time))},
                      {"uptime_seconds", uptime_seconds(context)},
                      {"active_executions", stats.executions_active},
                      {"engine", engine_to_json(context.ports.engine.status())},
                      {"store", store_to_json(stats)},
                      {"server", JsonObject{{"requests_total", server.requests_total},
                                            {"connections_open", server.connections_open},
                                            {"streams_open", server.outlets_open}}},
                      {"live_watchers", context.ports.hub.watchers()}});
}

Result<net::Response> get_metrics(Context& context, const Call& call) {
  std::string_view accept = call.request.headers.get("Accept");
  bool open = names_media_type(accept, "application/openmetrics-text");
  MetricsInput input{.version = context.options.version,
                     .uptime_seconds = uptime_seconds(context),
                     .engine = context.ports.engine.status(),
                     .store = {},
                     .health = context.ports.store.health(),
                     .server = {},
                     .live_watchers = context.ports.hub.watchers(),
                     .requests = context.requests};
  if (auto stats = context.ports.store.stats(); stats.ok()) input.store = *stats;
  if (context.ports.server_metrics) input.server = context.ports.server_metrics();
  auto format = open ? MetricsFormat::open_metrics : MetricsFormat::prometheus;
  std::string_view type = open ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                               : "text/plain; version=0.0.4; charset=utf-8";
  return text_response(type, render_metrics(input, format));
}

Result<net::Response> list_components(Context& context, const Call&) {
  JsonArray items;
  std::vector<ComponentDescription> components;
  if (context.ports.components) components = context.ports.components();
  for (ComponentDescription& component : components) {
    JsonArray actions;
    for (ActionDescription& action : component.actions) {
      actions.push_back(JsonObject{{"name", json_view(action.name)},
                                   {"description", json_view(action.description)},
                                   {"input_schema", std::move(action.input_schema)}});
    }
    items.push_back(
        JsonObject{{"name", json_view(component.name)}, {"actions", std::move(actions)}});
  }
  return json_response(200, JsonObject{{"items", std::move(items)}, {"next_cursor", nullptr}});
}

}  // namespace harmonia::api
