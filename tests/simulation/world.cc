#include "tests/simulation/world.h"

#include <cstdio>

#include "base/hash.h"
#include "scenario/event_line.h"
#include "store/memory/memory_store.h"
#include "store/sqlite/sqlite_store.h"
#include "tests/simulation/broken_law.h"
#include "workflow/parse.h"

namespace harmonia::simulation {
namespace {

namespace fs = std::filesystem;

class CountingIds final : public engine::IdSource {
 public:
  Uuid next(Timestamp) override { return make_uuid_v7(0, 1, ++count_); }

 private:
  std::uint64_t count_ = 0;
};

engine::EngineOptions engine_options(const Hostility& hostility) {
  engine::EngineOptions options;
  options.mailbox_max = hostility.mailbox_max;
  options.batch_max = hostility.batch_max;
  options.live_runs_max = hostility.live_runs_max;
  options.snapshot_events = hostility.snapshot_events;
  options.timer_horizon = hostility.timer_horizon;
  return options;
}

fs::path make_folder() {
  fs::path base = fs::exists("/dev/shm") ? fs::path("/dev/shm") : fs::temp_directory_path();
  std::string pattern = (base / "harmonia-simulation-XXXXXX").string();
  ASSERT(mkdtemp(pattern.data()) != nullptr);
  return pattern;
}

WorkflowId workflow_id(std::size_t workflow) { return {make_uuid_v7(0, 2, workflow)}; }

}  // namespace

World::World(const Scenario& scenario, Coverage& coverage, bool trace)
    : scenario_(scenario),
      coverage_(coverage),
      trace_(trace),
      options_(engine_options(scenario.hostility)),
      store_(clock_, coverage),
      ledger_([this](WorkflowId id, std::uint32_t revision) { return find_spec(id, revision); }),
      history_coverage_(coverage),
      attempt_check_(witness_),
      report_check_(witness_),
      signal_check_(witness_),
      family_check_(ledger_),
      runners_({.ledger = ledger_,
                .clock = clock_,
                .witness = witness_,
                .coverage = coverage,
                .look = [this] { look(); }}),
      listener_(
          ledger_, store_, coverage, [this] { look(); },
          [this](const engine::Announcement& one) { compare_now_and_then(one); }),
      clients_({.ledger = ledger_,
                .clock = clock_,
                .store = store_,
                .witness = witness_,
                .coverage = coverage,
                .look = [this] { look(); },
                .tell = [this](const std::string& what) { tell(what); },
                .offer =
                    [this](engine::Envelope& one) {
                      return shard_of(one.execution).mailbox().offer(one, clock_.now());
                    },
                .post = [this](engine::Envelope one) { post(std::move(one)); },
                .newest_revision =
                    [this](WorkflowId id) { return process_->definitions.newest_revision(id); },
                .workflow = [](std::size_t workflow) { return workflow_id(workflow); }}),
      ids_(std::make_unique<CountingIds>()) {
  HistoryCheck* checks[] = {&history_coverage_, &life_check_,   &order_check_, &attempt_check_,
                            &report_check_,     &scope_check_,  &slot_check_,  &lock_check_,
                            &signal_check_,     &family_check_, &undo_check_,  &end_check_,
                            &fold_check_};
  for (HistoryCheck* check : checks) ledger_.add_check(*check);
  if (scenario.hostility.on_sqlite) {
    folder_.path = make_folder();
    disk_ = std::make_unique<store::sqlite::testing::FaultDisk>();
  }
  coverage_.note("store", folder_.path.empty() ? "memory" : "sqlite");
  open_store();
  for (std::size_t i = 0; i < scenario.workflows; ++i) save_workflow(*inner_, i, i);
  boot(scenario.hostility.shards);
}

World::~World() = default;

World::Folder::~Folder() {
  std::error_code ignored;
  if (!path.empty()) fs::remove_all(path, ignored);
}

// The memory store stands for a disk: it outlives the process. That of SQLite is stopped, so that
// closing changes nothing: what a killed process leaves behind.
void World::open_store() {
  if (!disk_) {
    if (!inner_) inner_ = store::make_memory_store();
  } else {
    disk_->kill_process();
    inner_.reset();
    disk_->restart();
    note_power_loss();
    auto opened = store::open_sqlite_store({.directory = folder_.path.string()});
    expect(opened.ok(), "recovery", [&] { return opened.error().detail; });
    inner_ = std::move(*opened);
  }
  store_.set_inner(*inner_, disk_.get());
  store_.heal();
}

void World::note_power_loss() {
  auto loss = disk_->power_loss();
  constexpr const char* family = "pages without a sync";
  coverage_.note(family, "kept", loss.kept - loss_seen_.kept);
  coverage_.note(family, "lost", loss.lost - loss_seen_.lost);
  coverage_.note(family, "halved", loss.halved - loss_seen_.halved);
  coverage_.note(family, "garbled", loss.garbled - loss_seen_.garbled);
  loss_seen_ = loss;
}

void World::save_workflow(store::Store& store, std::size_t workflow, std::size_t text) {
  auto outcome = workflow::parse_definition(scenario_.texts[text]);
  ASSERT(outcome.ok());
  auto known = inner_->find_definition(workflow_id(workflow), 0);
  store::CommandRecord key{.command_id = "save-" + std::to_string(++saves_),
                           .fingerprint = {},
                           .answer = nullptr,
                           .at = clock_.now()};
  store::PutDefinition put{.id = workflow_id(workflow),
                           .create = known.ok() && !known->has_value(),
                           .canonical = outcome.definition->canonical,
                           .name = outcome.definition->name,
                           .version = outcome.definition->version,
                           .description = {},
                           .tags = {},
                           .at = clock_.now(),
                           .command = key};
  auto revision = store.put_definition(put);
  if (!revision.ok()) return coverage_.note("refusal", "save " + revision.error().code);
  put.create = false;
  expect(!store.put_definition(put).ok(), "receipts",
         [&] { return "key " + key.command_id + " of a saved workflow may be used again"; });
  // Runs get what is compiled from the stored form.
  auto stored = workflow::parse_definition(outcome.definition->canonical, {}, {.findings = false});
  ASSERT(stored.ok());
  specs_[{workflow_id(workflow), *revision}] =
      read_specification(stored.definition, scenario_.texts[text]);
}

std::shared_ptr<const WorkflowSpec> World::find_spec(WorkflowId id, std::uint32_t revision) {
  auto found = specs_.find({id, revision});
  expect(found != specs_.end(), "history", [&] {
    return "a run is of revision " + std::to_string(revision) + " of workflow " + to_string(id) +
           ", which was never saved";
  });
  return found->second;
}

engine::Shard& World::shard_of(ExecutionId run) {
  for (auto& shard : process_->shards) {
    if (shard->owns(run)) return *shard;
  }
  break_law("shards", "no shard owns run " + to_string(run));
}

void World::post(engine::Envelope envelope) {
  shard_of(envelope.execution).mailbox().insist(std::move(envelope));
}

std::uint64_t World::commands() const {
  std::uint64_t count = commands_before_;
  if (!process_) return count;
  for (const auto& shard : process_->shards) count += shard->counters().commands;
  return count;
}

void World::crash(std::size_t shards, std::optional<std::uint64_t> power) {
  coverage_.note("fault", "crash");
  commands_before_ = commands();
  if (disk_ && power) {
    coverage_.note("fault", "power fails");
    disk_->cut_power(*power);
  }
  process_.reset();
  // What the process was to die of is over.
  store_.faults.die_before_commit = store_.faults.die_after_commit = false;
  store_.faults.power.reset();
  runners_.die_at_handout = listener_.die_at_announcement = clients_.die_at_answer = false;
  open_store();
  boot(shards);
}

void World::boot(std::size_t shards) {
  while (!try_to_boot(shards)) {
    coverage_.note("fault", "boot failed");
    // Somebody sees to the disk.
    store_.faults.reads_fail = 0;
  }
}

bool World::try_to_boot(std::size_t shards) {
  process_.reset();
  look();  // what the last life has left on disk
  runners_.begin_life();
  listener_.begin_life();
  clients_.begin_life();
  committed_.clear();
  read_failures_before_ = store_.read_failures;
  process_ = std::make_unique<Process>(store_);
  engine::Engine::Ports ports{.store = store_,
                              .clock = clock_,
                              .ids = *ids_,
                              .dispatcher = runners_,
                              .announcer = listener_};
  auto count = static_cast<unsigned>(shards);
  for (unsigned i = 0; i < count; ++i) {
    engine::Shard::Place place{.index = i,
                               .count = count,
                               .post = [this](engine::Envelope one) { post(std::move(one)); },
                               .limits = &process_->limits};
    process_->shards.push_back(
        std::make_unique<engine::Shard>(options_, ports, process_->definitions, std::move(place)));
  }
  for (auto& shard : process_->shards) {
    if (!shard->recover().ok()) return false;
  }
  return true;
}

void World::show(const store::FeedEntry& entry) const {
  auto loaded = inner_->load_execution(*entry.execution);
  ASSERT(loaded.ok() && loaded->has_value());
  const auto& spec = specs_.at({(**loaded).workflow, (**loaded).revision});
  for (const execution::Event& event : entry.events)
    std::printf("    %s  %s\n", to_string(*entry.execution).c_str(),
                scenario::event_line(*spec->definition, event).c_str());
  std::fflush(stdout);
}

void World::look() {
  for (;;) {
    constexpr std::size_t page = 200;
    auto entries = inner_->read_feed(position_, page);
    expect(entries.ok(), "history", [&] { return entries.error().detail; });
    for (const store::FeedEntry& entry : *entries) {
      expect(entry.position > position_, "history", [] { return "the feed goes back"; });
      position_ = entry.position;
      std::string text;
      if (entry.execution) execution::append_events_text(text, entry.events);
      digests_.push_back(stable_hash(text, digest()));
      if (!entry.execution) continue;
      committed_.insert(*entry.execution);
      if (trace_) show(entry);
      ledger_.apply(entry);
    }
    if (entries->size() < page) return;
  }
}

void World::check_prefix() {
  std::uint64_t digest = 0;
  std::size_t count = 0;
  store::Position after = 0;
  for (;;) {
    constexpr std::size_t page = 1000;
    auto entries = inner_->read_feed(after, page);
    expect(entries.ok(), "history", [&] { return entries.error().detail; });
    for (const store::FeedEntry& entry : *entries) {
      after = entry.position;
      std::string text;
      if (entry.execution) execution::append_events_text(text, entry.events);
      digest = stable_hash(text, digest);
      expect(count < digests_.size() && digests_[count] == digest, "history",
             [&] { return "entry " + std::to_string(count) + " of the feed is not what it was"; });
      ++count;
    }
    if (entries->size() < page) break;
  }
  expect(count == digests_.size(), "history", [&] {
    return "the feed had " + std::to_string(digests_.size()) + " entries and has " +
           std::to_string(count);
  });
}

void World::compare_now_and_then(const engine::Announcement& announcement) {
  constexpr std::uint64_t live_every = 8;
  constexpr std::uint64_t loaded_every = 32;
  ++looks_;
  if (looks_ % live_every == 0) fold_check_.compare(announcement);
  if (looks_ % loaded_every == 0)
    fold_check_.compare_loaded(*inner_, process_->definitions, announcement.execution);
}

void World::tell(const std::string& what) const {
  if (!trace_) return;
  std::printf("              %s\n", what.c_str());
  std::fflush(stdout);
}

void World::perform(const Step& step) {
  if (trace_) {
    std::printf("%12.3f  %s\n", to_seconds(clock_.now().time_since_epoch()) - 1'767'225'600.0,
                describe(step).c_str());
    std::fflush(stdout);
  }
  try {
    std::visit([this](const auto& one) { take(one); }, step);
  } catch (const ProcessDied& death) {
    tell("the process dies " + death.where);
    std::size_t shards = shard_count();
    // It may die again while it starts.
    for (bool alive = false; !alive;) {
      try {
        crash(shards);
        alive = true;
      } catch (const ProcessDied&) {
        continue;
      }
    }
  }
  look();
  bool failed = store_.write_failures != write_failures_seen_ || !store_.health().writable;
  if (failed) write_failed_at_ = clock_.now();
  write_failures_seen_ = store_.write_failures;
}

void World::take(const BreakThings& step) {
  StoreFaults& faults = store_.faults;
  switch (step.fault) {
    case Fault::commits_fail:
      faults.commits_fail = step.count;
      faults.commits_written = step.written;
      faults.recovery = step.length;
      return;
    case Fault::disk_is_full: faults.full_until = clock_.now() + step.length; return;
    case Fault::reads_fail:
      faults.reads_fail = step.count;
      faults.reads_pass = step.after;
      return;
    case Fault::calls_are_slow:
      faults.slow_calls = step.count;
      faults.slowness = step.length;
      return;
    case Fault::die_before_commit: faults.die_before_commit = true; return;
    case Fault::die_after_commit: faults.die_after_commit = true; return;
    case Fault::die_at_handout: runners_.die_at_handout = true; return;
    case Fault::die_at_announcement: listener_.die_at_announcement = true; return;
    case Fault::die_at_answer: clients_.die_at_answer = true; return;
    case Fault::power_fails: faults.power = step; return;
  }
}

void World::take(const SaveWorkflow& step) {
  if (step.text >= scenario_.texts.size()) return;
  save_workflow(store_, step.workflow, step.text);
  process_->definitions.changed(workflow_id(step.workflow));
}

void World::take(const ReportAttempt& step) {
  HeldAttempt* held = runners_.find(step.run, step.path, step.attempt);
  if (held == nullptr) return;
  const engine::AttemptKey& key = held->assignment.key;
  SentReport sent{.success = step.success, .output = JsonObject{{"n", step.n}}};
  execution::Report report{.task = key.task, .attempt = key.attempt, .outcome = {}};
  if (step.success) {
    report.outcome = execution::AttemptSucceeded{.output = share(sent.output)};
  } else {
    Error error = make_error(step.code, "it went wrong");
    sent.code = step.code;
    sent.retryable = step.retryable;
    if (step.retry_after_seconds > 0)
      sent.retry_after = error.retry_after = std::chrono::seconds(step.retry_after_seconds);
    report.outcome = execution::AttemptErrored{.error = error, .retryable = step.retryable};
    if (!step.retryable) coverage_.note("runner", "permanent");
    if (error.retry_after) coverage_.note("runner", "retry-after");
  }
  const TaskRecord* task = ledger_.find(key.execution, key.task);
  bool wanted =
      task != nullptr && task->standing == Standing::attempting && task->attempt == key.attempt;
  coverage_.note("command", "report");
  coverage_.note("runner", step.success ? "success" : "failure");
  if (!wanted) coverage_.note("runner", "late");
  if (held->canceled) coverage_.note("runner", "after cancel");
  if (held->reported_ever) coverage_.note("runner", "contradiction");
  if (wanted && step.success && task->spec->json->contains("cache"))
    witness_.results[result_key(*ledger_.find(key.execution), *task)].push_back(sent.output);
  witness_.reports[key].push_back(std::move(sent));
  held->reported = held->reported_ever = true;
  post({.execution = key.execution, .command = std::move(report), .insists = true});
}

void World::take(const Heartbeat& step) {
  HeldAttempt* held = runners_.find(step.run, step.path, step.attempt);
  if (held == nullptr || held->life != runners_.life()) return;
  coverage_.note("runner", "heartbeat");
  const engine::AttemptKey& key = held->assignment.key;
  witness_.signs_of_life[key] = clock_.now();
  shard_of(key.execution).mailbox().heartbeat(key);
}

void World::take(const MoveClock& step) {
  if (step.by < Duration(0)) coverage_.note("fault", "clock goes back");
  if (step.by >= std::chrono::hours(1)) coverage_.note("fault", "long jump");
  clock_.set(clock_.now() + step.by);
  // A sign of life is heard when the mail is read, perhaps by a clock that went back since.
  for (auto& [_, sign] : witness_.signs_of_life) sign = std::min(sign, clock_.now());
}

void World::take(const MoveClockToDue&) {
  Timestamp due = Timestamp::max();
  for (const auto& shard : process_->shards) due = std::min(due, shard->next_due());
  clock_.set(std::max(clock_.now(), due));
}

void World::take(const RunBatch& step) {
  process_->shards[step.shard % process_->shards.size()]->run_batch();
  look();
  constexpr std::uint64_t rows_every = 64;
  if (++looks_ % rows_every == 0) check_rows(*inner_, ledger_);
}

void World::take(const Settle&) {
  settle();
  check_at_rest();
}

void World::take(const Crash& step) {
  crash(step.shards, step.power);
  check_rows(*inner_, ledger_);
  if (++looks_ % 8 == 0) check_prefix();
}

}  // namespace harmonia::simulation
