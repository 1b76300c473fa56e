// Laws of decide, evolve and owed, held over random walks: whatever commands come, in whatever
// state.
#include "execution/decide.h"

#include <random>
#include <set>

#include <gtest/gtest.h>

#include "execution/testing/random_definition.h"
#include "workflow/parse.h"

namespace harmonia::execution {
namespace {

constexpr Timestamp begin = from_micros(1'767'225'600'000'000);

constexpr std::string_view definitions[] = {
    R"(
name: many kinds
timeout: 500
tasks:
  a: { component: noop, timeout: 30, retry_policy: { max_retries: 2, jitter: 0.5 } }
  b: { component: noop, on_error: continue, retry_policy: { max_retries: 1 } }
  nap: { type: wait, duration: 5, depends_on: [a] }
  both: { component: noop, depends_on: [a, b] }
  one: { component: noop, depends_on: [a, b], join: one_failed }
  any: { component: noop, depends_on: [nap, both], join: any_success, when: "input.flag" }
  last: { type: set, depends_on: [any, one, both], join: all_done, values: "${tasks.a.status}" }
)",
    R"(
name: strict
on_child_failure: cancel
tasks:
  a: { component: noop }
  b: { component: noop, retry_policy: { max_retries: 1, initial_delay: 1 } }
  c: { component: noop, depends_on: [a], input: { n: "${tasks.a.output.n}" } }
  cleanup: { component: noop, depends_on: [a, b, c], join: all_done }
  alarm: { component: noop, depends_on: [a, b], join: one_failed }
)",
    R"(
name: with others
concurrency: { key: all, limit: 2 }
tasks:
  a: { component: noop, concurrency: { key: a }, retry_policy: { max_retries: 2 } }
  alone: { type: critical, key: till, timeout: 20, do: { work: { component: noop } } }
  below: { type: subworkflow, workflow: child, timeout: 40, retry_policy: { max_retries: 1 } }
  paid: { type: event, event: go, correlation: order-1, timeout: 60, on_error: continue }
  last: { component: noop, depends_on: [a, alone, below, paid], concurrency: { key: a } }
)"};

struct OwedSet {
  std::set<Dispatch> dispatches;
  std::set<Wake> wakes;
  std::set<Interest> interests;

  bool operator==(const OwedSet&) const = default;
};

OwedSet as_set(const Owed& owed) {
  return {{owed.dispatches.begin(), owed.dispatches.end()},
          {owed.wakes.begin(), owed.wakes.end()},
          {owed.interests.begin(), owed.interests.end()}};
}

OwedSet with_delta(OwedSet owed, const OwedDelta& delta) {
  for (const auto& gone : delta.removed.dispatches) EXPECT_EQ(owed.dispatches.erase(gone), 1u);
  for (const auto& gone : delta.removed.wakes) EXPECT_EQ(owed.wakes.erase(gone), 1u);
  for (const auto& gone : delta.removed.interests) EXPECT_EQ(owed.interests.erase(gone), 1u);
  for (const auto& made : delta.added.dispatches) EXPECT_TRUE(owed.dispatches.insert(made).second);
  for (const auto& made : delta.added.wakes) EXPECT_TRUE(owed.wakes.insert(made).second);
  for (const auto& made : delta.added.interests) EXPECT_TRUE(owed.interests.insert(made).second);
  return owed;
}

std::string text_of(const std::vector<Event>& events) {
  std::string text;
  if (!events.empty()) append_events_text(text, events);
  return text;
}

class RandomWalk {
 public:
  RandomWalk(workflow::SharedDefinition definition, std::uint64_t seed)
      : definition_(std::move(definition)), random_(seed) {
    state_.id = ExecutionId{make_uuid_v7(1, seed, seed << 8)};
  }

  void take(std::size_t steps) {
    JsonObject input{{"flag", pick(2) == 0}, {"n", pick(5)}, {"zero", 0}, {"text", "soon"}};
    Start start{.execution = state_.id,
                .workflow = {make_uuid_v7(1, 1, 1)},
                .revision = 1,
                .input = share(std::move(input)),
                .context = share(JsonObject{}),
                .env = share(JsonObject{})};
    step({.now = now_, .body = start});
    for (std::size_t i = 0; i < steps; ++i) step(random_command());
  }

