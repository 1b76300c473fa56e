#include "scenario/world.h"

#include "engine/relations.h"
#include "engine/testing/faulty_store.h"
#include "scenario/event_line.h"
#include "scenario/simulated_ports.h"
#include "workflow/parse.h"

namespace harmonia::scenario {
namespace {

// Every timer is known at once, so that a year passes in one step.
constexpr Duration whole_future = std::chrono::hours(24 * 366 * 200);
// So that times stay within it.
constexpr Timestamp last_time = scenario_epoch + std::chrono::hours(24 * 366 * 150);

engine::EngineOptions engine_options(Mode mode) {
  engine::EngineOptions options;
  options.timer_horizon = whole_future;
  options.idle_max = whole_future;
  if (mode == Mode::reload) options.live_runs_max = options.resting_runs_max = 0;
  // Small, so that scenarios go through snapshots too.
  if (mode == Mode::crash_each || mode == Mode::reload) options.snapshot_events = 4;
  return options;
}

template <class IdType>
IdType id_of(const std::string& label) {
  return IdType{make_uuid_v7(0, 0, stable_hash(label))};
}

execution::Report to_report(const engine::AttemptKey& key, const ScriptedOutcome& outcome) {
  execution::Report report{.task = key.task, .attempt = key.attempt, .outcome = {}};
  if (outcome.kind == ScriptedOutcome::Kind::ok) {
    report.outcome = execution::AttemptSucceeded{.output = share(outcome.output)};
  } else {
    report.outcome =
        execution::AttemptErrored{.error = outcome.error, .retryable = outcome.retryable};
  }
  return report;
}

std::string wake_text(const engine::Run& run, const execution::Wake& wake) {
  using execution::TimerKind;
  std::string due = " due=" + time_text(wake.due);
  if (wake.kind == TimerKind::run_timeout) return "wake run-timeout" + due;
  std::string path = execution::path_of(*run.definition, run.state, wake.task);
  switch (wake.kind) {
    case TimerKind::retry:
      return "wake retry " + path + "#" + std::to_string(wake.attempt + 1) + due;
    case TimerKind::wait: return "wake wait " + path + due;
    case TimerKind::task_timeout:
      return "wake timeout " + path + "#" + std::to_string(wake.attempt) + due;
    case TimerKind::proceed: return "wake proceed " + path + due;
    case TimerKind::run_timeout: break;
  }
  ASSERT(false);
}

std::vector<std::string> owed_lines(const engine::Run& run) {
  execution::Owed owed = execution::owed(*run.definition, run.state);
  std::vector<std::string> lines;
  for (const auto& dispatch : owed.dispatches) {
    lines.push_back("dispatch " + execution::path_of(*run.definition, run.state, dispatch.task) +
                    "#" + std::to_string(dispatch.attempt));
  }
  for (const auto& wake : owed.wakes) lines.push_back(wake_text(run, wake));
  return lines;
}

}  // namespace

std::string_view to_string(Mode mode) {
  switch (mode) {
    case Mode::plain: return "memory";
    case Mode::sqlite: return "sqlite";
    case Mode::crash_each: return "crash-each";
    case Mode::reload: return "reload";
    case Mode::twice: return "twice";
  }
  ASSERT(false);
}

struct World::Impl {
  Mode mode = Mode::plain;
  OpenStore open_store;
  engine::EngineOptions options;
  const workflow::ActionTypes* actions = nullptr;
  std::unique_ptr<engine::testing::FaultyStore> store;
  SimulatedClock clock;
  SimulatedIds ids;
  SilentAnnouncer announcer;
  ScriptedDispatcher dispatcher{clock};
  std::unique_ptr<engine::DefinitionCache> definitions;
  std::unique_ptr<engine::Shard> shard;
  std::map<std::string, WorkflowId> workflows;
  std::map<std::string, std::uint32_t> revisions;
  std::vector<std::string> labels;              // of executions, in the order of their start
  std::map<std::string, ExecutionId> children;  // of runs, by label
  std::map<std::string, std::uint64_t> shown;   // last event shown of each
  std::size_t commits = 0;                      // tried, over all lives of the process
  SharedJson context = share(JsonObject{});     // of what is started
  std::optional<CrashPoint> armed;              // the process dies at the next commit
  bool has_died = false;                        // and only `crash` brings it back

