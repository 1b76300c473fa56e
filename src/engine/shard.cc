#include "engine/shard.h"

#include <algorithm>

#include "base/crash_point.h"
#include "base/log.h"
#include "execution/owed.h"

namespace harmonia::engine {
namespace {

constexpr Duration storage_retry_delay = std::chrono::seconds(1);

// A large state is written out less often: snapshots take about as many bytes as the events between
// them, whose usual size is meant here.
bool needs_snapshot(const Run& run, std::uint64_t interval_min) {
  constexpr std::size_t event_size = 64;
  if (execution::is_terminal(run.state.status)) return false;
  auto interval = std::max<std::uint64_t>(interval_min, run.snapshot_size / event_size);
  return run.state.last_seq - run.snapshot_seq >= interval;
}

bool is_storage_fault(const Error& error) {
  return error.code == error_code::storage || error.code == error_code::unavailable ||
         error.code == error_code::storage_locked;
}

Json receipt_to_json(const Receipt& receipt) {
  return JsonObject{{"execution_id", to_string(receipt.execution)},
                    {"version", static_cast<std::int64_t>(receipt.version)},
                    {"status", json_view(execution::to_string(receipt.status))}};
}

Receipt receipt_from_json(const Json& answer) {
  Receipt receipt;
  receipt.repeated = true;
  if (!answer.is_object()) return receipt;
  const JsonObject& object = answer.get_object();
  if (auto id = parse_id<ExecutionId>(get_string(object, "execution_id"))) receipt.execution = *id;
  receipt.version = static_cast<std::uint64_t>(get_int(object, "version"));
  receipt.status = execution::parse_run_status(get_string(object, "status"))
                       .value_or(execution::RunStatus::running);
  return receipt;
}

Error mismatch() {
  return make_error(error_code::idempotency_mismatch,
                    "this idempotency key was used with another request before; use a new key");
}

}  // namespace

Shard::Shard(const EngineOptions& options, const Engine::Ports& ports, DefinitionCache& definitions,
             Place place)
    : options_(options),
      ports_(ports),
      definitions_(definitions),
      place_(std::move(place)),
      mailbox_({.size_max = options.mailbox_max, .start_wait_max = options.start_wait_max}),
      runs_(options.live_runs_max, options.resting_runs_max),
      timers_(options.timer_horizon),
      handout_(ports.dispatcher, claims_, place_.limits ? *place_.limits : own_limits_),
      relations_(
          ports.store, definitions, ports.clock,
          place_.post ? place_.post
                      : [this](Envelope envelope) { mailbox_.insist(std::move(envelope)); }) {}

Result<void> Shard::recover() {
  Timestamp now = ports_.clock.now();
  TRY_DO(timers_.refill(ports_.store, now, [this](ExecutionId id) { return owns(id); }));
  store::AtWorkQuery query;
  for (;;) {
    TRY(auto executions, ports_.store.read_at_work(query));
    for (ExecutionId id : executions) {
      if (!owns(id)) continue;
      TRY(auto loaded, load_run(ports_.store, definitions_, id));
      if (!loaded) continue;
      const Run& run = runs_.insert(id, std::move(*loaded));
      for (const auto& owed : execution::owed(*run.definition, run.state).dispatches) {
        dispatch(owed, run);
        crash_point("engine.recovering");
      }
    }
    runs_.trim();
    publish_counters();
    if (executions.size() < query.limit) break;
    query.after = executions.back();
  }
  return relations_.recover([this](ExecutionId id) { return owns(id); });
}

Timestamp Shard::next_due() const {
  Timestamp due = std::min(ports_.clock.now() + options_.idle_max, timers_.next_due());
  if (auto expiry = claims_.next_expiry()) due = std::min(due, *expiry);
  if (!deferred_.empty()) due = std::min(due, deferred_.begin()->first);
  if (!to_revive_.empty()) due = std::min(due, ports_.clock.now() + storage_retry_delay);
  if (auto handout = handout_.next_due()) due = std::min(due, *handout);
  if (auto again = relations_.next_due()) due = std::min(due, *again);
  return due;
}

bool Shard::run_batch() {
  Batch batch;
  batch.now = ports_.clock.now();
  auto envelopes = collect(batch.now);
  if (envelopes.empty()) return false;
  counters_.commands += envelopes.size();
  if (!ports_.store.health().writable) {
    refuse_all(batch, std::move(envelopes));
    return true;
  }
  for (Envelope& envelope : envelopes) decide_envelope(batch, std::move(envelope));
  commit_batch(batch);
  runs_.trim();
  publish_counters();
  return true;
}

// While the store takes no writes nothing is decided: what a failed commit has left is not known
// yet (store.h), so a run may stand elsewhere than it seems. What was accepted before keeps its
// answer.
void Shard::refuse_all(Batch& batch, std::vector<Envelope> envelopes) {
  Error error =
      make_error(error_code::storage,
                 "the disk takes no writes: " + ports_.store.health().fault + "; try again");
  error.retry_after = storage_retry_delay;
  for (Envelope& envelope : envelopes) {
    if (!answer_repeat(batch, envelope)) fail(std::move(envelope), error);
  }
}

// Loads runs again whose commit failed, as soon as the store knows what is left of it; hands out
// what they owe on disk and says what others wait for.
void Shard::revive() {
  if (!ports_.store.health().writable) return;
  auto executions = std::exchange(to_revive_, {});
  for (auto& [id, ended] : executions) {
    runs_.erase(id);
    auto loaded = load_run(ports_.store, definitions_, id);
    if (!loaded.ok()) {
      to_revive_.emplace(id, std::move(ended));
      continue;
    }
    if (!loaded->has_value()) continue;
    const Run& run = runs_.insert(id, std::move(**loaded));
    execution::Owed owed = execution::owed(*run.definition, run.state);
    // One that is due may have fired already and wait for another try; if not, the next look into
    // the store finds it.
    for (const auto& wake : owed.wakes) {
      if (wake.due > ports_.clock.now()) timers_.arm(id, wake);
    }
    let_go(id, ended, owed);
    for (const auto& owed_dispatch : owed.dispatches) dispatch(owed_dispatch, run);
    relations_.take_up(run);
  }
}

// What a commit has ended that failed and was written all the same: nobody was told.
void Shard::let_go(ExecutionId execution, const execution::Owed& ended,
                   const execution::Owed& owed) {
  for (const auto& gone : ended.dispatches) {
    if (std::find(owed.dispatches.begin(), owed.dispatches.end(), gone) != owed.dispatches.end())
      continue;
    AttemptKey key{.execution = execution, .task = gone.task, .attempt = gone.attempt};
    handout_.take_back(key, nullptr, ports_.clock.now());
  }
  for (const auto& gone : ended.interests) {
    if (std::find(owed.interests.begin(), owed.interests.end(), gone) == owed.interests.end())
      relations_.let_go(gone);
  }
}

// What is due and what has come, at most one batch of it.
std::vector<Envelope> Shard::collect(Timestamp now) {
  if (!to_revive_.empty()) revive();
  relations_.try_again(now);
  hand_out_due(now);
  if (auto refilled =
          timers_.refill(ports_.store, now, [this](ExecutionId id) { return owns(id); });
      !refilled.ok()) {
    log::error("timers can't be read", {{"error", refilled.error().detail}});
  }
  auto content = mailbox_.take(options_.batch_max);
  for (const AttemptKey& key : content.heartbeats) claims_.renew(key, now);
  std::vector<Envelope> envelopes = std::move(content.envelopes);
  while (!deferred_.empty() && deferred_.begin()->first <= now) {
    envelopes.push_back(std::move(deferred_.begin()->second));
    deferred_.erase(deferred_.begin());
  }
  for (const auto& timer : timers_.take_due(now, options_.batch_max)) {
    const auto& wake = timer.wake;
    execution::TimerFired fired{.kind = wake.kind, .task = wake.task, .attempt = wake.attempt};
    envelopes.push_back({.execution = timer.execution, .command = fired, .insists = true});
  }
  for (const AttemptKey& key : claims_.take_expired(now)) {
    execution::LeaseExpired expired{.task = key.task, .attempt = key.attempt};
    envelopes.push_back({.execution = key.execution, .command = expired, .insists = true});
  }
  return envelopes;
}

// True when the command was seen before, in this batch or long ago: its first receipt is the
// answer.
bool Shard::answer_repeat(Batch& batch, Envelope& envelope) {
  if (envelope.command_id.empty()) return false;
  if (auto found = batch.command_ids.find(envelope.command_id); found != batch.command_ids.end()) {
    batch.followers.emplace_back(std::move(envelope), found->second);
    return true;
  }
  auto record = ports_.store.find_command(envelope.command_id);
  if (!record.ok()) {
    fail(std::move(envelope), std::move(record).error());
    return true;
  }
  if (!record->has_value()) return false;
  if ((*record)->fingerprint != envelope.fingerprint) {
    fail(std::move(envelope), mismatch());
  } else if (envelope.done) {
    envelope.done(receipt_from_json((*record)->answer));
  }
  return true;
}

// The run a command is for; a fresh one for a start.
Result<Run*> Shard::find_run(const Envelope& envelope) {
  if (Run* run = runs_.find(envelope.execution)) return run;
  if (const auto* start = std::get_if<execution::Start>(&envelope.command)) {
    // Ids are random, so nothing is looked up: should the execution exist after all, its commit
    // conflicts.
    Run fresh;
    TRY(fresh.definition, definitions_.find(start->workflow, start->revision));
    fresh.state.id = envelope.execution;
    return &runs_.insert(envelope.execution, std::move(fresh));
  }
  TRY(auto loaded, load_run(ports_.store, definitions_, envelope.execution));
  if (!loaded) {
    return make_error(error_code::not_found,
                      "there is no execution " + to_string(envelope.execution));
  }
  return &runs_.insert(envelope.execution, std::move(*loaded));
}

void Shard::decide_envelope(Batch& batch, Envelope envelope) {
  if (answer_repeat(batch, envelope)) return;
  auto found = find_run(envelope);
  if (!found.ok()) return fail(std::move(envelope), std::move(found).error());
  Run& run = **found;
  if (const auto* grant = std::get_if<execution::Grant>(&envelope.command)) {
    // Whether the turn is still its own can be read only when all it did is on disk.
    if (batch.changed.contains(envelope.execution)) return mailbox_.insist(std::move(envelope));
    auto holds = relations_.has_turn(run, *grant);
    if (!holds.ok()) return fail(std::move(envelope), std::move(holds).error());
  }
  if (auto* start = std::get_if<execution::Start>(&envelope.command)) {
    start->env = share(run.definition->uses_env ? options_.env : JsonObject{});
    if (run.definition->uses_tokens) add_token_key(*start);
  }
  execution::Command command{.now = batch.now, .body = envelope.command};
  execution::RunStatus before = run.state.status;
  auto decision = execution::decide(*run.definition, std::move(run.state), command);
  run.state = std::move(decision.state);
  if (decision.refusal) {
    ++counters_.refusals;
    if (decision.refusal->code == error_code::stale) ++counters_.stale_reports;
    if (!run.state.exists()) runs_.erase(envelope.execution);
    // What it is refused by may be decided in this batch and not be on disk in the end.
    if (!batch.changed.contains(envelope.execution))
      return fail(std::move(envelope), std::move(*decision.refusal));
    batch.refused.emplace_back(std::move(envelope), std::move(*decision.refusal));
    return;
  }
  if (decision.events.empty()) {
    Receipt receipt{
        .execution = run.state.id, .version = run.state.last_seq, .status = run.state.status};
    batch.unchanged.push_back({.envelope = std::move(envelope), .receipt = receipt});
    return;
  }
  add_commit(batch, std::move(envelope), run, std::move(decision), before);
}

// Two ids hold more than 128 random bits.
void Shard::add_token_key(execution::Start& start) {
  Timestamp now = ports_.clock.now();
  start.key = to_string(ports_.ids.next(now));
  start.key += to_string(ports_.ids.next(now));
  start.public_url = options_.public_url;
}

void Shard::add_commit(Batch& batch, Envelope envelope, Run& run, execution::Decision decision,
                       execution::RunStatus before) {
  store::Commit commit{.execution = run.state.id,
                       .expected_version = decision.events.front().seq - 1,
                       .events = std::move(decision.events),
                       .owed = std::move(decision.owed),
                       .at_work = run.state.active > 0};
  // What else lists show changes with the status only.
  if (commit.expected_version == 0 || run.state.status != before) {
    commit.summary = summarise(run.state, *run.definition);
  } else {
    commit.tasks = run.state.counts;
  }
  Receipt receipt{
      .execution = run.state.id, .version = run.state.last_seq, .status = run.state.status};
  if (!envelope.command_id.empty()) {
    commit.command = store::CommandRecord{.command_id = envelope.command_id,
                                          .fingerprint = envelope.fingerprint,
                                          .answer = receipt_to_json(receipt),
                                          .at = batch.now};
    batch.command_ids[envelope.command_id] = batch.commits.size();
  }
  if (needs_snapshot(run, options_.snapshot_events)) {
    commit.snapshot =
        store::Snapshot{.seq = run.state.last_seq, .state = execution::write_snapshot(run.state)};
    run.snapshot_seq = run.state.last_seq;
    run.snapshot_size = commit.snapshot->state.size();
  }
  batch.changed.insert(commit.execution);
  batch.commits.push_back(std::move(commit));
  batch.decided.push_back({.envelope = std::move(envelope), .receipt = receipt});
}

void Shard::commit_batch(Batch& batch) {
  std::vector<Result<store::Position>> results;
  if (!batch.commits.empty()) {
    Timestamp begin = ports_.clock.now();
    results = ports_.store.commit(batch.commits);
    counters_.last_commit_micros = (ports_.clock.now() - begin).count();
    ASSERT(results.size() == batch.commits.size());
    crash_point("engine.after_commit");
  }
  // A run with a commit that failed is forgotten first, so that nothing acts on a state that is not
  // on disk.
  std::unordered_set<ExecutionId> dropped;
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i].ok()) continue;
    dropped.insert(batch.commits[i].execution);
    runs_.erase(batch.commits[i].execution);
  }
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (results[i].ok()) {
      succeed(batch, i);
      continue;
    }
    ++counters_.commit_failures;
    bool is_start = std::holds_alternative<execution::Start>(batch.decided[i].envelope.command);
    if (is_start && results[i].error().code == error_code::conflict) {
      results[i].error().detail = "the execution was started before";
    }
    fail(std::move(batch.decided[i].envelope), results[i].error());
  }
  for (std::size_t i = 0; i < results.size(); ++i) {
    if (!dropped.contains(batch.commits[i].execution)) continue;
    execution::Owed& ended = to_revive_[batch.commits[i].execution];
    const execution::Owed& removed = batch.commits[i].owed.removed;
    ended.dispatches.insert(ended.dispatches.end(), removed.dispatches.begin(),
                            removed.dispatches.end());
    ended.interests.insert(ended.interests.end(), removed.interests.begin(),
                           removed.interests.end());
  }
  answer_followers(batch, results);
  answer_rest(batch, dropped);
}

