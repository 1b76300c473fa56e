#include "tasks/testing/registry_fixture.h"
#include "tasks/testing/web_site.h"

// The circuit breaker as tasks of component http meet it.
namespace harmonia::tasks {
namespace {

using namespace std::chrono_literals;
using testing::assignment;
using testing::eventually;
using testing::json;
using testing::RegistryFixture;
using testing::Reported;
using testing::WebSite;

class HttpCircuit : public RegistryFixture {
 protected:
  HttpCircuit() {
    options.http.allow_private_addresses = true;
    options.http.circuit.failures_min = 3;
    options.http.circuit.pause_first = 60s;
  }

  engine::Assignment asking(std::string_view more = "{}") {
    Json input = json(more);
    input.get_object()["url"] = json_view(site.url("/"));
    return assignment("http", "request", std::move(input));
  }
  Reported ask(std::string_view more = "{}") { return run(asking(more)); }
  void fail_often() {
    site.answers(500, "");
    for (int i = 0; i < 3; ++i) ASSERT_EQ(ask().error.code, "http_500");
  }

  void cancel_three(std::string_view input, std::chrono::milliseconds after) {
    site.keeps_silent();
    std::vector<engine::AttemptKey> keys;
    for (int i = 0; i < 3; ++i) keys.push_back(dispatch(asking(input)));
    auto begin = std::chrono::steady_clock::now();
    ASSERT_TRUE(eventually([&] { return site.kept_count() == 3; }));
    std::this_thread::sleep_until(begin + after);
    for (const auto& key : keys) registry->cancel(key);
    site.let_go();
    site.answers(200, "");
    // Whatever it gives: the client deals with cancels before it sends anything else.
    ask();
  }

  WebSite site;
};

TEST_F(HttpCircuit, a_host_that_keeps_failing_is_not_called_any_more) {
  fail_often();
  auto refused = ask();
  EXPECT_EQ(refused.error.code, "circuit_open");
  EXPECT_TRUE(refused.retryable);
  ASSERT_TRUE(refused.error.retry_after.has_value());
  EXPECT_GT(*refused.error.retry_after, 30s);
  EXPECT_LE(*refused.error.retry_after, 60s);
  EXPECT_NE(refused.error.detail.find(site.url("").substr(7)), std::string::npos)
      << refused.error.detail;
  EXPECT_EQ(site.requests().size(), 3U);
}

TEST_F(HttpCircuit, after_the_pause_one_call_goes_and_its_success_lets_all_go) {
  options.http.circuit.pause_first = 300ms;
  fail_often();
  std::this_thread::sleep_for(310ms);
  site.keeps_silent();
  auto trial = dispatch(asking());
  ASSERT_TRUE(eventually([&] { return site.kept_count() == 1; }));
  EXPECT_EQ(ask().error.code, "circuit_open");
  site.let_go();
  EXPECT_TRUE(engine.wait_for(trial).ok);
  site.answers(200, "");
  EXPECT_TRUE(ask().ok);
  EXPECT_TRUE(ask().ok);
}

TEST_F(HttpCircuit, a_host_that_can_not_be_reached_fails) {
  std::string_view input = R"({"url": "http://127.0.0.1:1/"})";
  for (int i = 0; i < 3; ++i) EXPECT_EQ(run("http", "request", input).error.code, "connection");
  EXPECT_EQ(run("http", "request", input).error.code, "circuit_open");
  EXPECT_TRUE(ask().ok);
}

TEST_F(HttpCircuit, a_host_that_does_not_answer_in_time_fails) {
  site.keeps_silent();
  for (int i = 0; i < 3; ++i) EXPECT_EQ(ask(R"({"timeout": 0.05})").error.code, "timeout");
  EXPECT_EQ(ask(R"({"timeout": 0.05})").error.code, "circuit_open");
  site.let_go();
}

// The engine's own timer cancels an attempt at its deadline, when the request's would have ended.
TEST_F(HttpCircuit, a_cancel_when_the_time_is_over_is_a_failure) {
  cancel_three(R"({"timeout": 1})", 990ms);
  EXPECT_EQ(ask().error.code, "circuit_open");
}

TEST_F(HttpCircuit, a_cancel_before_the_time_is_over_is_none) {
  cancel_three(R"({"timeout": 60})", 0ms);
  EXPECT_TRUE(ask().ok);
}

TEST_F(HttpCircuit, answers_that_blame_the_caller_are_no_failures_of_the_host) {
  site.answers(429, "");
  for (int i = 0; i < 6; ++i) EXPECT_EQ(ask().error.code, "http_429");
  site.answers(404, "");
  for (int i = 0; i < 6; ++i) EXPECT_EQ(ask().error.code, "http_404");
}

TEST_F(HttpCircuit, an_expected_status_is_no_failure) {
  site.answers(503, "");
  for (int i = 0; i < 6; ++i) EXPECT_TRUE(ask(R"({"expect": [200, 503]})").ok);
}

TEST_F(HttpCircuit, a_task_may_opt_out_of_being_refused_and_of_being_counted) {
  site.answers(500, "");
  for (int i = 0; i < 6; ++i) {
    EXPECT_EQ(ask(R"({"circuit_breaker": false})").error.code, "http_500");
  }
  fail_often();
  EXPECT_EQ(ask().error.code, "circuit_open");
  EXPECT_EQ(ask(R"({"circuit_breaker": false})").error.code, "http_500");
  EXPECT_EQ(ask(R"({"circuit_breaker": "no"})").error.code, "invalid_argument");
}

TEST_F(HttpCircuit, many_failures_at_once_all_end) {
  site.answers(500, "");
  for (int i = 0; i < 300; ++i) dispatch(asking());
  EXPECT_TRUE(engine.wait_for_count(300));
  EXPECT_EQ(ask().error.code, "circuit_open");
}

}  // namespace
}  // namespace harmonia::tasks
