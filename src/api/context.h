#pragma once

#include <chrono>
#include <mutex>

#include "api/api.h"
#include "api/background.h"
#include "api/metrics.h"
#include "api/route.h"
#include "engine/run_reader.h"

namespace harmonia::api {

// What handlers share. One object for the life of the handler.
struct Context {
  Context(const ApiOptions& api_options, const ApiPorts& api_ports);

  const ApiOptions options;
  const ApiPorts ports;
  const std::chrono::steady_clock::time_point started_at;
  const Timestamp started_time;
  const Json openapi;
  const std::string openapi_etag;
  RequestMetrics requests;
  // Held while a definition is written and its place in the feed is looked up, so that watchers are
  // told of changes in the order of the feed.
  std::mutex definitions_mutex;
  engine::RunReader runs;
  Background background;  // last: its jobs use the rest
};

// A workflow by UUID or by name, at its current revision. `not_found` names what was asked for.
Result<store::StoredDefinition> find_workflow(Context& context, const std::string& id_or_name);
// The same without its definition, which is much cheaper.
struct WorkflowName {
  WorkflowId id;
  std::string name;
};
Result<WorkflowName> find_workflow_name(Context& context, const std::string& id_or_name);
// The id in a path parameter; `not_found` when it is no UUID, because then there is no such thing.
Result<ExecutionId> read_execution_id(const std::string& text);

Error no_such_execution(ExecutionId id);

}  // namespace harmonia::api