  // Does whatever the run waits for until it ends.
  void expect_end() {
    step({.now = now_, .body = Resume{}});
    constexpr std::size_t steps_max = 5000;
    for (std::size_t i = 0; i < steps_max && !is_terminal(state_.status); ++i) step(next_command());
    EXPECT_TRUE(is_terminal(state_.status)) << open_text();
  }

 private:
  std::uint32_t pick(std::size_t count) { return static_cast<std::uint32_t>(random_() % count); }

  // Of a scope that there is, mostly.
  TaskRef any_task() {
    if (state_.scopes.empty() || pick(10) == 0)
      return {.scope = pick(5), .task = pick(definition_->tasks.size())};
    const auto& [id, scope] = *std::next(state_.scopes.begin(), pick(state_.scopes.size()));
    const auto& numbers = definition_->bodies[scope.body].tasks;
    return {.scope = id, .task = numbers[pick(numbers.size())]};
  }

  std::vector<TaskRef> open_tasks(const State& state) const {
    std::vector<TaskRef> open;
    for (const auto& [id, scope] : state.scopes) {
      const auto& numbers = definition_->bodies[scope.body].tasks;
      for (std::size_t i = 0; i < scope.tasks.size(); ++i) {
        if (!is_terminal(scope.tasks[i].status)) open.push_back({.scope = id, .task = numbers[i]});
      }
    }
    return open;
  }

  std::string open_text() const {
    std::string text = "the run is " + std::string(to_string(state_.status));
    for (TaskRef ref : open_tasks(state_)) {
      const TaskState& task = state_.task(*definition_, ref);
      text += "; " + path_of(*definition_, state_, ref) + " is ";
      text += to_string(task.status);
      if (task.status == TaskStatus::waiting)
        text.append(" for ").append(to_string(task.waits_for));
    }
    return text;
  }

  // One that waits so, else any.
  TaskRef waiter(WaitsFor what) {
    std::vector<TaskRef> waiters;
    for (TaskRef ref : open_tasks(state_)) {
      const TaskState& task = state_.task(*definition_, ref);
      if (task.status == TaskStatus::waiting && task.waits_for == what) waiters.push_back(ref);
    }
    return waiters.empty() ? any_task() : waiters[pick(waiters.size())];
  }

  Signal random_signal() {
    Signal signal{.id = {}, .name = pick(2) == 0 ? "go" : "stop", .correlation = {}, .payload = {}};
    if (pick(3) != 0) signal.id = std::to_string(pick(20));
    if (pick(3) == 0) signal.correlation = std::to_string(pick(5));
    if (pick(4) != 0) signal.payload = share(JsonObject{{"n", pick(10)}});
    return signal;
  }

  // Of the question that a task waits with, mostly.
  std::uint64_t question_of(TaskRef ref) {
    bool exists = state_.find_scope(ref.scope) != nullptr;
    if (!exists || pick(10) == 0) return pick(30);
    const auto& numbers = definition_->bodies[state_.scope(ref.scope).body].tasks;
    bool inside = ref.task >= numbers.front() && ref.task - numbers.front() < numbers.size();
    return inside ? asked_seq(state_.task(*definition_, ref)) : 0;
  }

  DecideApproval random_decision() {
    TaskRef ref = waiter(WaitsFor::approval);
    return {.task = ref,
            .asked_seq = question_of(ref),
            .approved = pick(3) != 0,
            .data = pick(2) == 0 ? nullptr : share(JsonObject{{"n", 1}}),
            .decided_by = "ann",
            .comment = {}};
  }

  ResolveIncident random_resolution() {
    TaskRef ref = waiter(WaitsFor::incident);
    return {.task = ref,
            .asked_seq = question_of(ref),
            .action = static_cast<IncidentAction>(pick(4)),
            .output = pick(2) == 0 ? nullptr : share(JsonObject{{"n", 2}}),
            .resolved_by = {}};
  }

  // What other runs answer to an interest, or to one that is not there.
  CommandBody answer_of_others() {
    Owed owes = owed(*definition_, state_);
    if (owes.interests.empty() || pick(5) == 0)
      return Grant{.task = any_task(), .attempt = 1 + pick(2)};
    return answer_to(owes.interests[pick(owes.interests.size())]);
  }