// What was decided without events stands when the state it was decided on is on disk. If that could
// not be written, it is decided again or, for people, an error.
void Shard::answer_rest(Batch& batch, const std::unordered_set<ExecutionId>& dropped) {
  Error not_written =
      make_error(error_code::storage, "the execution could not be written; try again");
  for (auto& [envelope, receipt] : batch.unchanged) {
    if (dropped.contains(envelope.execution)) {
      fail(std::move(envelope), not_written);
    } else if (envelope.done) {
      envelope.done(receipt);
    }
  }
  for (auto& [envelope, refusal] : batch.refused) {
    bool was_lost = dropped.contains(envelope.execution);
    fail(std::move(envelope), was_lost ? not_written : std::move(refusal));
  }
}

// Repeats of a command of the same batch get its receipt.
void Shard::answer_followers(Batch& batch, const std::vector<Result<store::Position>>& results) {
  for (auto& [envelope, index] : batch.followers) {
    if (!results[index].ok()) {
      fail(std::move(envelope), results[index].error());
    } else if (batch.commits[index].command->fingerprint != envelope.fingerprint) {
      fail(std::move(envelope), mismatch());
    } else if (envelope.done) {
      Receipt receipt = batch.decided[index].receipt;
      receipt.repeated = true;
      envelope.done(receipt);
    }
  }
}

