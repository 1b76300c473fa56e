#include "tasks/registry.h"

#include <map>
#include <mutex>
#include <shared_mutex>

#include "base/crash_point.h"
#include "base/log.h"
#include "expr/text.h"
#include "tasks/action_catalog.h"
#include "tasks/attempts.h"
#include "tasks/http/http_runner.h"
#include "tasks/log/log_runner.h"
#include "tasks/noop/noop_runner.h"
#include "tasks/pulse.h"
#include "tasks/script/script_runner.h"
#include "tasks/secrets.h"
#include "tasks/transform/transform_runner.h"
#include "tasks/worker_pool.h"

namespace harmonia::tasks {
namespace {

// One line per runner.
std::vector<std::unique_ptr<Runner>> make_runners(const RegistryOptions& options,
                                                  net::HttpClient& client, WorkerPool& pool) {
  std::vector<std::unique_ptr<Runner>> runners;
  runners.push_back(make_http_runner(options.http, client, pool));
  runners.push_back(make_script_runner(options.script));
  runners.push_back(make_transform_runner(pool));
  runners.push_back(make_log_runner(pool));
  runners.push_back(make_noop_runner());
  return runners;
}

}  // namespace

struct Registry::Impl {
  struct Component {
    std::unique_ptr<Runner> runner;
    ActionCatalog catalog;
  };

  explicit Impl(JsonObject known_secrets) : secrets(std::move(known_secrets)) {}

  void add(std::unique_ptr<Runner> runner);
  void start(engine::Assignment assignment);
  void hand_over(Component& component, engine::Assignment assignment);
  void settle(const engine::AttemptKey& key, Attempts::Ticket ticket, Outcome outcome);
  void refuse(const engine::AttemptKey& key, Error error);
  Result<Component*> find(const std::string& name);
  Result<ResolvedInput> read_input(const Component& component, const engine::Assignment& assigned);

  const JsonObject secrets;
  WorkerPool pool{{}};
  Attempts attempts;
  engine::Engine* engine = nullptr;
  std::unique_ptr<Pulse> pulse;  // after the engine is known
  std::map<std::string, Component, std::less<>> components;

