#include "tests/simulation/broken_law.h"
#include "tests/simulation/world.h"

// What holds when nothing more happens by itself, and how a world ends.
namespace harmonia::simulation {
namespace {

using execution::RunStatus;

constexpr const char* time_law = "time";
constexpr const char* end_law = "every run ends";

std::string open_tasks_of(const RunRecord& run) {
  std::string text;
  for (const auto& [_, scope] : run.scopes) {
    for (const TaskRecord& task : scope.tasks) {
      if (!scope.open || !is_active(task.standing)) continue;
      text += "; " + task.path + "#" + std::to_string(task.attempt) + " is " +
              std::string(to_string(task.standing));
      if (task.standing == Standing::awaiting)
        text += " for " + std::string(to_string(task.waits_for));
    }
  }
  return text;
}

}  // namespace

void World::settle() {
  constexpr std::size_t batches_max = 20'000;
  constexpr std::size_t batches_of_a_broken_disk = 50;
  std::size_t quiet = 0;
  for (std::size_t i = 0; quiet < process_->shards.size(); ++i) {
    // What is tried again and again while the disk fails is no rest; it is over when that is.
    if (!store_.health().writable && i > batches_of_a_broken_disk) return;
    expect(i < batches_max, "rest", [] { return "the shards never come to rest"; });
    Timestamp before = clock_.now();
    bool busy = process_->shards[i % process_->shards.size()]->run_batch();
    look();
    // A slow disk takes time, in which others may have become due.
    quiet = busy || clock_.now() != before ? 0 : quiet + 1;
  }
}

// What a disk has refused is asked of it again: after a second what is to be written, with the next
// look into the future what timers have missed, at the next start what is to be read.
bool World::is_healthy() const {
  const Duration patience = std::chrono::seconds(3) + options_.timer_horizon;
  bool written =
      store_.write_failures == write_failures_seen_ && clock_.now() > write_failed_at_ + patience;
  return store_.read_failures == read_failures_before_ && written && !store_.faults.any() &&
         store_.health().writable;
}

void World::check_at_rest() {
  check_rows(*inner_, ledger_);
  if (!is_healthy()) return;
  coverage_.note("rest", "checked");
  runners_.check_at_rest();
  family_check_.check_at_rest(witness_.paused_or_resumed);
  lock_check_.check_at_rest(ledger_);
  clients_.check_at_rest(*inner_);
  check_announced();
  check_times_at_rest();
}

void World::check_announced() const {
  for (ExecutionId id : committed_) {
    auto unheard = store_.unheard().find(id);
    if (unheard != store_.unheard().end() && unheard->second == ledger_.find(id)->seq) continue;
    expect(listener_.heard(id) == ledger_.find(id)->seq, "announcements", [&] {
      return name_of(*ledger_.find(id)) + ": event " + std::to_string(ledger_.find(id)->seq) +
             " is on disk, and the last one announced is " + std::to_string(listener_.heard(id));
    });
  }
}

// What time decides has been decided.
void World::check_times_at_rest() const {
  Timestamp now = clock_.now();
  for (const auto& [_, run] : ledger_.runs()) {
    if (run.has_ended()) continue;
    expect(!run.deadline || *run.deadline > now, time_law,
           [&] { return name_of(run) + " goes on, and its time is over"; });
    for (const auto& [id, scope] : run.scopes) {
      if (!scope.open) continue;
      for (const TaskRecord& task : scope.tasks) {
        bool over = (task.deadline && *task.deadline <= now) ||
                    (run.goes_on() && task.due && *task.due <= now);
        expect(!over, time_law, [&] {
          return name_of(run, task.ref) + " is " + std::string(to_string(task.standing)) +
                 ", and its time is over";
        });
        if (task.due) coverage_.note("rest", "with time to wait for");
      }
    }
  }
}

bool World::all_ended() const {
  for (const auto& [_, run] : ledger_.runs()) {
    if (!run.has_ended()) return false;
  }
  return true;
}

bool World::answer(const RunRecord& run, const TaskRecord& task) {
  constexpr std::int64_t token_base = 1'000'000'000;
  std::int64_t token = token_base + ++last_tokens_;
  if (task.standing == Standing::attempting) {
    HeldAttempt* held = runners_.find({run.id, task.ref, task.attempt});
    if (held == nullptr || held->life != runners_.life()) return false;
    perform(ReportAttempt{.run = run.id, .path = task.path, .attempt = task.attempt, .n = 7});
    return true;
  }
  if (task.standing != Standing::awaiting) return false;
  switch (task.waits_for) {
    case WaitsFor::approval: perform(DecideTask{.run = run.id, .path = task.path}); return true;
    case WaitsFor::callback:
      perform(CallBack{.run = run.id, .path = task.path, .token = token});
      return true;
    case WaitsFor::incident:
      perform(ResolveTask{.run = run.id, .path = task.path, .action = 1});
      return true;
    case WaitsFor::event:
      perform(SendSignal{.run = run.id,
                         .id = {},
                         .name = get_string(task.input->get_object(), "event"),
                         .correlation = {},
                         .n = 9,
                         .token = token});
      return true;
    default: return false;
  }
}

bool World::answer_everybody() {
  struct Waiting {
    ExecutionId run;
    TaskRef task;
  };
  std::vector<Waiting> waiting;
  std::vector<ExecutionId> paused;
  for (const auto& [id, run] : ledger_.runs()) {
    if (run.status == RunStatus::paused) paused.push_back(id);
    if (run.has_ended()) continue;
    for (const auto& [_, scope] : run.scopes) {
      for (const TaskRecord& task : scope.tasks) {
        if (scope.open && is_active(task.standing)) waiting.push_back({id, task.ref});
      }
    }
  }
  for (ExecutionId id : paused) perform(ControlRun{.run = id, .control = Control::resume});
  bool answered = !paused.empty();
  for (const Waiting& one : waiting) {
    const TaskRecord* task = ledger_.find(one.run, one.task);
    if (task != nullptr) answered = answer(*ledger_.find(one.run), TaskRecord(*task)) || answered;
  }
  return answered;
}

// False: nothing on disk waits for time.
bool World::wait_for_time() {
  Timestamp due = Timestamp::max();
  for (const auto& shard : process_->shards) due = std::min(due, shard->next_due());
  auto timers = inner_->read_timers({.due_before = Timestamp(Duration::max()), .limit = 1});
  ASSERT(timers.ok());
  // Shards look up every so often for no reason of ours.
  if (timers->empty()) due = std::max(due, clock_.now() + std::chrono::seconds(5));
  if (!timers->empty()) due = std::min(due, timers->front().wake.due);
  tell("time passes: " + to_human(due - clock_.now()));
  clock_.set(std::max(clock_.now(), due));
  return !timers->empty();
}

// Runs may wait for each other's locks, or a run for its own: definitions can say so. That those
// locks are held is checked at rest; who waits for one is canceled then.
bool World::break_deadlock() {
  check_at_rest();
  for (const auto& [id, run] : ledger_.runs()) {
    if (run.has_ended()) continue;
    bool waits = run.in_line;
    for (const auto& [_, scope] : run.scopes) {
      for (const TaskRecord& task : scope.tasks) waits = waits || (scope.open && task.in_line);
    }
    if (!waits) continue;
    coverage_.note("rest", "deadlock of locks");
    perform(ControlRun{.run = ExecutionId(id), .control = Control::cancel});
    return true;
  }
  return false;
}

void World::finish() {
  constexpr std::size_t rounds_max = 20'000;
  tell("all faults stop");
  if (!store_.health().writable) write_failed_at_ = clock_.now();
  store_.faults = {};
  store_.heal();
  runners_.die_at_handout = listener_.die_at_announcement = clients_.die_at_answer = false;
  take(Settle{});
  crash(shard_count());
  std::size_t idle = 0;
  std::uint64_t commits_before = 0;
  for (std::size_t round = 0; !all_ended(); ++round) {
    settle();
    if (round % 16 == 0) check_at_rest();
    if (all_ended()) break;
    bool moved = commits() != std::exchange(commits_before, commits());
    idle = answer_everybody() || wait_for_time() || moved ? 0 : idle + 1;
    constexpr std::size_t idle_max = 100;
    if (idle < idle_max && round < rounds_max) continue;
    idle = 0;
    if (round < rounds_max && break_deadlock()) continue;
    for (const auto& [_, run] : ledger_.runs()) {
      expect(run.has_ended(), end_law, [&] {
        return name_of(run) + " is " + std::string(to_string(run.status)) +
               " and does not end, whatever comes" + open_tasks_of(run);
      });
    }
  }
  check_end();
}

void World::check_end() {
  settle();
  check_at_rest();
  check_verified(*inner_);
  check_prefix();
  for (const auto& [id, run] : ledger_.runs()) {
    auto summary = inner_->find_summary(id);
    bool same = summary.ok() && *summary && (**summary).status == run.status &&
                (**summary).ended_at == run.ended_at;
    expect(same, "summaries", [&] { return name_of(run) + " has another summary than end"; });
  }
}

}  // namespace harmonia::simulation