  Result<void> boot() {
    if (!store) {
      TRY(auto opened, open_store());
      store = std::make_unique<engine::testing::FaultyStore>(std::move(opened));
    }
    definitions = std::make_unique<engine::DefinitionCache>(*store);
    engine::Engine::Ports ports{.store = *store,
                                .clock = clock,
                                .ids = ids,
                                .dispatcher = dispatcher,
                                .announcer = announcer};
    shard = std::make_unique<engine::Shard>(options, ports, *definitions, engine::Shard::Place{});
    return shard->recover();
  }

  // Everything in memory is lost; what is on disk is not.
  Result<void> die_and_boot() {
    shard.reset();
    definitions.reset();
    dispatcher.forget_pending();
    // The memory store stands for a disk here: it survives.
    if (mode == Mode::sqlite || mode == Mode::crash_each) store.reset();
    return boot();
  }

  // After each commit, in the mode that does so. It may not be seen: not even in the time that an
  // attempt takes.
  Result<void> die_between() {
    if (mode != Mode::crash_each) return {};
    dispatcher.keep_times(true);
    TRY_DO(die_and_boot());
    dispatcher.keep_times(false);
    return {};
  }

  enum class Happened { nothing, something, commit };

  Result<Happened> run_batch() {
    if (has_died) return Happened::nothing;
    // What a start takes up again may change nothing: only commits are worth dying after.
    std::size_t before = store->commit_calls;
    store->failing = armed == CrashPoint::before_commit;
    store->fails_after_writing = armed == CrashPoint::after_commit;
    bool did_something = shard->run_batch();
    store->failing = store->fails_after_writing = false;
    store->state = {};
    if (!did_something) return Happened::nothing;
    if (store->commit_calls == before) return Happened::something;
    ++commits;
    has_died = armed.has_value();
    if (!has_died) TRY_DO(die_between());
    return Happened::commit;
  }

  // The next thing: what the engine has to do, else the attempt that ended first.
  Result<Happened> do_next() {
    TRY(Happened happened, run_batch());
    if (has_died || happened != Happened::nothing) return happened;
    auto finished = dispatcher.take_finished();
    if (!finished) return Happened::nothing;
    std::size_t before = commits;
    // A refusal is the script's business: a late report is refused as stale.
    static_cast<void>(submit({.execution = finished->key.execution,
                              .command = to_report(finished->key, finished->outcome)}));
    return commits == before ? Happened::something : Happened::commit;
  }

  ExecutionId find_id(const std::string& label) const {
    auto found = children.find(label);
    return found == children.end() ? id_of<ExecutionId>(label) : found->second;
  }

