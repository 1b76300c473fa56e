#include <gtest/gtest.h>

#include "execution/decide.h"
#include "workflow/parse.h"

namespace harmonia::execution {
namespace {

TEST(DecideSignal, what_nobody_takes_is_kept_up_to_a_bound) {
  auto outcome = workflow::parse_definition("name: w\ntasks: { a: { type: wait, duration: 60 } }");
  ASSERT_TRUE(outcome.ok());
  const workflow::Definition& definition = *outcome.definition;
  SharedJson empty = share(JsonObject{});
  Start start{.execution = {}, .workflow = {}, .input = empty, .context = empty, .env = empty};
  Decision decision = decide(definition, State(), {.now = {}, .body = start});
  ASSERT_FALSE(decision.refusal);
  auto send = [&] {
    Signal signal{.id = {}, .name = "n", .correlation = {}, .payload = empty};
    decision = decide(definition, std::move(decision.state), {.now = {}, .body = signal});
  };
  for (int i = 0; i < 10'000; ++i) {
    send();
    ASSERT_FALSE(decision.refusal) << i;
  }
  send();
  ASSERT_TRUE(decision.refusal);
  EXPECT_EQ(decision.refusal->code, error_code::overloaded);
  EXPECT_EQ(decision.refusal->detail, "the execution keeps 10000 signals that no task has taken");
  EXPECT_EQ(decision.state.signals.size(), 10'000u);
}

}  // namespace
}  // namespace harmonia::execution
