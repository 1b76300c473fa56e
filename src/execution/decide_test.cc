// Laws of decide, evolve and owed, held over random walks: whatever commands come, in whatever
// state.
#include "execution/decide.h"

#include <random>
#include <set>

#include <gtest/gtest.h>

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
  paid: { type: event, event: paid, correlation: order-1, timeout: 60, on_error: continue }
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
    Start start{.execution = state_.id,
                .workflow = {make_uuid_v7(1, 1, 1)},
                .revision = 1,
                .input = share(JsonObject{{"flag", pick(2) == 0}}),
                .context = share(JsonObject{}),
                .env = share(JsonObject{})};
    step({.now = now_, .body = start});
    for (std::size_t i = 0; i < steps; ++i) step(random_command());
  }

 private:
  std::uint32_t pick(std::size_t count) { return static_cast<std::uint32_t>(random_() % count); }

  TaskRef any_task() { return {.scope = root_scope, .task = pick(definition_->tasks.size())}; }

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
      return {.kind = static_cast<TimerKind>(pick(4)), .task = any_task(), .attempt = pick(3)};
    }
    const Wake& wake = owes.wakes[pick(owes.wakes.size())];
    if (pick(4) != 0) now_ = std::max(now_, wake.due);
    return {.kind = wake.kind, .task = wake.task, .attempt = wake.attempt};
  }

  // What other runs answer to an interest, or to one that is not there.
  CommandBody random_answer() {
    Owed owes = owed(*definition_, state_);
    if (owes.interests.empty() || pick(5) == 0)
      return Grant{.task = any_task(), .attempt = 1 + pick(2)};
    const Interest& interest = owes.interests[pick(owes.interests.size())];
    switch (interest.kind) {
      case InterestKind::lock:
        if (pick(20) == 0) return Deny{.reason = "too many"};
        return Grant{.task = interest.task, .attempt = interest.attempt};
      case InterestKind::event:
        return Signal{.id = std::to_string(pick(1000)),
                      .name = "paid",
                      .correlation = pick(3) == 0 ? "order-2" : "order-1",
                      .payload = share(JsonObject{})};
      case InterestKind::child: return end_of_child(interest);
      case InterestKind::parent: return Cancel{.reason = "the parent went on"};
    }
    ASSERT(false);
  }

  CommandBody end_of_child(const Interest& interest) {
    ChildEnded ended{.task = *interest.task,
                     .attempt = interest.attempt,
                     .child = *parse_id<ExecutionId>(interest.key),
                     .outcome = AttemptSucceeded{.output = share(JsonObject{})}};
    if (pick(3) == 0)
      ended.outcome = AttemptErrored{.error = make_error("failed", "no"), .retryable = true};
    return ended;
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
      EXPECT_EQ(snapshot_to_json(decision.state), snapshot_to_json(before));
    }
    expect_fold(before, decision);
    OwedSet expected = as_set(owed(*definition_, decision.state));
    EXPECT_EQ(with_delta(as_set(owed(*definition_, before)), decision.owed), expected);
    expect_waiter(decision.state, expected);
    state_ = std::move(decision.state);
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
    Json snapshot = snapshot_to_json(decision.state);
    EXPECT_EQ(to_text(snapshot_to_json(folded)), to_text(snapshot));
    if (!decision.state.exists()) return;
    auto restored = snapshot_from_json(snapshot);
    ASSERT_TRUE(restored.ok());
    EXPECT_EQ(to_text(snapshot_to_json(*restored)), to_text(snapshot));
    EXPECT_EQ(restored->counts.completed, decision.state.counts.completed);
    EXPECT_EQ(restored->scope(root_scope).open_tasks, decision.state.scope(root_scope).open_tasks);
  }

  // Every run has ended, is paused by somebody, or something is owed that moves it on.
  static void expect_waiter(const State& state, const OwedSet& owes) {
    if (!state.exists() || is_terminal(state.status)) {
      EXPECT_EQ(owes, OwedSet{});
      return;
    }
    if (state.status == RunStatus::paused) return;
    auto moves_on = [](const Wake& wake) {
      return wake.kind == TimerKind::retry || wake.kind == TimerKind::wait;
    };
    EXPECT_TRUE(!owes.dispatches.empty() || !owes.interests.empty() ||
                std::any_of(owes.wakes.begin(), owes.wakes.end(), moves_on));
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

TEST(Decide, a_command_for_a_run_that_does_not_exist_is_refused) {
  auto outcome = workflow::parse_definition(definitions[0]);
  ASSERT_TRUE(outcome.ok());
  Decision decision = decide(*outcome.definition, State{}, {.now = begin, .body = Pause{}});
  ASSERT_TRUE(decision.refusal.has_value());
  EXPECT_EQ(decision.refusal->code, error_code::not_found);
}

}  // namespace
}  // namespace harmonia::execution
