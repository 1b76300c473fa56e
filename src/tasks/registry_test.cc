#include "tasks/registry.h"

#include "tasks/testing/registry_fixture.h"
#include "workflow/parse.h"

namespace harmonia::tasks {
namespace {

using namespace std::chrono_literals;
using testing::assignment;
using testing::eventually;
using testing::json;
using testing::RegistryFixture;

// What a test sees of a runner that does nothing by itself. Outlives the runner.
struct Hand {
  std::mutex mutex;
  std::vector<Work> works;
  std::vector<Finish> finishes;
  std::vector<engine::AttemptKey> canceled;
  bool reports_liveness = false;
};

class HandRunner final : public Runner {
 public:
  explicit HandRunner(Hand& hand) : hand_(hand) {}
  std::string_view component() const override { return "hand"; }
  std::vector<ActionInfo> actions() const override {
    Json schema = json(R"({"type": "object", "properties": {"n": {"type": "integer"}}})");
    return {{.name = "lift", .description = "Lifts", .input_schema = schema},
            {.name = "lower", .description = "Lowers", .input_schema = schema}};
  }
  void start(Work work, Finish finish) override {
    const std::lock_guard lock(hand_.mutex);
    hand_.works.push_back(std::move(work));
    hand_.finishes.push_back(std::move(finish));
  }
  void cancel(const engine::AttemptKey& key) override {
    const std::lock_guard lock(hand_.mutex);
    hand_.canceled.push_back(key);
  }
  bool reports_liveness() const override { return hand_.reports_liveness; }