void Shard::succeed(Batch& batch, std::size_t index) {
  const store::Commit& commit = batch.commits[index];
  Decided& decided = batch.decided[index];
  ++counters_.commits;
  // Dropped when a later commit of the same run failed; `revive` then takes up what this one owes.
  if (Run* run = runs_.find(commit.execution)) {
    perform(commit, decided.envelope, *run);
    crash_point("engine.performed");
    ports_.announcer.announce({.execution = commit.execution,
                               .definition = *run->definition,
                               .state = run->state,
                               .events = commit.events});
    bool ended = execution::ends_execution(commit.events.back().body);
    if (ended) {
      runs_.erase(commit.execution);
    } else if (run->state.active == 0) {
      runs_.rest(commit.execution);
    }
  }
  if (decided.envelope.done) {
    decided.envelope.done(decided.receipt);
    crash_point("engine.answered");
  }
}

void Shard::perform(const store::Commit& commit, const Envelope& envelope, const Run& run) {
  const auto* report = std::get_if<execution::Report>(&envelope.command);
  for (const auto& wake : commit.owed.removed.wakes) timers_.disarm(commit.execution, wake);
  for (const auto& wake : commit.owed.added.wakes) timers_.arm(commit.execution, wake);
  for (const auto& removed : commit.owed.removed.dispatches) {
    AttemptKey key{.execution = commit.execution, .task = removed.task, .attempt = removed.attempt};
    handout_.take_back(key, report, ports_.clock.now());
  }
  for (const auto& added : commit.owed.added.dispatches) dispatch(added, run);
  relations_.after_commit(commit, envelope.command, run);
}

