#include "server/server.h"

#include <atomic>

#include "api/api.h"
#include "api/live_hub.h"
#include "base/log.h"
#include "net/http_server.h"
#include "server/runtime.h"

namespace harmonia::server {
namespace {

// Lets the port be bound before there is anything to serve: no request comes before HttpServer's
// start, and the real handler is set before that.
class Door final : public net::Handler {
 public:
  void open(net::Handler& handler) { handler_ = &handler; }

  void handle(net::Request request, net::Respond respond) override {
    handler_->handle(std::move(request), std::move(respond));
  }
  net::StreamDecision upgrade(const net::Request& request) override {
    return handler_->upgrade(request);
  }
  std::optional<net::StreamDecision> event_stream(const net::Request& request) override {
    return handler_->event_stream(request);
  }

 private:
  net::Handler* handler_ = nullptr;
};

RuntimeOptions runtime_options(const Settings& settings, const Environment& environment) {
  RuntimeOptions options;
  options.engine.shards = settings.shards;
  options.engine.env = allowed_variables(environment, settings.env_allow);
  options.registry.http.allow_private_addresses = settings.allow_private_addresses;
  options.registry.http.circuit.failures_min = settings.circuit_failures;
  options.registry.script.enabled = settings.enable_scripts;
  options.registry.secrets = secrets_of(environment);
  return options;
}

net::ServerOptions server_options(const Settings& settings) {
  net::ServerOptions options;
  options.address = settings.host == "localhost" ? "127.0.0.1" : settings.host;
  options.port = settings.port;
  options.threads = settings.io_threads;
  options.body_size_max = settings.body_size_max;
  return options;
}

std::vector<api::ComponentDescription> describe_components(tasks::Registry& registry) {
  std::vector<api::ComponentDescription> described;
  for (tasks::Registry::ComponentInfo& component : registry.components()) {
    api::ComponentDescription one{.name = std::move(component.name), .actions = {}};
    for (tasks::ActionInfo& action : component.actions) {
      one.actions.push_back({.name = std::move(action.name),
                             .description = std::move(action.description),
                             .input_schema = std::move(action.input_schema)});
    }
    described.push_back(std::move(one));
  }
  return described;
}

class WiredServer final : public Server {
 public:
  WiredServer(const Settings& settings, std::unique_ptr<Door> door,
              std::unique_ptr<net::HttpServer> http_server)
      : settings_(settings), door_(std::move(door)), http_server_(std::move(http_server)) {}
  ~WiredServer() override { stop(); }

  // The parts that stand behind the door.
  void furnish(const Environment& environment, std::unique_ptr<store::Store> store) {
    RuntimeOptions wanted = runtime_options(settings_, environment);
    wanted.engine.public_url = settings_.public_url.empty() ? url() : settings_.public_url;
    runtime_ = std::make_unique<Runtime>(wanted, std::move(store), hub_);
    action_types_ = registry().action_types();
    api::ApiOptions options;
    options.port = http_server_->port();
    for (const std::string& origin : settings_.allowed_origins) {
      options.allowed_origins.push_back(origin);
    }
    handler_ =
        api::make_api(options, {.store = runtime_->store(),
                                .engine = runtime_->engine(),
                                .clock = runtime_->clock(),
                                .ids = runtime_->ids(),
                                .hub = hub_,
                                .components = [this] { return describe_components(registry()); },
                                .actions = &action_types_,
                                .server_metrics = [this] { return http_server_->metrics(); },
                                .is_ready = [this] { return is_ready_.load(); }});
    door_->open(*handler_);
  }

  Result<void> start() override {
    TRY_DO(runtime_->start());
    is_ready_ = true;
    http_server_->start();
    was_started_ = true;
    log::info("started", {{"url", url()}, {"data_dir", settings_.data_dir}});
    return {};
  }

  void stop() override {
    if (is_stopped_) return;
    is_stopped_ = true;
    is_ready_ = false;
    http_server_->stop(settings_.shutdown_grace);
    if (runtime_) runtime_->stop();
    handler_.reset();
    runtime_.reset();
    if (was_started_) log::info("stopped");
  }

  std::string url() const override {
    bool is_any = settings_.host == "0.0.0.0" || settings_.host == "::";
    std::string host = is_any ? "127.0.0.1" : settings_.host;
    if (host.find(':') != std::string::npos && !host.starts_with('[')) host = "[" + host + "]";
    return "http://" + host + ":" + std::to_string(http_server_->port());
  }

 private:
  tasks::Registry& registry() { return runtime_->registry(); }

  // Destroyed in the reverse order: who uses stands behind what it uses.
  const Settings settings_;
  api::LiveHub hub_;
  workflow::ActionTypes action_types_;
  std::unique_ptr<Door> door_;
  std::unique_ptr<Runtime> runtime_;
  std::unique_ptr<net::Handler> handler_;
  std::unique_ptr<net::HttpServer> http_server_;
  std::atomic<bool> is_ready_{false};
  bool was_started_ = false;
  bool is_stopped_ = false;
};

}  // namespace

Result<std::unique_ptr<Server>> Server::open(const Settings& settings,
                                             const Environment& environment) {
  TRY_DO(check_exposure(settings));
  auto door = std::make_unique<Door>();
  TRY(auto http_server, net::HttpServer::listen(server_options(settings), *door));
  auto server = std::make_unique<WiredServer>(settings, std::move(door), std::move(http_server));
  TRY(auto store, open_store(settings.data_dir));
  server->furnish(environment, std::move(store));
  return std::unique_ptr<Server>(std::move(server));
}

}  // namespace harmonia::server