  std::shared_mutex stop_mutex;  // held shared while runners are called: they end after that
  bool stopped = false;          // guarded by stop_mutex
};

void Registry::Impl::add(std::unique_ptr<Runner> runner) {
  std::string name(runner->component());
  ActionCatalog catalog(*runner);
  bool is_new = components
                    .emplace(std::move(name),
                             Component{.runner = std::move(runner), .catalog = std::move(catalog)})
                    .second;
  ASSERT(is_new);
}

Result<Registry::Impl::Component*> Registry::Impl::find(const std::string& name) {
  if (auto found = components.find(name); found != components.end()) return &found->second;
  std::vector<std::string> names;
  std::vector<std::string_view> candidates;
  for (const auto& [known, component] : components) {
    names.push_back(known);
    candidates.push_back(known);
  }
  std::string detail = "there is no component '" + name + "'";
  auto nearest = expr::nearest_name(name, candidates);
  if (!nearest.empty()) detail += "; did you mean '" + std::string(nearest) + "'";
  return make_error(error_code::unknown_component,
                    detail + " (known: " + expr::list_names(names, names.size()) + ")");
}

// The schema is held against the input as the history has it, so that what it says can't name a
// secret's value.
Result<ResolvedInput> Registry::Impl::read_input(const Component& component,
                                                 const engine::Assignment& assigned) {
  const Json input = assigned.input && !assigned.input->is_null() ? *assigned.input : JsonObject{};
  TRY_DO(component.catalog.check_input(assigned.action, input));
  if (component.runner->takes_secrets()) return resolve_secrets(input, assigned.secrets, secrets);
  return ResolvedInput{.input = input, .redactor = {}};
}

void Registry::Impl::start(engine::Assignment assignment) {
  auto component = find(assignment.component);
  if (!component.ok()) return refuse(assignment.key, std::move(component).error());
  auto action = (*component)->catalog.find(assignment.action);
  if (!action.ok()) return refuse(assignment.key, std::move(action).error());
  assignment.action = std::move(action).value();
  hand_over(**component, std::move(assignment));
}

void Registry::Impl::hand_over(Component& component, engine::Assignment assignment) {
  const engine::AttemptKey key = assignment.key;
  auto input = read_input(component, assignment);
  if (!input.ok()) return refuse(key, std::move(input).error());

  Runner& runner = *component.runner;
  Attempts::Attempt attempt{.runner = &runner, .redactor = std::move(input->redactor)};
  if (!runner.reports_liveness()) attempt.heartbeat_timeout = assignment.heartbeat_timeout;
  bool beaten = attempt.heartbeat_timeout.has_value();
  auto ticket = attempts.add(key, std::move(attempt));
  if (!ticket) return;
  if (beaten) pulse->wake();

  Work work{.key = key,
            .task_path = std::move(assignment.task_path),
            .workflow_name = std::move(assignment.workflow_name),
            .action = std::move(assignment.action),
            .input = std::move(input->input),
            .context = std::move(assignment.context),
            .deadline = assignment.deadline,
            .heartbeat = [this, key] { engine->heartbeat(key); }};
  crash_point("tasks.before_start");
  runner.start(std::move(work), [this, key, ticket = *ticket](Outcome outcome) {
    settle(key, ticket, std::move(outcome));
  });
}

void Registry::Impl::settle(const engine::AttemptKey& key, Attempts::Ticket ticket,
                            Outcome outcome) {
  auto attempt = attempts.take(key, ticket);
  if (!attempt) return;
  crash_point("tasks.before_report");
  if (outcome.result.ok()) {
    Json output = attempt->redactor.redact(std::move(outcome.result).value());
    engine->report(key, execution::AttemptSucceeded{.output = share(std::move(output))});
    return;
  }
  Error error = std::move(outcome.result).error();
  attempt->redactor.redact(error);
  engine->report(
      key, execution::AttemptErrored{.error = std::move(error), .retryable = outcome.retryable});
}

void Registry::Impl::refuse(const engine::AttemptKey& key, Error error) {
  engine->report(key, execution::AttemptErrored{.error = std::move(error), .retryable = false});
}

Registry::Registry(const RegistryOptions& options, net::HttpClient& http_client)
    : impl_(std::make_unique<Impl>(options.secrets)) {
  for (auto& runner : make_runners(options, http_client, impl_->pool)) add(std::move(runner));
}

Registry::~Registry() { stop(); }

void Registry::add(std::unique_ptr<Runner> runner) {
  ASSERT(impl_->engine == nullptr);
  impl_->add(std::move(runner));
}

void Registry::connect(engine::Engine& engine) {
  ASSERT(impl_->engine == nullptr);
  impl_->engine = &engine;
  impl_->pulse = std::make_unique<Pulse>(
      impl_->attempts, [&engine](const engine::AttemptKey& key) { engine.heartbeat(key); });
}

void Registry::stop() {
  {
    const std::lock_guard lock(impl_->stop_mutex);
    if (impl_->stopped) return;
    impl_->stopped = true;
  }
  impl_->pulse.reset();
  for (const auto& held : impl_->attempts.close()) held.runner->cancel(held.key);
  impl_->pool.stop();
  // Their ends wait for what they have begun.
  for (auto& [name, component] : impl_->components) component.runner.reset();
}

void Registry::dispatch(engine::Assignment assignment) {
  ASSERT(impl_->engine != nullptr);
  const std::shared_lock lock(impl_->stop_mutex);
  if (impl_->stopped) return;
  impl_->start(std::move(assignment));
}

void Registry::cancel(const engine::AttemptKey& key) {
  const std::shared_lock lock(impl_->stop_mutex);
  if (impl_->stopped) return;
  if (Runner* runner = impl_->attempts.cancel(key)) runner->cancel(key);
}

std::vector<Registry::ComponentInfo> Registry::components() const {
  std::vector<ComponentInfo> infos;
  for (const auto& [name, component] : impl_->components) {
    infos.push_back({.name = name,
                     .actions = component.catalog.actions(),
                     .takes_secrets = component.runner->takes_secrets()});
  }
  return infos;
}

workflow::ActionTypes Registry::action_types() const {
  workflow::ActionTypes types;
  for (const ComponentInfo& component : components()) {
    std::vector<workflow::ActionSchemas> actions;
    for (const ActionInfo& action : component.actions) {
      actions.push_back({.name = action.name,
                         .is_default = action.is_default,
                         .input = action.input_schema,
                         .output = action.output_schema});
    }
    types.add(component.name, component.takes_secrets, actions);
  }
  return types;
}

}  // namespace harmonia::tasks
