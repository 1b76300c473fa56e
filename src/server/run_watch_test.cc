#include "server/run_watch.h"

#include <gtest/gtest.h>

#include "execution/decide.h"
#include "workflow/parse.h"

namespace harmonia::server {
namespace {

constexpr std::string_view text = R"(
name: pair
tasks:
  first: { type: set, values: { a: 1 } }
  second: { type: set, depends_on: [first], values: { b: 2 } }
)";

// A run that was decided as a whole by its start.
struct Decided {
  workflow::SharedDefinition definition = workflow::parse_definition(text).definition;
  execution::Decision decision;

  Decided() {
    execution::Start start;
    start.execution.uuid.bytes[0] = 1;
    start.input = start.context = start.env = share(JsonObject{});
    decision = execution::decide(*definition, {}, {.now = from_micros(1), .body = start});
    decision.state.id = start.execution;
  }
  engine::Announcement announce(std::size_t from, std::size_t to) const {
    return {.execution = decision.state.id,
            .definition = *definition,
            .state = decision.state,
            .events = std::span(decision.events).subspan(from, to - from)};
  }
};

TEST(RunWatch, a_run_has_ended_with_its_last_event_and_not_before) {
  Decided run;
  ASSERT_GE(run.decision.events.size(), 3u);
  RunWatch watch;
  // The state of an announcement may be ahead of its events.
  watch.announce(run.announce(0, 2));
  EXPECT_FALSE(watch.has_ended(run.decision.state.id));
  watch.announce(run.announce(2, run.decision.events.size()));
  EXPECT_TRUE(watch.has_ended(run.decision.state.id));
}

TEST(RunWatch, every_event_is_a_line_once) {
  Decided run;
  RunWatch watch;
  watch.announce(run.announce(0, run.decision.events.size()));
  std::vector<std::string> lines;
  for (const RunLine& line : watch.take_lines()) lines.push_back(line.text);
  EXPECT_EQ(lines, (std::vector<std::string>{"run of pair started", "first: completed",
                                             "second: completed", "run completed"}));
  EXPECT_TRUE(watch.take_lines().empty());
}

TEST(RunWatch, an_adopted_run_is_shown_before_anything_happens) {
  Decided run;
  RunWatch watch;
  EXPECT_FALSE(watch.find(run.decision.state.id));
  watch.adopt(*run.definition, run.decision.state);
  auto view = watch.find(run.decision.state.id);
  ASSERT_TRUE(view);
  EXPECT_EQ(view->workflow_name, "pair");
  EXPECT_EQ(view->tasks.size(), 2u);
  EXPECT_TRUE(watch.has_ended(run.decision.state.id));
}

}  // namespace
}  // namespace harmonia::server