 private:
  Hand& hand_;
};

class RegistryTest : public RegistryFixture {
 protected:
  RegistryTest() { extra.push_back(std::make_unique<HandRunner>(hand)); }
  engine::AttemptKey lift(std::string_view input = "{}") {
    return dispatch(assignment("hand", "lift", json(input)));
  }
  Hand hand;
};

TEST_F(RegistryTest, work_carries_what_the_assignment_says) {
  auto assigned = assignment("hand", "lift", json(R"({"n": 1})"));
  assigned.deadline = from_micros(7);
  auto key = dispatch(assigned);
  ASSERT_EQ(hand.works.size(), 1U);
  const Work& work = hand.works[0];
  EXPECT_EQ(work.key, key);
  EXPECT_EQ(work.action, "lift");
  EXPECT_EQ(to_text(work.input), R"({"n":1})");
  EXPECT_EQ(work.task_path, assigned.task_path);
  EXPECT_EQ(work.workflow_name, "shop");
  EXPECT_EQ(work.deadline, assigned.deadline);
}

TEST_F(RegistryTest, an_outcome_is_reported_exactly_once) {
  auto key = lift();
  hand.finishes[0](Outcome::success(json(R"({"a": 1})")));
  hand.finishes[0](Outcome::failure(make_error("late", "a second word")));
  ASSERT_EQ(engine.reports(key).size(), 1U);
  EXPECT_EQ(to_text(engine.reports(key)[0].output), R"({"a":1})");
}

TEST_F(RegistryTest, a_failure_is_reported_with_its_code_and_retryability) {
  Error error = make_error("broken", "it broke");
  error.retry_after = 3s;
  auto key = lift();
  hand.finishes[0](Outcome::failure(error, false));
  auto reported = engine.wait_for(key);
  EXPECT_FALSE(reported.ok);
  EXPECT_EQ(reported.error, error);
  EXPECT_EQ(reported.error.retry_after, error.retry_after);
  EXPECT_FALSE(reported.retryable);
}

TEST_F(RegistryTest, the_same_attempt_is_handed_out_once) {
  auto assigned = assignment("hand", "lift", json("{}"));
  dispatch(assigned);
  dispatch(assigned);
  EXPECT_EQ(hand.works.size(), 1U);
}

TEST_F(RegistryTest, a_cancel_reaches_the_runner_and_the_late_finish_is_dropped) {
  auto key = lift();
  registry->cancel(key);
  EXPECT_EQ(hand.canceled, std::vector{key});
  hand.finishes[0](Outcome::success(Json()));
  EXPECT_EQ(engine.report_count(), 0U);
}

TEST_F(RegistryTest, a_cancel_of_what_is_over_or_unknown_does_nothing) {
  auto key = lift();
  hand.finishes[0](Outcome::success(Json()));
  registry->cancel(key);
  registry->cancel(assignment("hand", "lift", json("{}")).key);
  EXPECT_TRUE(hand.canceled.empty());
}

TEST_F(RegistryTest, stop_cancels_everything_and_reports_nothing) {
  auto key = lift();
  auto finish = hand.finishes[0];
  registry->stop();
  registry->stop();
  EXPECT_EQ(hand.canceled, std::vector{key});
  finish(Outcome::success(Json()));
  registry->dispatch(assignment("noop", "", json("{}")));
  registry->cancel(key);
  EXPECT_EQ(engine.report_count(), 0U);
}

TEST_F(RegistryTest, an_unknown_component_names_the_nearest_and_all_others) {
  auto reported = run("htpp", "request", "{}");
  EXPECT_EQ(reported.error.code, "unknown_component");
  EXPECT_FALSE(reported.retryable);
  EXPECT_EQ(reported.error.detail,
            "there is no component 'htpp'; did you mean 'http' "
            "(known: hand, http, log, noop, script, transform)");
}

TEST_F(RegistryTest, an_unknown_action_names_those_there_are) {
  auto reported = run("hand", "lfit", "{}");
  EXPECT_EQ(reported.error.code, "invalid_argument");
  EXPECT_FALSE(reported.retryable);
  EXPECT_NE(reported.error.detail.find("lift, lower"), std::string::npos) << reported.error.detail;
  EXPECT_NE(run("hand", "", "{}").error.detail.find("names no action"), std::string::npos);
}

TEST_F(RegistryTest, a_missing_action_is_the_only_one_there_is) {
  EXPECT_TRUE(run("log", "", R"({"message": "hello"})").ok);
}

TEST_F(RegistryTest, input_that_is_no_object_is_refused) {
  auto reported = run("hand", "lift", "[1]");
  EXPECT_EQ(reported.error.code, "invalid_argument");
  EXPECT_NE(reported.error.detail.find("must be an object, but is [1]"), std::string::npos);
  EXPECT_TRUE(hand.works.empty());
}

TEST_F(RegistryTest, no_input_is_an_empty_object) {
  dispatch(assignment("hand", "lift", Json()));
  ASSERT_EQ(hand.works.size(), 1U);
  EXPECT_EQ(to_text(hand.works[0].input), "{}");
}

TEST_F(RegistryTest, input_that_fails_the_schema_is_refused_with_the_field) {
  auto reported = run("hand", "lift", R"({"n": "x"})");
  EXPECT_EQ(reported.error.code, "invalid_argument");
  EXPECT_FALSE(reported.retryable);
  ASSERT_EQ(reported.error.problems.size(), 1U);
  EXPECT_EQ(reported.error.problems[0].pointer, "/n");
  EXPECT_TRUE(reported.error.detail.starts_with("input.n: ")) << reported.error.detail;
}

TEST_F(RegistryTest, a_runner_gets_the_values_of_secrets) {
  options.secrets = {{"TOKEN", "s3cr3t-value"}};
  lift(R"({"a": "Bearer ${secret.TOKEN}", "b": ["${secret.TOKEN}${secret.TOKEN}"]})");
  ASSERT_EQ(hand.works.size(), 1U);
  EXPECT_EQ(to_text(hand.works[0].input),
            R"({"a":"Bearer s3cr3t-value","b":["s3cr3t-values3cr3t-value"]})");
}

TEST_F(RegistryTest, text_that_names_a_secret_the_definition_does_not_name_stays_text) {
  options.secrets = {{"TOKEN", "s3cr3t-value"}};
  auto assigned = assignment("hand", "lift", json(R"({"a": "${secret.TOKEN}"})"));
  assigned.secrets = {{.pointer = "/b", .name = "TOKEN"}};
  dispatch(assigned);
  ASSERT_EQ(hand.works.size(), 1U);
  EXPECT_EQ(to_text(hand.works[0].input), R"({"a":"${secret.TOKEN}"})");
}

TEST_F(RegistryTest, an_unknown_secret_is_a_failure_that_no_repeat_mends) {
  auto reported = run("hand", "lift", R"({"a": ["x", "${secret.NOPE}"]})");
  EXPECT_EQ(reported.error.code, "secret_not_found");
  EXPECT_EQ(reported.error.instance, "/a/1");
  EXPECT_NE(reported.error.detail.find("'NOPE'"), std::string::npos);
  EXPECT_FALSE(reported.retryable);
}

TEST_F(RegistryTest, values_of_secrets_are_in_no_error_and_no_output) {
  options.secrets = {{"TOKEN", "s3cr3t/value"}};
  auto failed = lift(R"({"a": "${secret.TOKEN}"})");
  auto finished = lift(R"({"a": "${secret.TOKEN}"})");
  Error error = make_error("broken", "s3cr3t/value at ?k=s3cr3t%2Fvalue");
  error.problems.push_back({.message = "not s3cr3t/value"});
  hand.finishes[0](Outcome::failure(error));
  hand.finishes[1](Outcome::success(json(R"({"echo": ["<s3cr3t/value>"]})")));
  EXPECT_EQ(engine.wait_for(failed).error.detail, "[secret TOKEN] at ?k=[secret TOKEN]");
  EXPECT_EQ(engine.wait_for(failed).error.problems[0].message, "not [secret TOKEN]");
  EXPECT_EQ(to_text(engine.wait_for(finished).output), R"({"echo":["<[secret TOKEN]>"]})");
}

TEST_F(RegistryTest, runners_that_repeat_their_input_see_no_values) {
  options.secrets = {{"TOKEN", "s3cr3t"}};
  auto reported = run("noop", "any", R"({"a": "${secret.TOKEN}"})");
  EXPECT_EQ(to_text(reported.output), R"({"a":"${secret.TOKEN}"})");
}

TEST_F(RegistryTest, heartbeats_of_a_runner_reach_the_engine) {
  auto key = lift();
  hand.works[0].heartbeat();
  EXPECT_EQ(engine.heartbeats(key), 1);
}

TEST_F(RegistryTest, an_attempt_in_hand_is_kept_alive_until_it_ends) {
  auto assigned = assignment("hand", "lift", json("{}"));
  assigned.heartbeat_timeout = 60ms;
  auto key = dispatch(assigned);
  EXPECT_TRUE(eventually([&] { return engine.heartbeats(key) >= 3; }));
  hand.finishes[0](Outcome::success(Json()));
  std::this_thread::sleep_for(50ms);
  int beaten = engine.heartbeats(key);
  std::this_thread::sleep_for(100ms);
  EXPECT_EQ(engine.heartbeats(key), beaten);
}

TEST_F(RegistryTest, a_runner_that_reports_liveness_itself_is_not_spoken_for) {
  hand.reports_liveness = true;
  auto assigned = assignment("hand", "lift", json("{}"));
  assigned.heartbeat_timeout = 30ms;
  auto key = dispatch(assigned);
  std::this_thread::sleep_for(100ms);
  EXPECT_EQ(engine.heartbeats(key), 0);
}

TEST_F(RegistryTest, components_are_listed_with_actions_and_schemas) {
  connect();
  std::vector<std::string> names;
  for (const auto& info : registry->components()) {
    names.push_back(info.name);
    EXPECT_FALSE(info.actions.empty());
    for (const auto& action : info.actions) EXPECT_FALSE(action.description.empty());
  }
  EXPECT_EQ(names,
            (std::vector<std::string>{"hand", "http", "log", "noop", "script", "transform"}));
}

TEST_F(RegistryTest, many_finishes_from_many_threads_report_each_attempt_once) {
  constexpr std::size_t count = 200;
  for (std::size_t i = 0; i < count; ++i) lift();
  auto finish_all = [this] {
    for (const Finish& finish : hand.finishes) finish(Outcome::success(Json()));
  };
  auto cancel_some = [this] {
    for (std::size_t i = 0; i < count; i += 2) registry->cancel(hand.works[i].key);
  };
  std::thread first(finish_all);
  std::thread second(finish_all);
  std::thread third(cancel_some);
  first.join();
  second.join();
  third.join();
  EXPECT_GE(engine.report_count(), count / 2);
  for (const Work& work : hand.works) EXPECT_LE(engine.reports(work.key).size(), 1U);
}

TEST_F(RegistryTest, definitions_are_checked_against_its_components) {
  connect();
  auto actions = registry->action_types();
  auto problems_of = [&](std::string_view task) {
    auto outcome = workflow::parse_definition("name: x\ntasks: {t: " + std::string(task) + "}",
                                              workflow::Format::yaml, {}, {.actions = &actions});
    std::string text;
    for (const Problem& problem : outcome.problems) text += problem.message + "\n";
    return text;
  };
  EXPECT_EQ(problems_of("{component: log, input: {message: '${input.x}'}}"), "");
  EXPECT_EQ(problems_of("{component: http, input: {url: 'https://a.example', timeout: 3}}"), "");
  EXPECT_EQ(problems_of("{component: noop, action: any, input: {a: 1}}"), "");
  EXPECT_EQ(problems_of("{component: http, input: {uri: '${input.x}', url: x}}"),
            "in the input: there is no field 'uri' here (http.request)\n");
  EXPECT_EQ(problems_of("{component: script, output: '${result.code}'}"),
            "in the expression: result has no member 'code'\n");
  EXPECT_NE(problems_of("{component: transform, input: {value: '${secret.KEY}'}}").find("secrets"),
            std::string::npos);
}

}  // namespace
}  // namespace harmonia::tasks