  CommandBody answer_to(const Interest& interest) {
    switch (interest.kind) {
      case InterestKind::aside: return Grant{.task = interest.task, .attempt = interest.attempt};
      case InterestKind::lock:
        if (!interest.task && pick(20) == 0) return Deny{.reason = "too many"};
        return Grant{.task = interest.task, .attempt = interest.attempt};
      case InterestKind::event:
        return Signal{.id = {},
                      .name = pick(2) == 0 ? "go" : "stop",
                      .correlation = interest.key.substr(interest.key.find('\n') + 1),
                      .payload = share(JsonObject{{"n", std::int64_t{9}}})};
      case InterestKind::child: return end_of_child(interest);
      case InterestKind::parent: return Cancel{.reason = "the parent went on"};
      case InterestKind::approval: return random_decision();
      case InterestKind::incident: return random_resolution();
    }
    ASSERT(false);
  }

  CommandBody end_of_child(const Interest& interest) {
    ChildEnded ended{.task = *interest.task,
                     .attempt = interest.attempt,
                     .child = *parse_id<ExecutionId>(interest.key),
                     .outcome = AttemptSucceeded{.output = share(JsonObject{})}};
    if (pick(3) == 0)
      ended.outcome = AttemptErrored{.error = make_error("http_503", "busy"), .retryable = true};
    return ended;
  }

  CommandBody random_answer() {
    switch (pick(6)) {
      case 0: return random_signal();
      case 1: return random_decision();
      case 2: return Callback{.task = waiter(WaitsFor::callback), .payload = share(JsonObject{})};
      case 3: return random_resolution();
      default: return answer_of_others();
    }
  }

  // What the run waits for: an attempt, an answer or the next timer.
  Command next_command() {
    Owed owes = owed(*definition_, state_);
    if (!owes.dispatches.empty()) {
      const Dispatch& running = owes.dispatches.front();
      SharedJson output = share(JsonObject{{"n", std::int64_t{7}}});
      return {.now = now_,
              .body = Report{.task = running.task,
                             .attempt = running.attempt,
                             .outcome = AttemptSucceeded{.output = std::move(output)}}};
    }
    for (TaskRef ref : open_tasks(state_)) {
      const TaskState& task = state_.task(*definition_, ref);
      if (task.status != TaskStatus::waiting) continue;
      if (auto answer = answer_for(ref, task)) return {.now = now_, .body = *answer};
    }
    for (const Interest& interest : owes.interests) {
      if (is_waited_for(interest)) return {.now = now_, .body = answer_to(interest)};
    }
    if (owes.wakes.empty()) return {.now = now_, .body = Resume{}};
    const Wake& wake = *std::min_element(owes.wakes.begin(), owes.wakes.end());
    now_ = std::max(now_, wake.due);
    return {.now = now_,
            .body = TimerFired{.kind = wake.kind, .task = wake.task, .attempt = wake.attempt}};
  }

  // Not a lock that is held, nor a parent.
  bool is_waited_for(const Interest& interest) const {
    if (interest.kind == InterestKind::parent) return false;
    if (!interest.task) return state_.status == RunStatus::pending;
    const TaskState& task = state_.task(*definition_, *interest.task);
    return task.status == TaskStatus::waiting &&
           (interest.kind != InterestKind::lock || task.waits_for == WaitsFor::lock);
  }

  static std::optional<CommandBody> answer_for(TaskRef ref, const TaskState& task) {
    switch (task.waits_for) {
      case WaitsFor::event: {
        std::string name = get_string(task.input->get_object(), "event");
        return Signal{.id = {},
                      .name = std::move(name),
                      .correlation = {},
                      .payload = share(JsonObject{{"n", std::int64_t{9}}})};
      }
      case WaitsFor::approval:
        return DecideApproval{.task = ref,
                              .asked_seq = asked_seq(task),
                              .approved = true,
                              .data = nullptr,
                              .decided_by = {},
                              .comment = {}};
      case WaitsFor::callback: return Callback{.task = ref, .payload = nullptr};
      case WaitsFor::incident:
        return ResolveIncident{.task = ref,
                               .asked_seq = asked_seq(task),
                               .action = IncidentAction::skip,
                               .output = nullptr,
                               .resolved_by = {}};
      case WaitsFor::lock: return Grant{.task = ref, .attempt = task.attempt};
      default: return std::nullopt;
    }
  }

