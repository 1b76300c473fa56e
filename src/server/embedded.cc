#include "server/embedded.h"

#include <future>

#include "engine/run_loader.h"

namespace harmonia::server {
namespace {

// The engine answers after a commit; only a disk that hangs takes this long.
constexpr std::chrono::seconds answer_time_max(60);

RuntimeOptions runtime_options(const EmbeddedOptions& options) {
  RuntimeOptions made;
  made.engine.env = allowed_variables(options.environment, options.env_allow);
  made.registry.http.allow_private_addresses = true;
  made.registry.script.enabled = true;
  made.registry.secrets = secrets_of(options.environment);
  return made;
}

}  // namespace

Embedded::Embedded(const EmbeddedOptions& options, std::unique_ptr<store::Store> store)
    : runtime_(runtime_options(options), std::move(store), watch_) {}

Embedded::~Embedded() { stop(); }

Result<std::unique_ptr<Embedded>> Embedded::open(const EmbeddedOptions& options) {
  TRY(auto store, open_store(options.directory));
  std::unique_ptr<Embedded> embedded(new Embedded(options, std::move(store)));
  TRY_DO(embedded->read_unfinished());
  return embedded;
}

Result<void> Embedded::start() { return runtime_.start(); }

void Embedded::stop() { runtime_.stop(); }

Result<void> Embedded::read_unfinished() {
  store::ExecutionQuery query{
      .statuses = {RunStatus::pending, RunStatus::running, RunStatus::paused}};
  do {
    TRY(auto page, runtime_.store().list_executions(query));
    for (const store::Summary& summary : page.items) {
      TRY(auto run,
          engine::load_run(runtime_.store(), runtime_.engine().definitions(), summary.id));
      if (!run) continue;
      watch_.adopt(*run->definition, run->state);
      unfinished_.push_back({.id = summary.id,
                             .workflow_name = summary.workflow_name,
                             .created_at = summary.created_at,
                             .is_paused = summary.status == RunStatus::paused});
    }
    query.cursor = page.next_cursor;
  } while (!query.cursor.empty());
  return {};
}

Result<Embedded::Revision> Embedded::store_definition(const workflow::Definition& definition) {
  store::Store& store = runtime_.store();
  TRY(auto stored, store.find_definition_by_name(definition.name));
  if (stored && json_equal(stored->canonical, definition.canonical)) {
    return Revision{.workflow = stored->id, .number = stored->revision};
  }
  Timestamp now = runtime_.clock().now();
  store::PutDefinition put{.id = stored ? stored->id : WorkflowId{runtime_.ids().next(now)},
                           .create = !stored.has_value(),
                           .canonical = definition.canonical,
                           .name = definition.name,
                           .version = definition.version,
                           .description = definition.description,
                           .tags = definition.tags,
                           .at = now};
  TRY(auto revision, store.put_definition(put));
  return Revision{.workflow = put.id, .number = revision};
}

Result<engine::Receipt> Embedded::wait_for(std::function<void(engine::Completion)> submit) {
  // Shared: the engine may answer after this has given up.
  auto answer = std::make_shared<std::promise<Result<engine::Receipt>>>();
  auto arrived = answer->get_future();
  submit([answer](Result<engine::Receipt> receipt) { answer->set_value(std::move(receipt)); });
  if (arrived.wait_for(answer_time_max) != std::future_status::ready) {
    return make_error(error_code::unavailable, "the engine did not answer; is the disk full?");
  }
  return arrived.get();
}

Result<ExecutionId> Embedded::start_run(const workflow::Definition& definition, Json input) {
  TRY(Revision revision, store_definition(definition));
  engine::StartRequest request{.workflow = revision.workflow,
                               .revision = revision.number,
                               .input = share(std::move(input)),
                               .context = share(JsonObject{})};
  TRY(auto receipt, wait_for([&](engine::Completion done) {
        runtime_.engine().start_execution(std::move(request), std::move(done));
      }));
  return receipt.execution;
}

Result<void> Embedded::submit(ExecutionId id, execution::CommandBody command) {
  TRY_DO(wait_for([&](engine::Completion done) {
    runtime_.engine().submit(id, std::move(command), std::move(done));
  }));
  return {};
}

Result<RunResult> Embedded::result_of(ExecutionId id) {
  TRY(auto run, engine::load_run(runtime_.store(), runtime_.engine().definitions(), id));
  if (!run) return make_error(error_code::not_found, "no run " + to_string(id));
  const execution::State& state = run->state;
  RunResult result{.id = id,
                   .status = state.status,
                   .output = state.output ? *state.output : Json(),
                   .error = state.error.value_or(Error{}),
                   .cancel_reason = state.cancel_reason};
  if (state.ended_at) result.elapsed = *state.ended_at - state.created_at;
  return result;
}

}  // namespace harmonia::server
