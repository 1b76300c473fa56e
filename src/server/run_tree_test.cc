#include "server/run_tree.h"

#include <gtest/gtest.h>

#include "execution/decide.h"
#include "workflow/parse.h"

namespace harmonia::server {
namespace {

using execution::TaskRef;

// A run that is driven by hand.
class Driver {
 public:
  explicit Driver(std::string_view text)
      : definition_(workflow::parse_definition(text).definition) {
    execution::Start start;
    start.execution.uuid.bytes[0] = 1;
    start.input = start.context = start.env = share(JsonObject{});
    start.key = "k";
    state_.id = start.execution;
    decide(start);
  }

  // The events of one command. The tree is told of them.
  void decide(execution::CommandBody body) {
    now_ += std::chrono::milliseconds(10);
    auto decision =
        execution::decide(*definition_, std::move(state_), {.now = now_, .body = std::move(body)});
    state_ = std::move(decision.state);
    if (!decision.events.empty()) tree_.apply(*definition_, state_, decision.events);
    events_ += decision.events.size();
  }

  const execution::State& state() const { return state_; }
  const RunTree& tree() const { return tree_; }
  RunView view() const { return tree_.view(); }
  // What the tree must show.
  RunView expected() const {
    RunTree fresh;
    fresh.reset(*definition_, state_);
    return fresh.view();
  }
  execution::Owed owed() const { return execution::owed(*definition_, state_); }
  bool has_ended() const { return is_terminal(state_.status); }
  std::size_t events() const { return events_; }

 private:
  workflow::SharedDefinition definition_;
  execution::State state_;
  RunTree tree_;
  Timestamp now_ = from_micros(1);
  std::size_t events_ = 0;
};

std::string text_of(const RunView& view) {
  std::string text = std::string(to_string(view.status)) + "\n";
  for (const TaskView& task : view.tasks) {
    text += std::string(2 * std::size_t{task.depth}, ' ') + task.label + " " +
            std::string(to_string(task.status)) + " #" + std::to_string(task.attempt);
    if (task.scopes) {
      text += " " + std::to_string(task.scopes->completed) + "+" +
              std::to_string(task.scopes->failed) + "/" +
              std::to_string(task.scopes->total.value_or(0));
    }
    if (task.not_shown > 0) text += " +" + std::to_string(task.not_shown);
    text += " " + task.error + task.reason + "\n";
  }
  return text;
}

constexpr std::string_view everything = R"(
name: everything
tasks:
  book:
    component: c
    compensate: { component: c }
  orders:
    type: map
    items: "${[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]}"
    max_concurrency: 8
    max_failures: 2
    do:
      careful:
        type: try
        do:
          charge: { component: c, retry_policy: { max_retries: 1, initial_delay: 1 } }
        catch: [{ errors: [soft], do: { note: { component: c } } }]
        finally: { tidy: { component: c } }
  race:
    type: parallel
    join: any
    branches:
      left: { a: { component: c } }
      right: { b: { component: c }, c: { component: c, depends_on: [b] } }
  again:
    type: loop
    times: 3
    depends_on: [race]
    retry_policy: { max_retries: 2, initial_delay: 1 }
    do: { step: { component: c } }
  last: { component: c, depends_on: [orders, again, book] }
)";

// Reports and timers in an order that depends on the seed.
void drive(Driver& run, unsigned seed) {
  auto pick = [&seed](std::size_t count) {
    seed = seed * 1664525u + 1013904223u;
    return (seed >> 8) % count;
  };
  for (int i = 0; i < 400 && !run.has_ended(); ++i) {
    execution::Owed owed = run.owed();
    if (!owed.wakes.empty() && (owed.dispatches.empty() || pick(3) == 0)) {
      const execution::Wake& wake = owed.wakes[pick(owed.wakes.size())];
      run.decide(
          execution::TimerFired{.kind = wake.kind, .task = wake.task, .attempt = wake.attempt});
    } else {
      ASSERT_FALSE(owed.dispatches.empty());
      const execution::Dispatch& one = owed.dispatches[pick(owed.dispatches.size())];
      execution::Report report{.task = one.task, .attempt = one.attempt, .outcome = {}};
      report.outcome = execution::AttemptSucceeded{.output = share(i)};
      if (pick(5) == 0) {
        report.outcome = execution::AttemptErrored{
            .error = make_error(pick(2) == 0 ? "soft" : "hard", "no"), .retryable = true};
      }
      run.decide(std::move(report));
    }
    ASSERT_EQ(text_of(run.view()), text_of(run.expected())) << "step " << i;
  }
}

TEST(RunTree, told_event_by_event_it_shows_what_the_state_is) {
  std::size_t events = 0;
  for (unsigned seed = 1; seed <= 60; ++seed) {
    Driver run(everything);
    drive(run, seed);
    ASSERT_FALSE(testing::Test::HasFatalFailure()) << "seed " << seed;
    EXPECT_TRUE(run.has_ended()) << "seed " << seed;
    events += run.events();
  }
  EXPECT_GT(events, 3000u);
}

TEST(RunTree, of_many_open_items_few_are_shown) {
  Driver run(R"(
name: many
tasks:
  all:
    type: map
    items: "${[1, 2, 3, 4, 5, 6, 7, 8, 9, 10]}"
    do: { work: { component: c } }
)");
  RunView view = run.view();
  ASSERT_EQ(view.tasks.size(), 1 + RunTree::items_shown_max);
  EXPECT_EQ(view.tasks[0].not_shown, 10 - RunTree::items_shown_max);
  EXPECT_EQ(view.tasks[0].scopes->total, 10u);
  EXPECT_EQ(view.tasks[1].label, "[0]/work");
  EXPECT_EQ(view.counts.running, 11u);
}

constexpr std::string_view asking = R"(
name: asking
tasks:
  work: { component: c }
  check: { type: approval, title: "Go on?" }
  pay: { type: event, event: paid, timeout: %s, depends_on: [check] }
)";

std::string asking_with(const std::string& timeout) {
  std::string text(asking);
  return text.replace(text.find("%s"), 2, timeout);
}

TEST(RunTree, what_waits_for_somebody_is_told_and_whether_anything_else_will_happen) {
  Driver run(asking_with("60"));
  auto asked = run.tree().asked();
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].path, "check");
  EXPECT_EQ(get_string(asked[0].asked->get_object(), "title"), "Go on?");
  EXPECT_FALSE(run.tree().only_waits_for_somebody()) << "work runs";
  auto work = run.owed().dispatches.front();
  run.decide(execution::Report{.task = work.task,
                               .attempt = work.attempt,
                               .outcome = execution::AttemptSucceeded{.output = share(1)}});
  EXPECT_TRUE(run.tree().only_waits_for_somebody());
  execution::DecideApproval yes;
  yes.task = asked[0].ref;
  yes.asked_seq = asked[0].asked_seq;
  yes.approved = true;
  run.decide(yes);
  asked = run.tree().asked();
  ASSERT_EQ(asked.size(), 1u);
  EXPECT_EQ(asked[0].path, "pay");
  EXPECT_FALSE(run.tree().only_waits_for_somebody()) << "it times out";
}

}  // namespace
}  // namespace harmonia::server