  // Subworkflows are called after the run and the task that started them: `e1/call#1`.
  Result<void> label_children() {
    for (std::size_t i = 0; i < labels.size(); ++i) {
      TRY(auto events, store->read_history({.execution = find_id(labels[i]), .limit = 100'000}));
      for (const auto& event : events) {
        const auto* awaiting = std::get_if<execution::TaskAwaiting>(&event.body);
        if (awaiting == nullptr || awaiting->waits_for != execution::WaitsFor::child) continue;
        TRY(auto parent, load(labels[i]));
        std::string label = labels[i] + "/" + execution::path_of(*parent.definition, event) + "#" +
                            std::to_string(awaiting->attempt);
        auto id = parse_id<ExecutionId>(get_string(awaiting->input->get_object(), "execution"));
        if (!id || children.contains(label)) continue;
        TRY(auto child, engine::load_run(*store, *definitions, *id));
        if (!child) continue;
        children[label] = *id;
        labels.push_back(label);
      }
    }
    return {};
  }

  Result<engine::Run> load(const std::string& label) {
    TRY(auto run, engine::load_run(*store, *definitions, find_id(label)));
    if (!run) return make_error(error_code::not_found, "no execution '" + label + "' was started");
    return std::move(*run);
  }

  // Submits a command and lets the shard decide it. The answer is the command's refusal, if any.
  Result<void> submit(engine::Envelope envelope) {
    engine::Envelope repeat = envelope;
    std::optional<Error> refusal;
    envelope.done = [&refusal](Result<engine::Receipt> receipt) {
      if (!receipt.ok()) refusal = std::move(receipt).error();
    };
    ASSERT(shard->mailbox().offer(envelope, clock.now()));
    // A repeat must be harmless; what it is answered does not matter here.
    repeat.done = [](const Result<engine::Receipt>&) {};
    if (mode == Mode::twice) ASSERT(shard->mailbox().offer(repeat, clock.now()));
    TRY_DO(run_batch());
    // Whoever asked is not answered any more.
    if (has_died) return {};
    if (refusal) return std::move(*refusal);
    return {};
  }

  // False: a repeat.
  Result<bool> send_event(const store::KeptEvent& event) {
    std::optional<bool> was_new;
    if (mode == Mode::crash_each) {
      // It is on disk, nobody was told, and the sender got no answer: it asks again.
      TRY(was_new, store->keep_event(event));
      TRY_DO(die_between());
    }
    auto answer = std::make_shared<Result<bool>>(false);
    auto post = [this](engine::Envelope envelope) { shard->mailbox().insist(std::move(envelope)); };
    auto done = [answer](Result<bool> is_new) { *answer = std::move(is_new); };
    engine::Relations::send_event(*store, event, post, done);
    if (mode == Mode::twice) engine::Relations::send_event(*store, event, post, [](auto) {});
    TRY_DO(run_batch());
    // The sender was not answered.
    if (has_died) return true;
    return was_new ? Result<bool>(*was_new) : *answer;
  }
};

World::World(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
World::~World() = default;

Result<std::unique_ptr<World>> World::create(Mode mode, OpenStore open_store,
                                             const workflow::ActionTypes* actions) {
  auto impl = std::make_unique<Impl>();
  impl->mode = mode;
  impl->open_store = std::move(open_store);
  impl->actions = actions;
  impl->options = engine_options(mode);
  TRY_DO(impl->boot());
  return std::unique_ptr<World>(new World(std::move(impl)));
}

Result<std::string> World::put_workflow(const std::string& name, std::string_view text) {
  auto outcome = workflow::parse_definition(text, workflow::Format::automatic, {},
                                            {.actions = impl_->actions});
  if (!outcome.ok()) {
    std::string findings;
    for (const Problem& problem : outcome.problems) {
      findings += (findings.empty() ? "" : "\n") + problem.pointer + ": " + problem.message;
    }
    return findings;
  }
  WorkflowId id = id_of<WorkflowId>(name);
  bool is_new = !impl_->workflows.contains(name);
  store::PutDefinition put{.id = id,
                           .create = is_new,
                           .canonical = outcome.definition->canonical,
                           .name = outcome.definition->name,
                           .version = outcome.definition->version,
                           .description = outcome.definition->description,
                           .tags = outcome.definition->tags,
                           .at = impl_->clock.now()};
  TRY(impl_->revisions[name], impl_->store->put_definition(put));
  impl_->workflows[name] = id;
  return std::string();
}

void World::set_env(JsonObject env) { impl_->options.env = std::move(env); }

void World::set_context(JsonObject context) { impl_->context = share(std::move(context)); }

void World::script(const std::string& task_path, std::vector<ScriptedOutcome> outcomes) {
  impl_->dispatcher.script(task_path, std::move(outcomes));
}

Result<void> World::start(const std::string& label, const std::string& workflow, Json input) {
  if (!impl_->workflows.contains(workflow)) {
    return make_error(error_code::not_found, "no workflow '" + workflow + "' was defined");
  }
  execution::Start start{.execution = id_of<ExecutionId>(label),
                         .workflow = impl_->workflows[workflow],
                         .revision = impl_->revisions[workflow],
                         .input = share(std::move(input)),
                         .context = impl_->context,
                         .env = nullptr,
                         .key = label,
                         .public_url = "https://harmonia.test"};
  TRY_DO(impl_->submit({.execution = start.execution, .command = start}));
  // Unless the process died before.
  TRY(auto stored, impl_->store->find_summary(start.execution));
  if (stored) impl_->labels.push_back(label);
  return {};
}

Result<void> World::submit(const std::string& label, const execution::CommandBody& command) {
  return impl_->submit({.execution = impl_->find_id(label), .command = command});
}

Result<World::Asked> World::find_task(const std::string& label, const std::string& task_path) {
  TRY(auto run, impl_->load(label));
  auto task = execution::find_path(*run.definition, run.state, task_path);
  if (!task)
    return make_error(error_code::not_found, "the execution has no task '" + task_path + "'");
  return Asked{.task = *task, .seq = execution::asked_seq(run.state.task(*run.definition, *task))};
}

Result<void> World::report(const std::string& label, const std::string& task_path,
                           std::uint32_t attempt, const ScriptedOutcome& outcome) {
  TRY(auto found, find_task(label, task_path));
  engine::AttemptKey key{
      .execution = impl_->find_id(label), .task = found.task, .attempt = attempt};
  return impl_->submit({.execution = key.execution, .command = to_report(key, outcome)});
}

Result<bool> World::send_event(const SentEvent& event) {
  Timestamp now = impl_->clock.now();
  std::string id = event.id.empty() ? to_string(impl_->ids.next(now)) : event.id;
  store::KeptEvent kept{.id = std::move(id),
                        .name = event.name,
                        .correlation = event.correlation,
                        .payload = event.payload,
                        .at = now,
                        .expires_at = now + event.retention};
  return impl_->send_event(kept);
}

Result<void> World::run() {
  for (;;) {
    TRY(auto happened, impl_->do_next());
    if (impl_->has_died || happened == Impl::Happened::nothing) return {};
  }
}

Result<void> World::step() {
  std::size_t batch_max = std::exchange(impl_->options.batch_max, 1);
  Result<Impl::Happened> happened = Impl::Happened::something;
  while (happened.ok() && *happened == Impl::Happened::something && !impl_->has_died)
    happened = impl_->do_next();
  impl_->options.batch_max = batch_max;
  if (!happened.ok()) return std::move(happened).error();
  return {};
}

Result<void> World::advance(Duration duration) {
  Timestamp end = impl_->clock.now() + duration;
  if (end > last_time)
    return make_error(error_code::invalid_argument, "a scenario takes 150 years at most");
  for (;;) {
    TRY_DO(run());
    if (impl_->has_died) return {};
    Timestamp next = impl_->shard->next_due();
    if (auto finish = impl_->dispatcher.next_finish()) next = std::min(next, *finish);
    if (next > end) break;
    // Never backwards, and always onwards: the shard may name a time that has passed.
    impl_->clock.set(std::max(next, impl_->clock.now() + std::chrono::milliseconds(1)));
  }
  impl_->clock.set(end);
  return run();
}

void World::die_at_next_commit(CrashPoint point) { impl_->armed = point; }

bool World::has_died() {
  impl_->armed.reset();
  return std::exchange(impl_->has_died, false);
}

Result<std::vector<std::string>> World::crash() {
  TRY_DO(impl_->die_and_boot());
  std::vector<std::string> lines;
  for (const std::string& label : impl_->labels) {
    TRY(auto run, impl_->load(label));
    if (execution::is_terminal(run.state.status)) continue;
    std::string line = "recovered " + label;
    for (const std::string& owed : owed_lines(run)) line += "; " + owed;
    lines.push_back(std::move(line));
  }
  return lines;
}

Result<std::vector<std::string>> World::take_new_events() {
  TRY_DO(impl_->label_children());
  std::vector<std::string> lines;
  for (const std::string& label : impl_->labels) {
    TRY(auto run, impl_->load(label));
    std::uint64_t& shown = impl_->shown[label];
    if (run.state.last_seq == shown) continue;
    store::HistoryQuery query{.execution = run.state.id, .after_seq = shown, .limit = 100'000};
    TRY(auto events, impl_->store->read_history(query));
    for (const auto& event : events) {
      std::string line = event_line(*run.definition, event);
      lines.push_back(impl_->labels.size() > 1 ? label + " " + line : line);
    }
    shown = run.state.last_seq;
  }
  return lines;
}

Result<std::vector<std::string>> World::history(const std::string& label) {
  TRY(auto run, impl_->load(label));
  store::HistoryQuery query{.execution = run.state.id, .after_seq = 0, .limit = 100'000};
  TRY(auto events, impl_->store->read_history(query));
  std::vector<std::string> lines;
  for (const auto& event : events) lines.push_back(event_line(*run.definition, event));
  return lines;
}

Result<std::vector<std::string>> World::state(const std::string& label) {
  TRY(auto run, impl_->load(label));
  std::vector<std::string> lines = {std::string(execution::to_string(run.state.status))};
  for (const auto& [scope_id, scope] : run.state.scopes) {
    const auto& numbers = run.definition->bodies[scope.body].tasks;
    for (std::size_t i = 0; i < scope.tasks.size(); ++i) {
      const auto& task = scope.tasks[i];
      std::string line =
          execution::path_of(*run.definition, run.state, {.scope = scope_id, .task = numbers[i]});
      line += " " + std::string(execution::to_string(task.status));
      if (task.attempt > 0) line += " #" + std::to_string(task.attempt);
      lines.push_back(std::move(line));
    }
  }
  return lines;
}

Result<std::vector<std::string>> World::owed(const std::string& label) {
  TRY(auto run, impl_->load(label));
  return owed_lines(run);
}

std::vector<std::string> World::take_effects() { return impl_->dispatcher.take_effects(); }

}  // namespace harmonia::scenario