  Report random_report() {
    Report report{.task = any_task(), .attempt = 1 + pick(3), .outcome = {}};
    // Mostly of an attempt that is running, so that the walk gets somewhere.
    Owed owes = owed(*definition_, state_);
    if (!owes.dispatches.empty() && pick(4) != 0) {
      const Dispatch& running = owes.dispatches[pick(owes.dispatches.size())];
      report.task = running.task;
      report.attempt = running.attempt;
    }
    if (pick(3) == 0) {
      report.outcome =
          AttemptErrored{.error = make_error("http_503", "busy"), .retryable = pick(4) != 0};
    } else {
      report.outcome = AttemptSucceeded{.output = share(JsonObject{{"n", std::int64_t{pick(10)}}})};
    }
    return report;
  }

  // The next timer that is owed, at its time, early or at another one's.
  TimerFired random_timer() {
    Owed owes = owed(*definition_, state_);
    if (owes.wakes.empty() || pick(5) == 0) {
      return {.kind = static_cast<TimerKind>(pick(5)), .task = any_task(), .attempt = pick(3)};
    }
    const Wake& wake = owes.wakes[pick(owes.wakes.size())];
    if (pick(4) != 0) now_ = std::max(now_, wake.due);
    return {.kind = wake.kind, .task = wake.task, .attempt = wake.attempt};
  }

  Command random_command() {
    // Clocks step back too.
    now_ += std::chrono::milliseconds(static_cast<int>(pick(2000)) - 200);
    switch (pick(16)) {
      case 0: return {.now = now_, .body = Pause{}};
      case 1:
      case 2: return {.now = now_, .body = Resume{}};
      case 3:
        return {.now = now_, .body = LeaseExpired{.task = any_task(), .attempt = 1 + pick(2)}};
      case 4:
        return {.now = now_,
                .body = pick(20) == 0 ? CommandBody(Cancel{.reason = "enough"}) : Resume{}};
      case 5:
      case 6:
      case 7: {
        TimerFired timer = random_timer();
        return {.now = now_, .body = timer};
      }
      case 8:
      case 9:
      case 10:
      case 11: return {.now = now_, .body = random_answer()};
      default: return {.now = now_, .body = random_report()};
    }
  }

  void step(const Command& command) {
    const State before = state_;
    Decision decision = decide(*definition_, state_, command);
    SCOPED_TRACE(std::string(command_name(command.body)) + " in a run that is " +
                 std::string(to_string(before.status)));
    expect_pure(command, decision);
    if (decision.refusal) {
      EXPECT_TRUE(decision.events.empty());
      EXPECT_TRUE(decision.owed.empty());
      EXPECT_EQ(write_snapshot(decision.state), write_snapshot(before));
    }
    expect_fold(before, decision);
    expect_rest(before, decision);
    expect_undone(before, decision);
    expect_harmless_repeat(command, decision);
    OwedSet expected = as_set(owed(*definition_, decision.state));
    EXPECT_EQ(with_delta(as_set(owed(*definition_, before)), decision.owed), expected);
    state_ = std::move(decision.state);
    expect_waiter(expected);
    expect_counts();
    for (TaskRef ref : open_tasks(state_)) expect_open(ref);
    expect_due(expected);
  }

  void expect_pure(const Command& command, const Decision& decision) {
    Decision again = decide(*definition_, state_, command);
    EXPECT_EQ(text_of(again.events), text_of(decision.events));
    EXPECT_EQ(again.refusal.has_value(), decision.refusal.has_value());
  }

  // The events alone give the state, and a snapshot of it loses nothing.
  void expect_fold(const State& before, const Decision& decision) {
    State folded = before;
    if (!decision.events.empty()) {
      auto events = parse_events_text(text_of(decision.events));
      ASSERT_TRUE(events.ok());
      for (const Event& event : *events) evolve(folded, *definition_, event);
    }
    std::string snapshot = write_snapshot(decision.state);
    EXPECT_EQ(write_snapshot(folded), snapshot);
    if (!decision.state.exists()) return;
    auto restored = read_snapshot(snapshot);
    ASSERT_TRUE(restored.ok());
    EXPECT_EQ(write_snapshot(*restored), snapshot);
    EXPECT_EQ(restored->counts.completed, decision.state.counts.completed);
    EXPECT_EQ(restored->scope(root_scope).open_tasks, decision.state.scope(root_scope).open_tasks);
  }

