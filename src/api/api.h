#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "api/live_hub.h"
#include "base/json.h"
#include "base/time.h"
#include "engine/engine.h"
#include "net/http.h"
#include "net/http_server.h"
#include "store/store.h"
#include "workflow/action_types.h"

// REST, WebSocket and event streams: JSON <-> command or query. Its contract is api/openapi.yaml.
namespace harmonia::api {

struct ApiOptions {
  std::string version = "0.1.0";
  std::uint16_t port = 8007;  // told by /health
  // Origins whose pages may call from another one; "*" is all of them. The same origin always may.
  std::vector<std::string> allowed_origins = {"http://localhost:8080"};
  std::size_t page_items_max = 1000;  // `limit` of lists
  std::size_t json_depth_max = 128;
  std::chrono::seconds wait_max{300};  // of execute; below the server's response_timeout
  bool require_if_match = false;       // a write to a workflow without If-Match is 428
};

// What GET /api/components shows; filled from the registry of task runners by who wires both.
struct ActionDescription {
  std::string name;
  std::string description;
  Json input_schema;
};
struct ComponentDescription {
  std::string name;
  std::vector<ActionDescription> actions;
};

// All of it must outlive the handler.
struct ApiPorts {
  store::Store& store;
  engine::Engine& engine;
  engine::Clock& clock;
  engine::IdSource& ids;
  LiveHub& hub;
  // Each may be empty.
  std::function<std::vector<ComponentDescription>()> components = {};
  const workflow::ActionTypes* actions = nullptr;  // of these components, for definitions
  std::function<net::ServerMetrics()> server_metrics = {};
  std::function<bool()> is_ready = {};       // empty: ready
  std::function<bool()> is_registered = {};  // with Tekton's registry; empty: not
};

// Destroy it after HttpServer::stop and Engine::stop: commands in flight answer through it.
std::unique_ptr<net::Handler> make_api(const ApiOptions& options, const ApiPorts& ports);

}  // namespace harmonia::api
