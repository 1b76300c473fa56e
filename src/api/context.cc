#include "api/context.h"

#include "api/pages.h"
#include "api/request_reader.h"
#include "base/hash.h"
#include "base/log.h"
#include "base/utf8.h"

namespace harmonia::api {
namespace {

Json openapi_document() {
  auto document = read_openapi();
  // It is part of the program: a broken one is ours, and the tests read it.
  if (!document.ok())
    log::error("the OpenAPI document can't be read", {{"error", document.error().detail}});
  return document.ok() ? std::move(*document) : Json(JsonObject());
}

}  // namespace

Context::Context(const ApiOptions& api_options, const ApiPorts& api_ports)
    : options(api_options),
      ports(api_ports),
      started_at(std::chrono::steady_clock::now()),
      started_time(api_ports.clock.now()),
      openapi(openapi_document()),
      openapi_etag("\"" + sha256_hex(to_text(openapi)).substr(0, 16) + "\""),
      requests(all_routes()),
      runs(api_ports.store, api_ports.engine.definitions()) {}

Result<store::StoredDefinition> find_workflow(Context& context, const std::string& id_or_name) {
  if (auto id = parse_id<WorkflowId>(id_or_name)) {
    TRY(auto by_id, context.ports.store.find_definition(*id, 0));
    if (by_id && !by_id->deleted) return std::move(*by_id);
  } else if (is_valid_utf8(id_or_name)) {
    TRY(auto by_name, context.ports.store.find_definition_by_name(id_or_name));
    if (by_name && !by_name->deleted) return std::move(*by_name);
  }
  return make_error(error_code::not_found, "there is no workflow " + quote_text(id_or_name) +
                                               "; GET /api/workflows lists those there are");
}

Result<WorkflowName> find_workflow_name(Context& context, const std::string& id_or_name) {
  if (auto id = parse_id<WorkflowId>(id_or_name)) {
    auto& definitions = context.ports.engine.definitions();
    if (auto revision = definitions.newest_revision(*id); revision.ok()) {
      TRY(auto definition, definitions.find(*id, *revision));
      return WorkflowName{.id = *id, .name = definition->name};
    }
  }
  TRY(auto stored, find_workflow(context, id_or_name));
  return WorkflowName{.id = stored.id, .name = std::move(stored.name)};
}

Result<ExecutionId> read_execution_id(const std::string& text) {
  if (auto id = parse_id<ExecutionId>(text)) return *id;
  return make_error(error_code::not_found,
                    "there is no execution " + quote_text(text) + "; ids of executions are UUIDs");
}

Error no_such_execution(ExecutionId id) {
  return make_error(error_code::not_found, "there is no execution " + to_string(id) +
                                               "; GET /api/executions lists those there are");
}

}  // namespace harmonia::api