  // An answer of a person that came through once changes nothing a second time.
  void expect_harmless_repeat(const Command& command, const Decision& decision) {
    bool answers = std::holds_alternative<DecideApproval>(command.body) ||
                   std::holds_alternative<ResolveIncident>(command.body);
    if (!answers || decision.refusal) return;
    Decision again = decide(*definition_, decision.state, command);
    EXPECT_TRUE(again.refusal.has_value());
  }

  // A paused run hands out nothing.
  static void expect_rest(const State& before, const Decision& decision) {
    if (before.status != RunStatus::paused || decision.state.status != RunStatus::paused) return;
    for (const Event& event : decision.events) {
      EXPECT_FALSE(std::holds_alternative<TaskScheduled>(event.body));
      EXPECT_FALSE(std::holds_alternative<TaskStarted>(event.body));
    }
  }

  // What is completed is undone before a run fails, unless it has not begun or ran out of time
  // twice.
  void expect_undone(const State& before, const Decision& decision) {
    if (decision.events.empty() || before.status == RunStatus::pending || before.timed_out) return;
    if (!std::holds_alternative<ExecutionFailed>(decision.events.back().body)) return;
    State last = before;
    for (std::size_t i = 0; i + 1 < decision.events.size(); ++i)
      evolve(last, *definition_, decision.events[i]);
    if (!last.exists() || last.status == RunStatus::pending) return;
    EXPECT_TRUE(last.scope(root_scope).undo.empty());
    EXPECT_FALSE(last.scope(root_scope).follow_up.has_value());
  }

  // A run that has ended owes nothing; one that goes on has something open.
  void expect_waiter(const OwedSet& owes) {
    if (!state_.exists() || is_terminal(state_.status)) {
      EXPECT_TRUE(owes == OwedSet{});
      EXPECT_TRUE(open_tasks(state_).empty());
    } else if (state_.status == RunStatus::running) {
      EXPECT_FALSE(open_tasks(state_).empty());
    }
  }

  // What the state counts is what there is.
  void expect_counts() {
    std::uint32_t running = 0;
    std::uint32_t waiting = 0;
    std::size_t in_line = 0;
    for (TaskRef ref : open_tasks(state_)) {
      const TaskState& task = state_.task(*definition_, ref);
      running += task.status == TaskStatus::running ? 1 : 0;
      waiting += task.status == TaskStatus::waiting ? 1 : 0;
      bool queued = task.status == TaskStatus::waiting && task.waits_for == WaitsFor::slot;
      in_line += queued ? 1 : 0;
    }
    EXPECT_EQ(state_.counts.running, running);
    EXPECT_EQ(state_.counts.waiting, waiting);
    EXPECT_EQ(state_.queue.size(), in_line);
    for (const auto& [_, scope] : state_.scopes) {
      auto open = std::count_if(scope.tasks.begin(), scope.tasks.end(),
                                [](const TaskState& task) { return !is_terminal(task.status); });
      EXPECT_EQ(scope.open_tasks, open) << "in " << scope.prefix;
      EXPECT_TRUE(!scope.closed || open == 0) << "in " << scope.prefix;
    }
    if (is_terminal(state_.status)) return;
    EXPECT_EQ(state_.active, owed(*definition_, state_).dispatches.size());
    const auto& limit = definition_->max_parallel;
    if (!limit) return;
    EXPECT_LE(state_.active, *limit);
    EXPECT_TRUE(in_line == 0 || state_.active == *limit || state_.status == RunStatus::paused);
  }

