#include "api/pages.h"

#include "api/embedded_files.h"
#include "api/response.h"
#include "base/hash.h"
#include "workflow/definition_schema.h"
#include "workflow/parse.h"

namespace harmonia::api {
namespace {

// Pages are self-contained, so nothing from elsewhere may run in them.
constexpr std::string_view content_policy =
    "default-src 'none'; script-src 'self' 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src 'self' data:; connect-src 'self' ws: wss:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'self'";

// A text that changes only with the program.
net::Response fixed_text(const Call& call, std::string_view media_type, std::string_view text) {
  std::string etag = "\"" + sha256_hex(text).substr(0, 16) + "\"";
  bool fresh = names_etag(call.request.headers.get("If-None-Match"), etag);
  net::Response response =
      fresh ? empty_response(304) : text_response(media_type, std::string(text));
  response.headers.set("ETag", etag);
  return response;
}

net::Response page(const Call& call, std::string_view file) {
  net::Response response = fixed_text(call, "text/html; charset=utf-8", embedded_file(file));
  response.headers.set("Cache-Control", "no-cache");
  response.headers.set("Content-Security-Policy", std::string(content_policy));
  response.headers.set("X-Content-Type-Options", "nosniff");
  return response;
}

}  // namespace

Result<Json> read_openapi() { return workflow::parse_yaml(embedded_file("openapi.yaml")); }

Result<net::Response> get_root(Context& context, const Call& call) {
  bool browser = names_media_type(call.request.headers.get("Accept"), "text/html");
  if (browser) {
    net::Response response = page(call, "home.html");
    response.headers.set("Vary", "Accept");
    return response;
  }
  bool running = !context.ports.is_ready || context.ports.is_ready();
  net::Response response = json_response(
      200,
      JsonObject{{"name", "Harmonia Workflow System"},
                 {"version", json_view(context.options.version)},
                 {"status", running ? "running" : "initializing"},
                 {"endpoints",
                  JsonArray{"/health", "/ready", "/status", "/metrics", "/api/workflows",
                            "/api/executions", "/api/components", "/ws/executions/{id}",
                            "/ws/workflows", "/events/executions/{id}", "/openapi.json", "/docs"}},
                 {"message", "Harmonia workflow orchestration service"}});
  response.headers.set("Vary", "Accept");
  return response;
}

Result<net::Response> get_docs(Context&, const Call& call) { return page(call, "docs.html"); }

Result<net::Response> get_error_docs(Context&, const Call& call) {
  return page(call, "errors.html");
}

Result<net::Response> get_openapi(Context& context, const Call& call) {
  return tagged_response(call.request, context.openapi_etag, context.openapi);
}

Result<net::Response> get_workflow_schema(Context&, const Call& call) {
  return fixed_text(call, "application/schema+json", workflow::definition_schema());
}

}  // namespace harmonia::api
