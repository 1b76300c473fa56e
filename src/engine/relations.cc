#include "engine/relations.h"

#include <atomic>
#include <map>
#include <mutex>

#include "base/log.h"
#include "execution/owed.h"

namespace harmonia::engine {
namespace {

using execution::ChildEnded;
using execution::Interest;
using execution::InterestKind;
using execution::Parent;
using store::InterestRow;

constexpr Duration again_after = std::chrono::seconds(1);

execution::Signal signal_of(const store::KeptEvent& event) {
  return {.id = event.id,
          .name = event.name,
          .correlation = event.correlation,
          .payload = share(event.payload)};
}

// How the run of a subworkflow ended.
std::variant<execution::AttemptSucceeded, execution::AttemptErrored> outcome_of(
    const execution::State& state) {
  using execution::RunStatus;
  if (state.status == RunStatus::completed)
    return execution::AttemptSucceeded{.output = state.output};
  if (state.status == RunStatus::failed)
    return execution::AttemptErrored{.error = *state.error, .retryable = true};
  std::string reason = state.cancel_reason.empty() ? "" : ": " + state.cancel_reason;
  return execution::AttemptErrored{
      .error = make_error(error_code::canceled, "the subworkflow was canceled" + reason),
      .retryable = false};
}

ChildEnded failed_to_start(const Parent& parent, ExecutionId child, Error error) {
  error.detail = "the subworkflow can't be started: " + error.detail;
  return {.task = parent.task,
          .attempt = parent.attempt,
          .child = child,
          .outcome = execution::AttemptErrored{.error = std::move(error), .retryable = false}};
}

bool waits_for(const Run& run, execution::TaskRef ref, std::uint32_t attempt,
               execution::WaitsFor what) {
  if (run.state.find_scope(ref.scope) == nullptr) return false;
  const auto& task = run.state.task(*run.definition, ref);
  return task.status == execution::TaskStatus::waiting && task.waits_for == what &&
         task.attempt == attempt;
}

// What of the run waits for this turn; nothing when it has it already, or wants it no more.
std::optional<Interest> interest_in_turn(const Run& run, const execution::Grant& grant) {
  if (!grant.task) {
    bool waits = run.state.status == execution::RunStatus::pending;
    return waits ? execution::owed_by_run(run.state).turn : std::nullopt;
  }
  if (!waits_for(run, *grant.task, grant.attempt, execution::WaitsFor::lock)) return std::nullopt;
  return execution::owed_by_task(*run.definition, run.state, *grant.task).interest;
}

// An event on its way to those who wait for it: over when each of them has it on disk or no longer
// wants it.
class Delivery {
 public:
  Delivery(EventSent done, bool is_new) : done_(std::move(done)), is_new_(is_new) {}

  void add() { ++open_; }
  void one_done(Result<void> outcome) {
    if (!outcome.ok()) {
      std::lock_guard lock(mutex_);
      failure_ = std::move(outcome).error();
    }
    if (--open_ > 0) return;
    if (failure_) return done_(std::move(*failure_));
    done_(is_new_);
  }