  // Each open task of a run that goes on is moved on by something.
  void expect_open(TaskRef ref) {
    const TaskState& task = state_.task(*definition_, ref);
    std::string path = path_of(*definition_, state_, ref);
    SCOPED_TRACE("task " + path + " is " + std::string(to_string(task.status)));
    EXPECT_EQ(find_path(*definition_, state_, path), ref);
    if (state_.status != RunStatus::running) return;
    switch (task.status) {
      case TaskStatus::pending: return expect_open_predecessor(ref);
      case TaskStatus::running: {
        Owed owes = owed(*definition_, state_);
        EXPECT_TRUE(names(owes, ref) || has_open_scope(ref));
        return;
      }
      default: {
        bool for_time = task.waits_for == WaitsFor::time;
        EXPECT_TRUE(!for_time || names(owed(*definition_, state_), ref));
      }
    }
  }

  void expect_open_predecessor(TaskRef ref) {
    const auto& predecessors = definition_->tasks[ref.task].depends_on;
    EXPECT_TRUE(std::any_of(predecessors.begin(), predecessors.end(), [&](auto number) {
      TaskRef before{.scope = ref.scope, .task = number};
      return !is_terminal(state_.task(*definition_, before).status);
    }));
  }

  // Something other than the end of its patience.
  static bool names(const Owed& owes, TaskRef ref) {
    bool works = std::any_of(owes.dispatches.begin(), owes.dispatches.end(),
                             [&](const Dispatch& one) { return one.task == ref; });
    return works || std::any_of(owes.wakes.begin(), owes.wakes.end(), [&](const Wake& one) {
             return one.task == ref && one.kind != TimerKind::task_timeout &&
                    one.kind != TimerKind::run_timeout;
           });
  }

  bool has_open_scope(TaskRef ref) const {
    return std::any_of(state_.scopes.begin(), state_.scopes.end(), [&](const auto& entry) {
      return entry.second.owner == ref && !entry.second.closed;
    });
  }

  // A timer that is due does something, and is not owed afterwards.
  void expect_due(const OwedSet& owes) {
    if (owes.wakes.empty()) return;
    const Wake& wake = *std::next(owes.wakes.begin(), pick(owes.wakes.size()));
    Command fired{
        .now = std::max(now_, wake.due),
        .body = TimerFired{.kind = wake.kind, .task = wake.task, .attempt = wake.attempt}};
    Decision decision = decide(*definition_, state_, fired);
    SCOPED_TRACE("timer of kind " + std::to_string(static_cast<int>(wake.kind)));
    EXPECT_FALSE(decision.refusal.has_value());
    EXPECT_FALSE(as_set(owed(*definition_, decision.state)).wakes.contains(wake));
  }

  workflow::SharedDefinition definition_;
  std::mt19937_64 random_;
  State state_;
  Timestamp now_ = begin;
};

TEST(Decide, its_laws_hold_on_random_walks) {
  for (std::string_view text : definitions) {
    auto outcome = workflow::parse_definition(text);
    ASSERT_TRUE(outcome.ok()) << workflow::to_error(outcome).detail;
    for (std::uint64_t seed = 1; seed <= 300; ++seed) {
      SCOPED_TRACE("seed " + std::to_string(seed));
      RandomWalk(outcome.definition, seed).take(60);
      if (::testing::Test::HasFailure()) return;
    }
  }
}

TEST(Decide, its_laws_hold_on_random_definitions) {
  constexpr std::uint64_t seeds = 400;
  std::uint64_t refused = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    std::string text = testing::RandomDefinition(seed).text();
    SCOPED_TRACE("seed " + std::to_string(seed) + ": " + text);
    auto outcome = workflow::parse_definition(text);
    // Random expressions may name a member that the types of a definition leave no room for.
    refused += outcome.ok() ? 0 : 1;
    if (!outcome.ok()) continue;
    RandomWalk walk(outcome.definition, seed);
    walk.take(60);
    walk.expect_end();
    if (::testing::Test::HasFailure()) return;
  }
  EXPECT_LT(refused, seeds / 4);
}

TEST(Decide, a_command_for_a_run_that_does_not_exist_is_refused) {
  auto outcome = workflow::parse_definition(definitions[0]);
  ASSERT_TRUE(outcome.ok());
  Decision decision = decide(*outcome.definition, State{}, {.now = begin, .body = Pause{}});
  ASSERT_TRUE(decision.refusal.has_value());
  EXPECT_EQ(decision.refusal->code, error_code::not_found);
}

}  // namespace
}  // namespace harmonia::execution