void Shard::dispatch(const execution::Dispatch& owed, const Run& run) {
  // A later command of the same batch may have ended it already.
  if (execution::owed_by_task(*run.definition, run.state, owed.task).dispatch != owed) return;
  SharedJson cached = handout_.hand_out(owed, run, ports_.clock.now());
  if (!cached) return;
  execution::Report report{.task = owed.task,
                           .attempt = owed.attempt,
                           .outcome = execution::AttemptSucceeded{.output = std::move(cached)}};
  mailbox_.insist({.execution = run.state.id, .command = std::move(report), .insists = true});
}

// Attempts that waited for their rate limit.
void Shard::hand_out_due(Timestamp now) {
  for (const AttemptKey& key : handout_.take_due(now)) {
    Run* run = runs_.find(key.execution);
    if (run == nullptr) {
      auto loaded = load_run(ports_.store, definitions_, key.execution);
      if (!loaded.ok()) {
        to_revive_[key.execution];
        continue;
      }
      if (!*loaded) continue;
      run = &runs_.insert(key.execution, std::move(**loaded));
    }
    dispatch({.task = key.task, .attempt = key.attempt}, *run);
  }
}

// Answers with an error, or keeps what must not be lost for another try.
void Shard::fail(Envelope envelope, Error error) {
  bool try_again = is_storage_fault(error) || error.code == error_code::conflict;
  if (envelope.insists && try_again) return retry_later(std::move(envelope));
  // The attempt is over, maybe by a commit that was thought to have failed.
  if (const auto* report = std::get_if<execution::Report>(&envelope.command)) {
    AttemptKey key{
        .execution = envelope.execution, .task = report->task, .attempt = report->attempt};
    handout_.take_back(key, report, ports_.clock.now());
  }
  if (envelope.done) {
    envelope.done(std::move(error));
  } else if (error.code != error_code::stale && error.code != error_code::not_found) {
    log::warning("a command was refused",
                 {{"execution", to_string(envelope.execution)},
                  {"command", std::string(execution::command_name(envelope.command))},
                  {"error", error.detail}});
  }
}

void Shard::retry_later(Envelope envelope) {
  deferred_.emplace(ports_.clock.now() + storage_retry_delay, std::move(envelope));
}

void Shard::publish_counters() {
  counters_.live_runs = runs_.size();
  counters_.attempts_in_flight = claims_.size();
  counters_.timers_armed = timers_.size();
}

}  // namespace harmonia::engine