 private:
  const EventSent done_;
  const bool is_new_;
  std::atomic<std::size_t> open_ = 1;  // whoever hands it out
  std::mutex mutex_;                   // guards what follows
  std::optional<Error> failure_;
};

Result<void> deliver(store::Store& store, store::KeptEvent event, const Relations::Post& post,
                     const std::shared_ptr<Delivery>& delivery, bool is_new) {
  if (!is_new) {
    // The first time may have ended before everybody was told. What was sent under this id then
    // is what counts.
    TRY(auto kept, store.read_kept_events({.name = event.name,
                                           .correlation = event.correlation,
                                           .now = event.at,
                                           .id = event.id}));
    if (kept.empty()) return {};
    event = std::move(kept.front());
  }
  store::InterestQuery query{.kind = InterestKind::event,
                             .key = execution::event_key(event.name, event.correlation)};
  for (;;) {
    TRY(auto rows, store.read_interests(query));
    for (const InterestRow& row : rows) {
      delivery->add();
      // A run that refuses it has ended, or has it already.
      post({.execution = row.execution,
            .command = signal_of(event),
            .done = [delivery](const Result<Receipt>&) { delivery->one_done({}); },
            .insists = true});
    }
    if (rows.size() < query.limit) return {};
    query.after = rows.back().place;
  }
}

// What the engine itself does nothing about.
bool is_for_people(InterestKind kind) {
  return kind == InterestKind::approval || kind == InterestKind::incident;
}

}  // namespace

void Relations::post(ExecutionId execution, execution::CommandBody command) {
  post_({.execution = execution, .command = std::move(command), .insists = true});
}

void Relations::after_commit(const store::Commit& commit, const execution::CommandBody& command,
                             const Run& run) {
  for (const Interest& interest : commit.owed.removed.interests) removed(interest, command);
  for (const Interest& interest : commit.owed.added.interests)
    added(commit.execution, interest, run);
  for (const auto& event : commit.events) {
    if (std::holds_alternative<execution::ExecutionPaused>(event.body)) tell_children(run, true);
    if (std::holds_alternative<execution::ExecutionResumed>(event.body)) tell_children(run, false);
    if (execution::ends_execution(event.body)) tell_parent(run);
  }
}

void Relations::added(ExecutionId execution, const Interest& interest, const Run& run) {
  switch (interest.kind) {
    case InterestKind::lock: return take_turn(execution, interest);
    case InterestKind::event: return offer_kept_events(execution, interest);
    case InterestKind::child: return ensure_child(execution, interest, run);
    case InterestKind::parent: return;  // for recovery only
    case InterestKind::aside: return;   // until its run resumes
    case InterestKind::approval:
    case InterestKind::incident: return;  // a person sees to it
  }
}

void Relations::let_go(const Interest& interest) { removed(interest, execution::Resume{}); }

void Relations::removed(const Interest& interest, const execution::CommandBody& command) {
  if (interest.kind == InterestKind::lock) return pass_turn(interest);
  if (interest.kind != InterestKind::child) return;
  // Nobody waits for the child any more; unless because it has ended, it is to end.
  auto child = parse_id<ExecutionId>(interest.key);
  const auto* ended = std::get_if<ChildEnded>(&command);
  if (!child || (ended != nullptr && ended->child == *child)) return;
  post(*child, execution::Cancel{.reason = "the run that waited for it went on without it"});
}

void Relations::take_up(const Run& run) {
  for (const Interest& interest : execution::owed(*run.definition, run.state).interests)
    added(run.state.id, interest, run);
  tell_parent(run);
}

void Relations::grant(const InterestRow& row) {
  post(row.execution, execution::Grant{.task = row.interest.task, .attempt = row.interest.attempt});
}

Result<void> Relations::has_turn(const Run& run, const execution::Grant& grant) {
  std::optional<Interest> interest = interest_in_turn(run, grant);
  if (!interest) return {};  // the core refuses it
  TRY(auto rows, store_.read_interests(
                     {.kind = InterestKind::lock, .key = interest->key, .limit = interest->limit}));
  for (const InterestRow& row : rows) {
    if (row.execution == run.state.id && row.interest == *interest) return {};
  }
  return make_error(error_code::stale, "another one has this turn by now");
}

void Relations::warn(std::string_view what, const Error& error) {
  log::error(what, {{"error", error.detail}});
  if (!try_again_at_) try_again_at_ = clock_.now() + again_after;
}

void Relations::take_up(ExecutionId execution) {
  auto loaded = load_run(store_, definitions_, execution);
  if (loaded.ok()) {
    if (*loaded) take_up(**loaded);
    return;
  }
  unheard_.insert(execution);
  warn("a run can't be read", loaded.error());
}

void Relations::try_again(Timestamp now) {
  if (!try_again_at_ || now < *try_again_at_) return;
  try_again_at_.reset();
  for (ExecutionId execution : std::exchange(unheard_, {})) take_up(execution);
  for (const Interest& interest : std::exchange(unpassed_, {})) pass_turn(interest);
  for (const InterestRow& row : std::exchange(orphans_, {})) look_after_child(row);
}

std::optional<Timestamp> Relations::next_due() const { return try_again_at_; }

// The first `limit` of a key have their turn; a place once taken does not change.
void Relations::take_turn(ExecutionId execution, const Interest& interest) {
  auto rows = store_.read_interests(
      {.kind = InterestKind::lock, .key = interest.key, .limit = interest.limit});
  if (!rows.ok()) {
    unheard_.insert(execution);
    return warn("locks can't be read", rows.error());
  }
  for (const InterestRow& row : *rows) {
    if (row.execution == execution && row.interest == interest) return grant(row);
  }
  switch (interest.policy) {
    case workflow::ConcurrencyPolicy::queue: return;
    case workflow::ConcurrencyPolicy::reject:
      return post(execution,
                  execution::Deny{.reason = std::to_string(interest.limit) +
                                            " run(s) with the same concurrency key go on already"});
    case workflow::ConcurrencyPolicy::replace: return replace_older(execution, interest);
  }
}

// Those that run, and those that came to replace them and have not had their turn yet.
void Relations::replace_older(ExecutionId execution, const Interest& interest) {
  store::InterestQuery query{.kind = InterestKind::lock, .key = interest.key};
  for (;;) {
    auto rows = store_.read_interests(query);
    if (!rows.ok()) {
      unheard_.insert(execution);
      return warn("locks can't be read", rows.error());
    }
    for (const InterestRow& row : *rows) {
      if (row.execution == execution && row.interest == interest) return;
      post(row.execution, execution::Cancel{.reason = "replaced by a newer run"});
    }
    if (rows->size() < query.limit) return;
    query.after = rows->back().place;
  }
}

void Relations::pass_turn(const Interest& interest) {
  auto rows = store_.read_interests(
      {.kind = InterestKind::lock, .key = interest.key, .limit = interest.limit});
  if (!rows.ok()) {
    unpassed_.push_back(interest);
    return warn("locks can't be read", rows.error());
  }
  // Whoever had the turn before is told again and refuses: only the last one can be new, but
  // several may have left at once.
  for (const InterestRow& row : *rows) grant(row);
}

void Relations::offer_kept_events(ExecutionId execution, const Interest& interest) {
  std::size_t split = interest.key.find('\n');
  if (split == std::string::npos) return;
  auto events = store_.read_kept_events({.name = interest.key.substr(0, split),
                                         .correlation = interest.key.substr(split + 1),
                                         .now = clock_.now()});
  if (!events.ok()) {
    unheard_.insert(execution);
    return warn("kept events can't be read", events.error());
  }
  for (const store::KeptEvent& event : *events) post(execution, signal_of(event));
}

void Relations::ensure_child(ExecutionId parent, const Interest& interest, const Run& run) {
  auto child = parse_id<ExecutionId>(interest.key);
  if (!child || !interest.task ||
      !waits_for(run, *interest.task, interest.attempt, execution::WaitsFor::child))
    return;
  const auto& task = run.state.task(*run.definition, *interest.task);
  const JsonObject& wanted = task.input->get_object();
  Parent link{.execution = parent,
              .task = *interest.task,
              .attempt = interest.attempt,
              .depth = static_cast<std::uint32_t>(get_int(wanted, "depth")),
              .waits = !wanted.contains("detached")};
  auto loaded = load_run(store_, definitions_, *child);
  if (!loaded.ok()) {
    unheard_.insert(parent);
    return warn("a subworkflow can't be read", loaded.error());
  }
  bool should_pause = run.state.status == execution::RunStatus::paused;
  if (!*loaded) {
    start_child(link, *child, wanted);
    // The process died between the pause and the start.
    if (should_pause && link.waits) post(*child, execution::Pause{.by_parent = true});
    return;
  }
  if (!link.waits) {
    Json output = JsonObject{{"execution", interest.key}};
    return post(parent,
                ChildEnded{.task = link.task,
                           .attempt = link.attempt,
                           .child = *child,
                           .outcome = execution::AttemptSucceeded{share(std::move(output))}});
  }
  const execution::State& state = (**loaded).state;
  if (execution::is_terminal(state.status)) return tell_parent(**loaded);
  // A child stands still while its parent does, and goes on with it.
  bool is_paused = state.status == execution::RunStatus::paused;
  if (should_pause && !is_paused) post(*child, execution::Pause{.by_parent = true});
  if (!should_pause && is_paused) post(*child, execution::Resume{});
}

void Relations::start_child(const Parent& parent, ExecutionId child, const JsonObject& wanted) {
  std::string name = get_string(wanted, "workflow");
  auto fail = [&](Error error) {
    post(parent.execution, failed_to_start(parent, child, std::move(error)));
  };
  std::optional<WorkflowId> workflow = parse_id<WorkflowId>(name);
  if (!workflow) {
    auto found = store_.find_definition_by_name(name);
    if (!found.ok()) {
      unheard_.insert(parent.execution);
      return warn("a definition can't be read", found.error());
    }
    if (!*found)
      return fail(make_error(error_code::not_found, "there is no workflow '" + name + "'"));
    workflow = (**found).id;
  }
  auto revision = static_cast<std::uint32_t>(get_int(wanted, "version"));
  if (revision == 0) {
    auto newest = definitions_.newest_revision(*workflow);
    if (!newest.ok() && newest.error().code == error_code::storage) {
      unheard_.insert(parent.execution);
      return warn("a definition can't be read", newest.error());
    }
    if (!newest.ok()) return fail(std::move(newest).error());
    revision = *newest;
  }
  execution::Start start{.execution = child,
                         .workflow = *workflow,
                         .revision = revision,
                         .input = share(wanted.at("input")),
                         .context = share(JsonObject{{"parent", to_string(parent.execution)}}),
                         .env = nullptr,
                         .parent = parent};
  // A conflict says that it was started before: then its end is what comes next.
  auto done = [post = post_, parent, child](Result<Receipt> receipt) {
    bool started = receipt.ok() || receipt.error().code == error_code::conflict;
    if (started && parent.waits) return;
    ChildEnded ended{.task = parent.task, .attempt = parent.attempt, .child = child, .outcome = {}};
    if (started) {
      Json output = JsonObject{{"execution", to_string(child)}};
      ended.outcome = execution::AttemptSucceeded{.output = share(std::move(output))};
    } else {
      ended = failed_to_start(parent, child, receipt.error());
    }
    post({.execution = parent.execution, .command = std::move(ended), .insists = true});
  };
  post_(
      {.execution = child, .command = std::move(start), .done = std::move(done), .insists = true});
}

void Relations::tell_children(const Run& run, bool paused) {
  for (const Interest& interest : execution::owed(*run.definition, run.state).interests) {
    if (interest.kind != InterestKind::child) continue;
    auto child = parse_id<ExecutionId>(interest.key);
    if (!child) continue;
    if (paused) {
      post(*child, execution::Pause{.by_parent = true});
    } else {
      post(*child, execution::Resume{});
    }
  }
}

void Relations::tell_parent(const Run& run) {
  const auto& parent = run.state.parent;
  if (!parent || !parent->waits || !execution::is_terminal(run.state.status)) return;
  post(parent->execution, ChildEnded{.task = parent->task,
                                     .attempt = parent->attempt,
                                     .child = run.state.id,
                                     .outcome = outcome_of(run.state)});
}

// A run whose parent went on without it, while nobody was there to cancel it.
void Relations::look_after_child(const InterestRow& row) {
  auto unread = [&](const Error& error) {
    orphans_.push_back(row);
    warn("a run can't be read", error);
  };
  auto loaded = load_run(store_, definitions_, row.execution);
  if (!loaded.ok()) return unread(loaded.error());
  if (!*loaded || !(**loaded).state.parent) return;
  const Parent& link = *(**loaded).state.parent;
  auto parent = load_run(store_, definitions_, link.execution);
  if (!parent.ok()) return unread(parent.error());
  bool waits = *parent && waits_for(**parent, link.task, link.attempt, execution::WaitsFor::child);
  if (!waits)
    post(row.execution,
         execution::Cancel{.reason = "the run that waited for it went on without it"});
}

Result<void> Relations::recover(const std::function<bool(ExecutionId)>& owns) {
  store::InterestQuery query;
  std::map<std::string, std::uint32_t> ranks;
  for (;;) {
    TRY(auto rows, store_.read_interests(query));
    for (const InterestRow& row : rows) {
      bool is_lock = row.interest.kind == InterestKind::lock;
      std::uint32_t rank = is_lock ? ranks[row.interest.key]++ : 0;
      if (!owns(row.execution) || is_for_people(row.interest.kind)) continue;
      if (is_lock) {
        if (rank < row.interest.limit) {
          grant(row);
        } else {
          take_turn(row.execution, row.interest);
        }
      } else if (row.interest.kind == InterestKind::parent) {
        look_after_child(row);
      } else {
        TRY(auto run, load_run(store_, definitions_, row.execution));
        if (run) added(row.execution, row.interest, *run);
      }
    }
    if (rows.size() < query.limit) return {};
    query.after = rows.back().place;
  }
}

void Relations::send_event(store::Store& store, store::KeptEvent event, const Post& post,
                           EventSent done) {
  auto is_new = store.keep_event(event);
  if (!is_new.ok()) return done(is_new.error());
  auto delivery = std::make_shared<Delivery>(std::move(done), *is_new);
  auto delivered = deliver(store, std::move(event), post, delivery, *is_new);
  delivery->one_done(std::move(delivered));
}

}  // namespace harmonia::engine
